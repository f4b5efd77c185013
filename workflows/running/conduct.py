"""Conduct: how often one was reminded, chased, late, returned; counts that scoring can read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.events import Event, Instance, Kind
from engine.ports import Reader
from workflows.running.desk import Desk
from workflows.running.obligations import Standing, obligations


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """The counts of one instance over its whole history."""

    rungs: int
    """Rungs of ladders that it met, each once."""
    late: int
    """Times that it was recorded as late."""
    days_late: int
    """Working days late at present, over all that it owes."""
    slips: int
    proposals: int
    """Times that accountability was proposed (R-43)."""
    returned: int
    extended: int
    excused: int
    forced: int


def conduct(desk: Desk[Reader], instance: Instance) -> Conduct:
    """Return the counts of ``instance``, from its events and dates alone."""
    events = desk.unit.history(instance.key)
    kinds = Counter(event.kind for event in events)
    climbed = {e.timer for e in events if e.timer and e.kind in (Kind.LATE, Kind.LAMP, Kind.SLIP)}
    return Conduct(
        rungs=len(climbed),
        late=kinds[Kind.LATE],
        days_late=sum(
            o.days_late for o in obligations(desk, instance) if o.standing is Standing.LATE
        ),
        slips=kinds[Kind.SLIP],
        proposals=kinds[Kind.PROPOSED],
        returned=sum(_returns(event) for event in events),
        extended=kinds[Kind.EXTENDED],
        excused=kinds[Kind.EXCUSED],
        forced=sum(event.forced for event in events),
    )


def _returns(event: Event) -> bool:
    return event.kind is Kind.MOVED and event.trigger in ("return", "return_report", "send_back")
