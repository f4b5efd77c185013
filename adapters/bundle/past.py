"""Bundles of the past: what a bundle holds as known at a moment, and what its report tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.errors import N_, Refused
from engine.events import Instance
from engine.log import Sealed
from engine.ports import Reader, Tenure
from workflows.running.past import Past, plan_then


class NothingSealedThen(Refused):
    """A bundle of a moment is proven by the checkpoint of that moment, and there was none."""

    code = "nothing-sealed-then"
    template = N_(
        "Nothing was sealed by {known_at}, so nothing would prove a bundle as known then. "
        "The first checkpoint: duban checkpoint --list"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What was known at a moment: what is in a bundle, and nothing that came later."""

    known_at: datetime
    sealed: Sealed
    """The last checkpoint by then; what it covers was known."""
    plan: str
    """The edition of the plan that was in force."""
    tenures: Sequence[Tenure]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBundle:
    """As of when a bundle is: what it holds, and what its report tells."""

    as_of: datetime
    """What the report tells is what had taken effect by then."""
    standing: Sequence[Instance]
    """How everything stood."""
    cut: Cut | None = None
    """Nothing where all counts that is recorded today."""


def past_bundle(reader: Reader, key: str, past: Past, *, known: bool) -> PastBundle:
    """Return as of when a bundle is: of ``past``, and ``known`` no further than it was then.

    Raises:
        NothingSealedThen: there was no checkpoint by the moment up to which things were known.

    """
    horizon, cut = past.horizon, None
    if known:
        sealed = [one for one in reader.checkpoints() if one.sealed_at <= horizon.known_at]
        if not sealed:
            raise NothingSealedThen(known_at=horizon.known_at)
        everything = replace(horizon, as_of=horizon.known_at)
        cut = Cut(
            known_at=horizon.known_at,
            sealed=sealed[-1],
            plan=plan_then(reader, key.partition("/")[0], everything),
            tenures=past.tenures,
        )
    return PastBundle(as_of=horizon.as_of, standing=past.instances, cut=cut)
