"""Where the parts of a plan stand in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.plan.diagnostics import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Places:
    """The place of each id, by the noun that it names."""

    by_name: Mapping[tuple[str, str], Place] = field(default_factory=dict)

    def of(self, noun: str, name: str) -> Place:
        """Return where the ``noun`` called ``name`` stands, or nowhere."""
        return self.by_name.get((noun, name), NOWHERE)
