"""Settings audited: they follow from events, or from the log, as projections do."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import N_
from engine.facts import to_moment
from engine.judging import AT_ONCE
from engine.ports import Reader
from engine.replay import Break
from workflows import office
from workflows.running.catch_up import HOLDS
from workflows.running.desk import CALENDAR
from workflows.running.hindsight import adopted
from workflows.running.sealing import HASH

_DIFFERS = N_("a setting is not what the events say")


def audit_settings(reader: Reader) -> Iterator[Break]:
    """Yield every setting that is not what events, or the log, give."""
    events = reader.history(office.KEY) if reader.find(office.KEY) else ()
    if events:
        calendars = adopted(events)
        wanted = str(calendars[-1].data["edition"]) if calendars else ""
        yield from _compared(reader, CALENDAR, wanted)
        if office.TRIAL in events[0].data:  # not kept in a database from before
            wanted = office.YES if events[0].data[office.TRIAL] else ""
            yield from _compared(reader, office.TRIAL, wanted)
    checkpoints = reader.checkpoints()
    if checkpoints and reader.setting(HASH):
        yield from _compared(reader, HASH, checkpoints[0].hashing)
    for cycle in reader.cycles():
        held = reader.setting(f"{HOLDS}{cycle.key}")
        if held and to_moment(held) > reader.now + AT_ONCE:
            problem = N_("what is told of it is held back until a moment still to come")
            yield _broken(cycle.key, problem, f"{HOLDS}: {held}")


def _compared(reader: Reader, name: str, wanted: str) -> Iterator[Break]:
    found = reader.setting(name)
    if found != wanted:
        yield _broken(office.KEY, _DIFFERS, f"{name}: {found or '-'}", wanted or "-")


def _broken(key: str, problem: str, found: str, expected: str = "") -> Break:
    return Break(
        instance=key,
        sequence=0,
        code="setting",
        problem=problem,
        found=found,
        expected=expected,
    )
