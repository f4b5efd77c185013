"""What is wrong with a plan, as data: a stable code, a place, a template and its values.

Codes P1xx tell of the form of the file, P2xx of what it means, P3xx of
whether it can be carried out. The message is a template and its values, as
in `engine.errors`, so that the edges print it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from workflows.plan.codes import CODES, Severity

__all__ = ["CODES", "NOWHERE", "Diagnostic", "Notes", "Place", "Severity", "TooManyErrors", "brief"]

LONGEST_QUOTE = 60
"""Characters of the plan that a message repeats."""

NOTHING_NEAR = ("—",)
"""What may have been meant, where there is nothing of the kind."""

MOST_ERRORS = 200
"""Errors after which the reading stops: whoever mends these reads again."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in the plan file; both count from 1, 0 is unknown."""

    line: int = 0
    column: int = 0


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong, or that somebody should look at."""

    code: str
    severity: Severity
    line: int
    column: int
    template: str
    values: Mapping[str, Any]

    @property
    def message(self) -> str:
        """Return the sentence in English: what was found, why it will not do, what to do."""
        shown = {
            name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
            for name, value in self.values.items()
        }
        return self.template.format(**shown)

    @property
    def nothing_near(self) -> bool:
        """Return whether nothing can be offered that may have been meant."""
        return self.values.get("known") == NOTHING_NEAR

    @classmethod
    def at(cls, place: Place, code: str, **values: Any) -> Diagnostic:
        """Return the diagnostic of ``code`` at ``place``."""
        kind = CODES[code]
        return cls(code, kind.severity, place.line, place.column, kind.template, values)

    @classmethod
    def of_error(cls, place: Place, code: str, error: EngineError) -> Diagnostic:
        """Return ``error`` as a diagnostic of ``code``, in the error's own words."""
        return cls.worded(place, code, error.template, error.values)

    @classmethod
    def worded(
        cls, place: Place, code: str, template: str, values: Mapping[str, Any]
    ) -> Diagnostic:
        """Return the diagnostic of ``code`` in words from elsewhere."""
        return cls(code, CODES[code].severity, place.line, place.column, template, values)


class TooManyErrors(Exception):
    """Raised inside a reading, never out of it: there is no point in going on."""


class Notes:
    """Collects diagnostics while a plan is read."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._errors = 0

    def add(self, code: str, place: Place, **values: Any) -> None:
        """Note one diagnostic.

        Raises:
            TooManyErrors: there are `MOST_ERRORS` now.

        """
        self.note(Diagnostic.at(place, code, **values))

    def note(self, diagnostic: Diagnostic) -> None:
        """Note one diagnostic that is made already.

        Raises:
            TooManyErrors: there are `MOST_ERRORS` now.

        """
        self._found.append(diagnostic)
        if diagnostic.severity is Severity.ERROR:
            self._errors += 1
            if self._errors == MOST_ERRORS:
                place = Place(diagnostic.line, diagnostic.column)
                self._found.append(Diagnostic.at(place, "P119", count=MOST_ERRORS))
                raise TooManyErrors

    @property
    def failed(self) -> bool:
        """Return whether an error was noted."""
        return self._errors > 0

    def all(self) -> tuple[Diagnostic, ...]:
        """Return what was noted, in the order of the file."""
        return in_order(self._found)


def in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics in the order of the file; that there are more comes last."""
    return tuple(sorted(found, key=lambda d: (d.code == "P119", d.line, d.column, d.code)))


def brief(text: str) -> str:
    r"""Return ``text`` as a message repeats it: one line, not too long.

    >>> brief("one\ntwo")
    'one two'
    """
    line = " ".join(text[: 4 * LONGEST_QUOTE].split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"
