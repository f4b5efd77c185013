"""What is said of the past agrees with brute force, and of the present with what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from adapters.memory.past import PastReader, PastStore
from engine.deadline import TimerState
from engine.events import Event, Kind
from engine.facts import to_text
from engine.past import Horizon
from engine.ports import Reader
from engine.verification import verify
from tests.property import past_oracle
from tests.property.test_random_lives import OneYear
from tests.unit.year import ZONE
from workflows import office
from workflows.running.desk import desk
from workflows.running.differences import differences
from workflows.running.overview import overview
from workflows.running.verifying import Dated, verify_dates

pytestmark = pytest.mark.slow

INSTANT = timedelta(microseconds=1)


class LookedBack(OneYear):
    """A year of which the past is asked again and again."""

    def every_history_leads_to_what_is_stored(self) -> None:
        """Leave it to the test of random lives."""

    def every_new_event_keeps_the_promises(self) -> None:
        """Likewise."""

    def no_notice_lacks_its_event(self) -> None:
        """Likewise."""

    @rule(data=st.data(), before=st.booleans())
    def look_back(self, data: st.DataObject, *, before: bool) -> None:
        """Look back at a moment of some event, or right before it, twice over."""
        with self.year.store.reading() as reader:
            histories = {i.key: list(events) for i, events in reader.histories()}
            everything = [e for events in histories.values() for e in events]
            moments = sorted({m for e in everything for m in (e.occurred_at, e.recorded_at)})
            as_of = data.draw(st.sampled_from(moments)) - (INSTANT if before else timedelta())
            known_at = data.draw(st.sampled_from([*moments, self.year.clock.now()]))
            store = PastStore(reader, self.year.key, Horizon(as_of, known_at))
            with store.reading() as past:
                _agrees(past, histories, self.year.key)
            earlier = Horizon(min(as_of, data.draw(st.sampled_from(moments))), known_at)
            _differ(reader, histories, self.year.key, earlier, Horizon(as_of, known_at))

    @invariant()
    def every_date_is_found_right(self) -> None:
        with self.year.store.reading() as reader:
            dated = Dated()
            assert list(verify_dates(self.year.app, reader, self.year.key, dated)) == []
            assert list(verify(reader)) == []
            assert dated.undecided == 0

    @precondition(lambda self: hasattr(self, "year"))
    @invariant()
    def the_past_up_to_now_is_the_present(self) -> None:
        now = self.year.clock.now()
        with self.year.store.reading() as reader:
            store = PastStore(reader, self.year.key, Horizon(now, now))
            with store.reading() as past:
                _is_present(past, reader, self.year.key)
                seen = overview(desk(self.year.app, past, self.year.key))
            is_so = overview(desk(self.year.app, reader, self.year.key))
        assert replace(seen, failing=()) == replace(is_so, failing=())


def _agrees(past: PastReader, histories: dict[str, list[Event]], cycle: str) -> None:
    as_of, known_at = past.horizon.as_of, past.horizon.known_at
    there = past_oracle.everything(histories, cycle, as_of, known_at)
    found = {i.key: i for i in past._within(cycle)} if past.cycles() else {}
    assert set(found) == set(there)
    for key, was in there.items():
        instance = found[key]
        assert (instance.state, instance.owner, instance.lamp) == (was.state, was.owner, was.lamp)
        assert dict(instance.facts) == was.facts
        exempt = {s: str(k) for s, k in past.exemptions(key).items() if str(k) != "own_date"}
        assert exempt == was.exempt
    if there:
        dates = past_oracle.due_dates(histories, there, as_of, known_at)
        kept = {(d.instance or cycle, d.step, d.occurrence): d for d in past.deadlines(cycle)}
        for place, due in dates.items():
            own = kept[place].due_at
            later = kept[place].event and past.event(kept[place].event)
            if later and later.kind is Kind.DEADLINE_SET:
                assert (to_text(own) if own else "") == due
    tenures = [(t.post, t.person, t.since, t.until) for t in past.tenures()]
    assert tenures == past_oracle.holders(histories[office.KEY], known_at)


def _differ(
    reader: Reader, histories: dict[str, list[Event]], cycle: str, first: Horizon, second: Horizon
) -> None:
    """What is told to have changed is what brute force finds otherwise."""
    found = {
        (d.instance, d.what, d.name if d.what == "fact" else ""): (d.before, d.after)
        for d in differences(reader, cycle, first, second, "", ZONE)
        if d.what in ("there", "state", "owner", "lamp", "fact")
    }
    one, two = (
        past_oracle.everything(histories, cycle, h.as_of, h.known_at) for h in (first, second)
    )
    wanted: dict[tuple[str, str, str], tuple[object, object]] = {}
    for key in {*one, *two}:
        was, now = one.get(key), two.get(key)
        if was is None or now is None:
            states = (was.state if was else None, now.state if now else None)
            wanted[key, "there", ""] = states
            continue
        pairs: dict[tuple[str, str], tuple[object, object]] = {
            (name, ""): (getattr(was, name), getattr(now, name))
            for name in ("state", "owner", "lamp")
        }
        for fact in {*was.facts, *now.facts}:
            pairs["fact", fact] = (was.facts.get(fact), now.facts.get(fact))
        wanted |= {(key, *name): pair for name, pair in pairs.items() if pair[0] != pair[1]}
    assert found == wanted


def _is_present(past: PastReader, reader: Reader, cycle: str) -> None:
    for stored, _ in reader.histories(cycle):
        assert past.find(stored.key) == stored
        assert past.exemptions(stored.key) == reader.exemptions(stored.key)
    assert list(past.deadlines(cycle, all_versions=True)) == list(
        reader.deadlines(cycle, all_versions=True)
    )
    assert list(past.tenures()) == list(reader.tenures())
    pending = [t.id for t in reader.timers(cycle)]
    waits = [t.id for t in past.timers(cycle, pending=False) if t.state is TimerState.PENDING]
    assert waits == pending


LookedBack.TestCase.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)
TestLookedBack = LookedBack.TestCase
