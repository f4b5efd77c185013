"""The fast fold accepts a history exactly when the careful walk finds nothing wrong with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definition import FORCE
from engine.events import Event, Instance, Kind
from engine.footprint import fold, footprint
from engine.machine import Machine
from engine.replay import walk
from workflows.target import TARGET

MACHINE = Machine(TARGET)
OTHER = Machine(replace(TARGET, final=(*TARGET.final, TARGET.initial)))
"""Another edition of it, to which an amendment may move a target."""
START = datetime(2024, 7, 1, tzinfo=UTC)
KEY = "c/T-1"


def machines(edition: str) -> Machine:
    return OTHER if edition == OTHER.workflow.edition else MACHINE


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw a lawful history of a target: moves, records, lamps, changes of owner."""
    opening = {
        "workflow": "target",
        "machine": TARGET.edition,
        "state": TARGET.initial,
        "owner": "planning",
        "origin": "",
        "set": {"title": "t"},
    }
    events = [_event(1, Kind.OPENED, START, data=opening)]
    state, moment, machine = TARGET.initial, START, MACHINE
    for number in range(2, draw(st.integers(1, 9)) + 1):
        moment += timedelta(hours=draw(st.integers(0, 30)))
        what = draw(st.sampled_from(["move", "record", "lamp", "owner", "edition"]))
        if what == "move":
            edge = draw(st.sampled_from(machine.leaving(state)))
            data: dict[str, Any] = {"unset": list(edge.clears)} if edge.clears else {}
            move = _event(number, Kind.MOVED, moment, data=data)
            events.append(
                replace(
                    move,
                    edition=machine.workflow.edition,
                    trigger=edge.trigger,
                    source=edge.source,
                    target=edge.target,
                )
            )
            state = edge.target
        elif what == "edition":
            left, machine = machine, OTHER if machine is MACHINE else MACHINE
            state = draw(st.sampled_from(TARGET.states))
            amended = {
                "machine": machine.workflow.edition,
                "from": left.workflow.edition,
                "state": state,
            }
            events.append(_event(number, Kind.AMENDED, moment, data=amended))
        else:
            changes: dict[str, dict[str, Any]] = {
                "record": {"set": {"self_report": "x", "n": draw(st.integers(0, 3))}},
                "lamp": {"lamp": draw(st.sampled_from(["", "红", "黄"]))},
                "owner": {"owner": draw(st.sampled_from(["a", "b"]))},
            }
            kind = {"record": Kind.RECORDED, "lamp": Kind.LAMP, "owner": Kind.ASSIGNED}[what]
            events.append(_event(number, kind, moment, data=changes[what]))
    return events


def _event(number: int, kind: Kind, moment: datetime, data: dict[str, Any]) -> Event:
    return Event(
        instance=KEY,
        sequence=number,
        kind=kind,
        actor="ann",
        occurred_at=moment,
        recorded_at=moment,
        data=data,
    )


@st.composite
def spoilt(draw: st.DrawFn) -> list[Event]:
    """Draw a history in which something may have been altered, dropped or swapped."""
    events = draw(histories())
    where = draw(st.integers(0, len(events) - 1))
    ways = ["none", "drop", "source", "target", "trigger", "edition", "date", "from", "state"]
    how = draw(st.sampled_from(ways))
    changes: dict[str, dict[str, Any]] = {
        "none": {},
        "source": {"source": "published"},
        "target": {"target": "evaluated"},
        "trigger": {"trigger": f"{FORCE}:rectified"},
        "edition": {"edition": "target@0"},
        "date": {"occurred_at": START - timedelta(days=1)},
    }
    if how in ("from", "state"):
        if events[where].kind is Kind.AMENDED:
            data = {**events[where].data, how: "nowhere"}
            events[where] = replace(events[where], data=data)
        return events
    if how == "drop":
        return events[:where] + events[where + 1 :]
    if how in ("none", "date") or events[where].kind is Kind.MOVED:
        events[where] = replace(events[where], **changes[how])
    return events


def careful(events: list[Event]) -> Instance | None:
    instance = None
    for broken, after in walk(events, machines):
        if broken is not None:
            return None
        instance = after
    return instance


@settings(max_examples=400, deadline=None)
@given(spoilt())
def test_both_accept_the_same_histories_and_give_the_same_instance(events: list[Event]) -> None:
    assert fold(KEY, [footprint(e) for e in events], machines) == careful(events)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_what_was_drawn_lawfully_is_accepted(events: list[Event]) -> None:
    assert careful(events) is not None
