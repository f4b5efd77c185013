"""Promises 3, 4, 6 and 10 in every order of steps that some daemons and a person can take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

import pytest

from adapters import daemon
from engine.message import Message
from engine.ports import Notice, Notifier, Reader, Store, UnitOfWork
from tests.model.explorer import FAULTS, explore
from tests.model.protocol import GONE, Daemon, Rules, World, initial, steps
from tests.unit.year import OFFICE, Year, begin, small
from workflows.running import requests, tick

BOTH = pytest.mark.parametrize("row_locks", [False, True], ids=["units in a row", "row locks"])


@BOTH
@pytest.mark.parametrize("daemons", [2, 3])
def test_no_order_of_steps_breaks_a_promise(daemons: int, *, row_locks: bool) -> None:
    found = explore(daemons, Rules(row_locks=row_locks), faults=3)
    assert not found.breach, (found.breach, found.way)
    assert found.worlds > 1000


@BOTH
@pytest.mark.parametrize(
    ("without", "promise"),
    [
        (("claim_looks_at_clock",), "4"),
        (("settles_with_effect",), "3"),
        (("tells_with_effect",), "3"),
        (("gathers_before_sending",), "6"),
        (("settles_after_sending",), "3"),
        (("asks_again", "claim_looks_at_state", "effect_is_unique"), "3"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_without_a_rule_a_promise_is_broken(
    without: tuple[str, ...], promise: str, *, row_locks: bool
) -> None:
    found = explore(2, _rules(without, row_locks=row_locks))
    assert found.breach.startswith(f"{promise}:")


@pytest.mark.parametrize("rule", ["holds_cycle", "desk_waits"])
def test_where_units_overlap_an_act_would_come_before_what_is_due(rule: str) -> None:
    assert explore(2, _rules((rule,), row_locks=True)).breach.startswith("10:")
    assert not explore(2, _rules((rule,), row_locks=False)).breach


@BOTH
@pytest.mark.parametrize("rule", ["asks_again", "claim_locks", "claim_looks_at_state"])
def test_a_rule_that_another_one_stands_behind_may_fail_alone(
    rule: str, *, row_locks: bool
) -> None:
    assert not explore(2, _rules((rule,), row_locks=row_locks)).breach


def test_the_ways_to_a_breach_are_short_and_can_be_read() -> None:
    found = explore(2, Rules(settles_with_effect=False))
    way = ("time", "due", "hold", "due", "claim", "append", "tell", "answer lost")
    assert found.way == way


def test_a_daemon_takes_the_steps_of_the_model() -> None:
    year = _speaking()
    recorder = Recorder()
    app = replace(year.app, store=Recording(year.store, recorder))
    worker = daemon.Daemon(app, {"log": RecordingChannel(recorder)})
    worker.once()
    assert recorder.steps == _alone(person=False)


def test_a_person_takes_the_steps_of_the_model() -> None:
    year = _speaking()
    recorder = Recorder()
    app = replace(year.app, store=Recording(year.store, recorder))
    requests.record(app, year.name("T-1"), "progress", {"percent": 40}, OFFICE)
    taken = [name for name in recorder.steps if name != "due"]  # it asks until nothing is
    assert taken == [name for name in _alone(person=True) if name != "due"]


def test_the_steps_have_the_names_of_the_code() -> None:
    named = {name for name, _ in _all_steps()} - FAULTS - {"time", "act", "commit", "lease over"}
    homes = (Reader, UnitOfWork, Notifier, requests, tick)
    assert named
    assert [n for n in named if not any(hasattr(home, n) for home in homes)] == []


def _rules(without: tuple[str, ...], *, row_locks: bool) -> Rules:
    known = {rule.name for rule in fields(Rules)}
    assert set(without) <= known
    return replace(Rules(row_locks=row_locks), **dict.fromkeys(without, False))


def _all_steps() -> Iterator[tuple[str, World]]:
    seen, waiting = set(), [initial(1)]
    while waiting:
        for name, after in steps(waiting.pop(), Rules()):
            yield name, after
            if after not in seen:
                seen.add(after)
                waiting.append(after)


def _alone(*, person: bool) -> list[str]:
    """Return the steps of one who has the world for himself, when the time has come."""
    world = initial(1, faults=0)._replace(is_due=True)
    world = world._replace(daemons=tuple(d for d in world.daemons if d.person == person))
    names: list[str] = []
    while not names or world.daemons[0] not in (Daemon(), GONE):
        name, world = next(s for s in steps(world, Rules()) if s[0] != "lease over")
        names.append("append" if name == "act" else name)  # an act is one more event
    return names


def _speaking() -> Year:
    """Return a year at a moment in office hours at which one rung is due, and tells one person."""
    return begin(small(2), "2024-07-01 09:00").at("2024-07-05 09:00")


@dataclass
class Recorder:
    """The steps that were taken; one that is taken several times at once is one step."""

    steps: list[str] = field(default_factory=list)

    def take(self, name: str) -> None:
        if self.steps[-1:] != [name]:
            self.steps.append(name)

    def keep(self, unit: Sequence[str]) -> None:
        """Take the steps of a unit, if it did more than look."""
        if set(unit) - {"hold", "due"}:
            for name in unit:
                self.take(name)
            if {"append", "settle_timer"} & set(unit):
                self.take("commit")


class Recording:
    """A store of which the steps are recorded."""

    STEPS = ("hold", "due", "claim", "append", "tell", "settle_timer", "gather", "settle_notice")

    def __init__(self, store: Store, recorder: Recorder) -> None:
        self._store = store
        self._recorder = recorder

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[UnitOfWork]:
        mine = Recorder()
        with self._store.unit_of_work(now) as unit:
            yield Watched(unit, mine)
        self._recorder.keep(mine.steps)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._store.reading() as reader:
            yield Watched(reader, self._recorder)


class Watched:
    """A reader or a unit of which the steps are recorded."""

    def __init__(self, watched: Reader, recorder: Recorder) -> None:
        self._watched = watched
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._watched, name)
        if name not in Recording.STEPS:
            return found

        def step(*values: Any, **named: Any) -> Any:
            self._recorder.take(name)
            return found(*values, **named)

        return step


class RecordingChannel:
    """A channel that says when it was asked to send."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def send(self, notice: Notice, message: Message) -> None:
        self._recorder.take("send")
