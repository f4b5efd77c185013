"""Foresight: a cycle as it stands with all carried out that time has brought about.

Windows that should have opened, assignments that a recurrence should have
created and moves that a plan declares for a date are made by the tick's own
code, looked at, and taken back: so every screen is right although no daemon
has run for a month (promise 10). Rungs are left out; what is late is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from engine.deadline import Rungs, Timer
from engine.ladder import Action
from engine.ports import Reader, UnitOfWork
from workflows.running.desk import Application, Desk, desk
from workflows.running.firing import fire
from workflows.running.schedule import ladder_of, rung_number


class _TakeBack(Exception):
    """Raised inside the unit of work so that nothing of it becomes durable."""


def changing(at: Desk[Reader]) -> Sequence[Timer]:
    """Return the due timers of the cycle that change more than lamps, marks and notices."""
    due = at.unit.due(at.now, at.key)
    if not due:
        return ()
    steps = {d.id: d.step for d in at.unit.deadlines(at.key, all_versions=True)}
    return [timer for timer in due if _changes(at, timer, steps.get(timer.deadline, ""))]


@contextmanager
def foreseen(app: Application, key: str, now: datetime) -> Iterator[Desk[Reader]]:
    """Open the cycle of ``key`` as it will stand once what is due has been carried out.

    Raises:
        EngineError: the database cannot be written, or a timer fails.

    """
    try:
        with app.store.unit_of_work(now) as unit:
            unit.hold(key)
            at: Desk[UnitOfWork] = desk(app, unit, key)
            done: set[str] = set()
            while timers := [t for t in changing(at) if t.id not in done]:
                for timer in timers:
                    done.add(timer.id)
                    fire(at, timer)
            yield at
            raise _TakeBack  # noqa: TRY301 - this is how a unit is taken back
    except _TakeBack:
        return


def _changes(at: Desk[Reader], timer: Timer, step_id: str) -> bool:
    if timer.rung in (Rungs.OPEN, Rungs.MOVE):
        return True
    number, step = rung_number(timer), at.plan.step(step_id)
    if number is None or step is None:
        return False
    rungs = ladder_of(at.plan, step).rungs
    return number < len(rungs) and rungs[number].action is Action.MOVE
