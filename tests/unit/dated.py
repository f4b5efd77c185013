"""Plans of a few dated steps, and calendars that change, for tests of dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.application import overrides_content
from adapters.calendars.overrides import parse_overrides
from engine.events import Event, Kind
from engine.ladder import Action, Ladder, Rung, Unit
from tests.unit.year import ADMINISTRATOR, Year, small
from workflows.deadlines.parse import parse
from workflows.plan.model import Plan, Scope, Step, Text
from workflows.running.desk import desk
from workflows.running.recalculation import Shift, adopt, preview
from workflows.running.requests import Grounds

WHY = Grounds(reason="情况说明", authority="国办发明电〔2020〕2号")

CLIMB = Ladder(
    name="climb",
    rungs=(
        Rung(offset=-4, recipients=("owner",)),
        Rung(offset=0, action=Action.LATE, lamp="红", recipients=("owner",)),
        Rung(offset=5, unit=Unit.CALENDAR_DAY, lamp="紫", recipients=("owner",)),
    ),
)
"""Four working days before, at once when late, five days after."""


def dated(name: str, due: str, *, ladder: str = "climb", **more: Any) -> Step:
    """Return a step of the cycle that nobody ever does, unless told otherwise."""
    more = {"scope": Scope.CYCLE, "records": ("minutes",), **more}
    return Step(id=name, name=Text(name), due=parse(due), due_text=due, ladder=ladder, **more)


def of_targets(name: str, due: str, *, ladder: str = "climb", **more: Any) -> Step:
    """Return a step that every target owes until it is self-assessed."""
    more = {"scope": Scope.TARGETS, "records": (), "brings": "self_assessed", **more}
    return dated(name, due, ladder=ladder, **more)


def plan_with(
    *steps: Step, year: int = 2020, ladders: Sequence[Ladder] = (CLIMB,), targets: int = 1
) -> Plan:
    """Return a plan of just these steps."""
    return replace(small(targets, year), steps=steps, ladders=tuple(ladders))


def content(text: str, name: str = "days.yaml") -> tuple[str, Mapping[str, Any]]:
    """Return edition and content of an override file."""
    overrides = parse_overrides(text, name)
    return overrides.edition, overrides_content(overrides)


def import_days(year: Year, text: str) -> Sequence[Shift]:
    """Import an override file at the present moment."""
    edition, days = content(text)
    moved = preview(year.app, edition, days)
    adopt(year.app, edition, days, ADMINISTRATOR, WHY)
    return moved


def last_days(year: Year) -> dict[str, str]:
    """Return step → the last day in time of its shared date."""
    with year.store.reading() as reader:
        return {d.step: d.last_day for d in reader.deadlines(year.key) if not d.instance}


def own_day(year: Year, step: str, name: str) -> str:
    """Return the last day of an instance's own date; empty while it has none."""
    with year.store.reading() as reader:
        found = reader.deadlines(year.key, step, instance=year.name(name))
    return found[0].last_day if found else ""


def climbed(year: Year, step: str) -> list[tuple[int, str]]:
    """Return the rungs of ``step`` that took effect: number, and the local day of the moment."""
    with year.store.reading() as reader:
        zone = desk(year.app, reader, year.key).zone
    events: list[Event] = year.history("", Kind.REMINDED, Kind.FOLDED)
    return [
        (int(e.data["rung"]), f"{e.occurred_at.astimezone(zone):%m-%d}")
        for e in events
        if e.data.get("step") == step and "rung" in e.data
    ]
