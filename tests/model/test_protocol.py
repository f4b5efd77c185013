"""Promises 3, 4, 6 and 10 in every order of steps that some daemons and a person can take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

import pytest

from adapters import daemon
from engine.deadline import TimerState
from engine.message import Message
from engine.ports import Notice, Notifier, Reader, Store, UnitOfWork
from tests.model import chunked
from tests.model.explorer import FAULTS, Explored, Model, search
from tests.model.protocol import GONE, Daemon, Rules, World, at_rest, breach, initial, steps
from tests.unit.year import OFFICE, Year, begin, publish, small
from workflows.running import chunks, requests, tick

STEPS = ("hold", "due", "claim", "append", "tell", "settle_timer", "gather", "settle_notice")
CHUNK_STEPS = (
    *("hold", "due", "claim", "append", "divide", "mark", "settle_timer"),
    *("claim_chunk", "settle_chunk"),
)
BOTH = pytest.mark.parametrize("row_locks", [False, True], ids=["units in a row", "row locks"])


def explore(daemons: int, rules: Rules, faults: int = 2) -> Explored:
    model = Model(lambda world: steps(world, rules), breach, at_rest)
    return search(model, initial(daemons, faults))


def explore_chunks(daemons: int, rules: chunked.Rules, faults: int = 2) -> Explored:
    model = Model(lambda world: chunked.steps(world, rules), chunked.breach, chunked.at_rest)
    return search(model, chunked.initial(daemons, faults))


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


@BOTH
@pytest.mark.parametrize(("daemons", "faults"), [(2, 3), (3, 2)])
def test_no_order_of_steps_breaks_a_promise_in_chunks(
    daemons: int, faults: int, *, row_locks: bool
) -> None:
    found = explore_chunks(daemons, chunked.Rules(row_locks=row_locks), faults)
    assert not found.breach, (found.breach, found.way)
    assert found.worlds > 1000


@BOTH
@pytest.mark.parametrize(
    ("rule", "promise"),
    [
        ("chunk_goes_with_effect", "3"),
        ("settles_when_none_is_left", "3"),
        ("people_finish", "10"),
        ("asks_by_its_clock", "4"),
    ],
)
def test_without_a_rule_a_promise_is_broken_in_chunks(
    rule: str, promise: str, *, row_locks: bool
) -> None:
    rules = replace(chunked.Rules(row_locks=row_locks), **{rule: False})
    assert explore_chunks(2, rules).breach.startswith(f"{promise}:")


def test_where_units_overlap_a_chunk_that_holds_nothing_is_overtaken() -> None:
    overlapping = chunked.Rules(holds_together=False)
    assert explore_chunks(2, overlapping).breach
    assert not explore_chunks(2, replace(overlapping, row_locks=False)).breach


def test_two_rules_keep_a_chunk_from_taking_effect_twice() -> None:
    for rule in ("claim_locks", "effect_is_unique"):
        assert not explore_chunks(2, replace(chunked.Rules(), **{rule: False})).breach
    neither = chunked.Rules(claim_locks=False, effect_is_unique=False)
    assert explore_chunks(2, neither).breach.startswith("3:")


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


def test_a_daemon_and_a_person_do_chunks_by_the_steps_of_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "SIZE", 1)
    recorder = Recorder()
    year = _late()
    app = replace(year.app, store=Recording(year.store, recorder, CHUNK_STEPS))
    assert tick.tick(app).failed == []
    assert [n for n in recorder.steps if n != "due"] == _in_chunks(person=False)
    recorder = Recorder()
    year = _late()
    with pytest.MonkeyPatch.context() as stopped:  # a daemon begins, and does no chunk
        stopped.setattr(tick, "_go_on", _stops)
        with pytest.raises(KeyboardInterrupt):
            tick.tick(year.app)
    app = replace(year.app, store=Recording(year.store, recorder, CHUNK_STEPS))
    requests.record(app, year.name("T-2"), "self_report", {"completion": 100}, OFFICE)
    found = [n for n in recorder.steps if n != "due"]
    assert found[: found.index("settle_timer") + 1] == _in_chunks(person=True)


def test_the_steps_have_the_names_of_the_code() -> None:
    named = {name for name, _ in _all_steps()} | {name for name, _ in _all_chunk_steps()}
    named -= FAULTS | {"time", "act", "commit", "lease over"}
    homes = (Reader, UnitOfWork, Notifier, requests, tick)
    assert named
    assert [n for n in named if not any(hasattr(home, n) for home in homes)] == []


def _rules(without: tuple[str, ...], *, row_locks: bool) -> Rules:
    known = {rule.name for rule in fields(Rules)}
    assert set(without) <= known
    return replace(Rules(row_locks=row_locks), **dict.fromkeys(without, False))


def _late() -> Year:
    """Return a year in which nothing is due but that two targets have become late."""
    year = begin(small(2, 2025), "2025-06-10 09:00")
    publish(year)
    year.tick("2025-12-31 23:00")
    year.at("2026-01-01 00:00")
    with year.store.unit_of_work(year.clock.moment) as unit:
        for timer in unit.due(unit.now):
            if ":s4#" not in timer.deadline or timer.rung[0] != "r":
                unit.settle_timer(replace(timer, state=TimerState.FIRED))
    return year


def _stops(*_: object) -> bool:
    raise KeyboardInterrupt


def _in_chunks(*, person: bool) -> list[str]:
    """Return the steps of one who does a rung in chunks alone; of a person, up to the act."""
    world = chunked.initial(1, faults=0)._replace(is_due=True)
    world = world._replace(workers=tuple(w for w in world.workers if w.person == person))
    if person:
        world = world._replace(timer="begun", left=(1, 2), begun=1)
    names: list[str] = []
    while "act" not in names and (world.timer != "fired" or not names):
        name, world = next(iter(chunked.steps(world, chunked.Rules())))
        names.append(name)
    return [name for name in names if name not in ("due", "act")]


def _all_chunk_steps() -> Iterator[tuple[str, chunked.World]]:
    return _walked(chunked.initial(1, 2), lambda world: chunked.steps(world, chunked.Rules()))


def _all_steps() -> Iterator[tuple[str, World]]:
    return _walked(initial(1), lambda world: steps(world, Rules()))


def _walked(start: Any, steps_of: Callable[[Any], Iterator[tuple[str, Any]]]) -> Iterator[Any]:
    seen, waiting = set(), [start]
    while waiting:
        for name, after in steps_of(waiting.pop()):
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
            if {"append", "settle_timer", "settle_chunk"} & set(unit):
                self.take("commit")


class Recording:
    """A store of which the steps are recorded."""

    def __init__(self, store: Store, recorder: Recorder, steps: Sequence[str] = STEPS) -> None:
        self._store = store
        self._recorder = recorder
        self._steps = steps

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[UnitOfWork]:
        mine = Recorder()
        with self._store.unit_of_work(now) as unit:
            yield Watched(unit, mine, self._steps)
        self._recorder.keep(mine.steps)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._store.reading() as reader:
            yield Watched(reader, self._recorder, self._steps)


class Watched:
    """A reader or a unit of which the steps are recorded."""

    def __init__(self, watched: Reader, recorder: Recorder, steps: Sequence[str]) -> None:
        self._watched = watched
        self._recorder = recorder
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._watched, name)
        if name not in self._steps:
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
