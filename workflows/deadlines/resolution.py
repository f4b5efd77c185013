"""What a rule is asked with, and what it answers: settings, context, resolution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.calendar import Calendar
from workflows.deadlines.days import Unit

ReasonValue: TypeAlias = str | int | date | tuple[date, ...]


class Kind(StrEnum):
    """How sure a date is."""

    FIXED = "fixed"
    PROVISIONAL = "provisional"
    """It may still move: the calendar is not announced, or an event may bring it forward."""
    WAITING = "waiting"
    """There is no date before something happens."""
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a plan reads its deadlines, where a deadline does not say it itself."""

    inclusive: bool = True
    """“By the 10th” includes the 10th. Periods (n日内) include their last day always."""
    cutoff: time | None = None
    """Hour at which the last day ends; None is 24:00."""
    roll_fixed: bool = False
    """A fixed date on a day off moves to the next working day."""
    roll_relative: bool = True
    """A period that ends on a day off does."""
    counting_unit: Unit = Unit.DAY
    """What 日 counts where the text says no more: `DAY` for calendar days, or `WORKING_DAY`."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a person's own clock stands; both ends are included."""

    first: date
    last: date | None = None
    """None while the absence goes on."""


def _nothing(_: str) -> None:
    """Know of no event and of no step."""


@dataclass(frozen=True, slots=True)
class Context:
    """All that the date of a rule depends on."""

    year: int
    """The year of the cycle."""
    calendar: Calendar
    settings: Settings = field(default_factory=Settings)
    events: Callable[[str], datetime | None] = _nothing
    """The moment at which an event took effect; None while it has not."""
    steps: Callable[[str], Resolution | None] = _nothing
    """The resolution of another step; None where there is none yet."""
    absences: tuple[Absence, ...] = ()
    """Of the person or target whose own clock is asked for."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose midnights count."""
        return self.settings.zone


@dataclass(frozen=True, slots=True)
class Reason:
    """One step on the way to a date: a code, and values for whoever words it."""

    code: str
    values: tuple[tuple[str, ReasonValue], ...] = ()

    @classmethod
    def of(cls, code: str, **values: ReasonValue) -> Reason:
        """Return a reason with named values."""
        return cls(code, tuple(values.items()))

    def __getitem__(self, name: str) -> ReasonValue:
        """Return one value by its name."""
        return dict(self.values)[name]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The date of one rule in one context."""

    kind: Kind
    opens_at: datetime | None
    """UTC; None where it is open from the start."""
    due_at: datetime | None
    """UTC: the first moment at which it is late."""
    last_day: date | None
    """The last day on which it is in time, in the plan's zone."""
    soft: bool
    """Reminds; never late."""
    waits_for: tuple[str, ...]
    """Events, and steps as ``step:`` and their name, that could still settle or move the date."""
    calendar_edition: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due date of a recurring rule."""

    label: str
    """Stable name of the period: 2024-07, 2024-Q3, 2024-H2, 2024, or the date itself."""
    period_end: date
    opens_at: datetime
    due_at: datetime
    last_day: date
    provisional: bool
    reasons: tuple[Reason, ...]
