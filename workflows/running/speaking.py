"""Which rung speaks where several fall together: for each one the last that applies to it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.deadline import Timer
from engine.guards import ALWAYS, All, Guard, Not
from workflows.running.schedule import rung_number


def later_rungs_due(timer: Timer, due: Iterable[Timer]) -> tuple[Timer, ...]:
    """Return the timers of the later rungs of the same deadline that are due as well.

    They speak instead to those whom they concern. Later in time: four working
    days may end after five days that come behind them in the ladder.
    """
    number = rung_number(timer)
    if number is None:
        return ()
    return tuple(
        one
        for one in due
        for other in [rung_number(one)]
        if other is not None
        and one.deadline == timer.deadline
        and (one.fires_at, other) > (timer.fires_at, number)
    )


def left_to(condition: Guard, later: Iterable[Guard]) -> Guard | None:
    """Return for whom the rung of ``condition`` speaks, where ``later`` ones are due with it.

    That is for all of whom no later one holds; None where they leave nobody.
    """
    conditions = list(later)
    if ALWAYS in conditions:
        return None
    return All((condition, *(Not(one) for one in dict.fromkeys(conditions))))
