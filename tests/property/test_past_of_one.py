"""One history as it was agrees with brute force, whatever was back-dated or put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import Event, Kind
from engine.facts import to_text
from engine.past import Horizon, as_of, visible
from tests.property import past_oracle

START = datetime(2024, 7, 1, tzinfo=UTC)
HOURS = st.integers(0, 20)


def after(hours: int) -> datetime:
    return START + timedelta(hours=hours)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw a history in which everything may be back-dated, and anything put right, repeatedly."""
    born = {"workflow": "w", "machine": "w@1", "state": "a", "owner": "o", "origin": "", "set": {}}
    blank = Event(
        instance="c/T-1",
        sequence=1,
        kind=Kind.OPENED,
        actor="ann",
        occurred_at=START,
        recorded_at=START,
        position=1,
        data=born,
    )
    events = [replace(blank, occurred_at=after(draw(HOURS)))]
    recorded, corrected = 0, set()
    for position in range(2, draw(st.integers(1, 12)) + 1):
        recorded += draw(st.integers(0, 3))
        one = replace(blank, position=position, sequence=position, recorded_at=after(recorded))
        one = replace(one, occurred_at=after(min(draw(HOURS), recorded)))
        open_to = [e for e in events[1:] if e.position not in corrected and _can_be_righted(e)]
        what = draw(st.sampled_from(["move", "record", "other", "correct", "correct"]))
        if what == "move":
            events.append(replace(one, kind=Kind.MOVED, target=draw(st.sampled_from("abc"))))
        elif what == "correct" and open_to:
            wrong = draw(st.sampled_from(open_to))
            corrected.add(wrong.position)
            data = {"corrects": wrong.position, "moment": to_text(after(draw(HOURS)))}
            if "record" in wrong.data:
                data |= draw(st.sampled_from([_RIGHT, _SAYS, _VOID]))
            events.append(replace(one, kind=Kind.CORRECTED, occurred_at=after(recorded), data=data))
        elif what == "record":
            facts = {"r": draw(st.integers(0, 2)), draw(st.sampled_from(["r.x", "r.y"])): 1}
            events.append(replace(one, kind=Kind.RECORDED, data={"record": "r", "set": facts}))
        else:
            said: dict[str, Any] = draw(st.sampled_from(_OTHERS))
            events.append(replace(one, kind=Kind.LAMP, data=said))
    return events


_RIGHT: dict[str, Any] = {"record": "r", "set": {"r": 9}, "unset": ["r.x"]}
_SAYS: dict[str, Any] = {"record": "r", "set": {}, "says": {"r": 8, "r.y": 2}}
_VOID: dict[str, Any] = {"record": "r", "void": True, "unset": ["r"], "set": {"r.x": 7}}
_OTHERS: list[dict[str, Any]] = [{"lamp": "红"}, {"lamp": ""}, {"owner": "p"}, {"unset": ["r"]}]


def _can_be_righted(event: Event) -> bool:
    return event.kind is not Kind.LAMP and not event.data.get("void")


@given(events=histories(), then=HOURS, knew=HOURS)
@settings(max_examples=300)
def test_an_instance_as_it_was_agrees_with_brute_force(
    events: list[Event], then: int, knew: int
) -> None:
    horizon = Horizon(after(then), after(knew))
    found = as_of("c/T-1", events, horizon)
    wanted = past_oracle.was(events, horizon.as_of, horizon.known_at)
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert (found.state, found.owner, found.lamp) == (wanted.state, wanted.owner, wanted.lamp)
        assert dict(found.facts) == wanted.facts


@given(events=histories(), then=HOURS, knew=HOURS)
@settings(max_examples=200)
def test_a_history_shows_what_had_taken_effect_and_was_known(
    events: list[Event], then: int, knew: int
) -> None:
    known = [e for e in events if e.recorded_at <= after(knew)]
    shown = visible(events, Horizon(after(then), after(knew)))
    assert shown == [e for e in known if past_oracle.took_effect(e, known) <= after(then)]
