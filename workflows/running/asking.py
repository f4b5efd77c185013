"""Asking: who asks for what, on which grounds, and the desk at which it is done.

Every request is one unit of work. It first fires what is due in its cycle,
by the tick's own code, so that what happens does not depend on when a daemon
ran (promise 10).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from engine.act import Act
from engine.errors import Interrupted
from engine.events import NOTHING, Data, Instance
from engine.facts import clean_text
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.running.catch_up import hold_back
from workflows.running.desk import Application, Desk, desk, take
from workflows.running.firing import fire_due
from workflows.running.tick import fire_apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who asks: an account, and the post or person named with ``--as``."""

    person: str
    acting_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """When something happened and on what it rests."""

    occurred_at: datetime | date | None = None
    """A moment, or a day of the plan's zone; nothing means now."""
    reason: str = ""
    authority: str = ""
    alone: bool = False
    """Break glass: do alone what the plan gives to two persons."""
    chain: Data = field(default_factory=lambda: NOTHING)
    """Who proposed and who confirmed it; nobody types this."""
    cause: int | None = None
    """The event by which it was confirmed."""


NO_GROUNDS = Grounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An act by its name, with its parameters: enough to do the very same later."""

    act: str
    key: str
    """The instance that it is about."""
    values: Data
    """Its parameters, as JSON data."""
    who: Who
    grounds: Grounds = NO_GROUNDS
    private: Mapping[str, str] = field(default_factory=dict)
    """Parameters that a redaction can remove: kept beside an event, not in it."""

    @property
    def above(self) -> bool:
        """Return whether it concerns the whole body or every cycle, not the one at hand."""
        return self.act in ABOVE


ASSIGN = "post assign"
END = "post end"
OPEN = "open"
ADOPT = "calendar import"
ABOVE = (ASSIGN, END, OPEN, ADOPT)
"""Acts that concern more than the cycle on which they are proposed."""


@contextmanager
def at_desk(
    app: Application, key: str, person: str = "", *, above: bool = False
) -> Iterator[Desk[UnitOfWork]]:
    """Open a unit of work for the cycle of ``key``, with everything fired that is due.

    For an act ``above`` it, the office and every running cycle are held and fired.
    A timer that fails blocks nobody's act: then all are fired one by one, as
    the tick does, and the one that fails is put off.

    Raises:
        NotFound: there is no such cycle.

    """
    try:
        with app.store.unit_of_work(app.clock.now()) as unit:
            opened = _taken(app, unit, key, person, above=above)
            try:
                _fire(opened, above=above)
            except Interrupted:
                raise  # no fault of a timer: the store went away, or others were in the way
            except Exception as error:
                raise _TimerFailed from error
            yield opened
            return
    except _TimerFailed:
        pass  # nothing of it was kept
    for cycle in _cycles(app, key, above=above):
        fire_apart(app, cycle)
    with app.store.unit_of_work(app.clock.now()) as unit:
        opened = _taken(app, unit, key, person, above=above)
        _fire(opened, above=above)
        yield opened


class _TimerFailed(Exception):
    """Rolls a unit back in which a timer failed before anybody acted."""


def _taken(
    app: Application, unit: UnitOfWork, key: str, person: str, *, above: bool
) -> Desk[UnitOfWork]:
    if above:  # first of all, as everybody does who holds more than one cycle
        take(app, unit, office.KEY)
        for cycle in running(unit):
            take(app, unit, cycle)
    take(app, unit, key, person)
    return desk(app, unit, key)


def running(reader: Reader) -> Sequence[str]:
    """Return the cycles that have not ended, in order of opening."""
    found = reader.cycles()
    return [c.key for c in found if c.state not in reader.machine(c.edition).workflow.final]


def _cycles(app: Application, key: str, *, above: bool) -> Sequence[str]:
    if not above:
        return [key.partition("/")[0]]
    with app.store.reading() as reader:
        return running(reader)


def _fire(at: Desk[UnitOfWork], *, above: bool = False) -> None:
    for key in running(at.unit) if above else [at.key]:
        if at.unit.due(at.now, key):
            due = at if key == at.key else at.another(key)
            fire_due(replace(due, holds_until=hold_back(due)))


def act_of(
    at: Desk[UnitOfWork], instance: Instance, who: Who, grounds: Grounds, acting_for: str
) -> Act:
    """Return the act that a request stands for.

    Raises:
        BadText: reason or authority cannot be kept.

    """
    return Act(
        actor=who.person,
        acting_for=acting_for,
        occurred_at=moment_of(at, grounds.occurred_at, instance),
        reason=clean_text("reason", grounds.reason),
        authority=clean_text("authority", grounds.authority, 400),
        cause=grounds.cause,
        chain=grounds.chain,
    )


def moment_of(
    at: Desk[UnitOfWork], when: datetime | date | None, instance: Instance | None
) -> datetime:
    """Return the moment that ``when`` means.

    A day alone means its noon; if the instance moved later on that day, or
    noon is still to come today, that moment: people who write a day mean an order.
    """
    if when is None:
        return at.now
    if isinstance(when, datetime):
        return when
    moment = datetime.combine(when, time(12), at.zone)
    moved = instance.moved_at if instance else None
    if moved and moved.astimezone(at.zone).date() == when:
        moment = max(moment, moved)
    return min(moment, at.now) if when == at.today else moment
