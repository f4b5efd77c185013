"""How a day that a rule leads to is read: its last day in time, and whether a day off moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import Final, TypeAlias

from engine.calendar import ONE_DAY
from workflows.deadlines.counting import roll
from workflows.deadlines.resolution import Context, Reason
from workflows.deadlines.rule import Rule

RETURN: Final = "own:return"
"""What an own clock waits for that stands in an absence still going on."""


class Rolling(Enum):
    """Whether and where a day off moves."""

    FIXED = auto()
    FORWARD = auto()
    BACKWARD = auto()
    """A period before something: forward, it would run into what it must precede."""
    NEVER = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """The days that a rule leads to."""

    first: date
    last: date
    rolling: Rolling
    provisional: bool = False
    reasons: tuple[Reason, ...] = ()
    waits_for: tuple[str, ...] = ()
    """Events that may yet move a place that is known."""
    own: bool = False
    """On a clock that stands in absences."""
    settled: bool = False
    """Already read as inclusive or not, and rolled."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """No day yet."""

    waits_for: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()


Found: TypeAlias = Place | Awaited


def settle(found: Found, context: Context, rule: Rule) -> Found:
    """Return ``found`` as the rule and the plan read it: its last day in time, moved off a day off.

    A period (n日内) includes its last day by law, so only a rule's own text can exclude it.
    """
    if isinstance(found, Awaited) or found.settled:
        return found
    fixed = found.rolling is Rolling.FIXED
    inclusive = rule.inclusive
    if inclusive is None:
        inclusive = context.settings.inclusive or not fixed
    if not inclusive:
        last = found.last - ONE_DAY
        reasons = (*found.reasons, Reason.of("exclusive", day=found.last))
        found = replace(found, first=min(found.first, last), last=last, reasons=reasons)
    default = context.settings.roll_fixed if fixed else context.settings.roll_relative
    asked = default if rule.roll is None else rule.roll
    if not asked or found.rolling is Rolling.NEVER:
        return replace(found, settled=True)
    return _rolled(found, context)


def _rolled(found: Place, context: Context) -> Found:
    backward = found.rolling is Rolling.BACKWARD
    absences = context.absences if found.own and not backward else ()
    moved = roll(context.calendar, found.last, backward=backward, absences=absences)
    if moved is None:
        return Awaited((RETURN,), found.reasons)
    reasons = found.reasons
    if moved.day != found.last:
        reasons = (*reasons, Reason.of("rolled", start=found.last, end=moved.day))
    return replace(
        found,
        first=moved.day if found.first == found.last else found.first,
        last=moved.day,
        provisional=found.provisional or moved.provisional,
        reasons=reasons,
        settled=True,
    )
