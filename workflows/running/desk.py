"""The desk: one cycle at hand, with its plan and calendar, in one unit of work or reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from engine.calendar import Calendar
from engine.clock import Clock, SystemClock
from engine.errors import NotFound
from engine.events import Data, Instance
from engine.facts import to_moment
from engine.ports import Reader, Store, UnitOfWork
from workflows.plan.model import CalendarChoice, Plan
from workflows.plan.store_form import from_data

Asked_co = TypeVar("Asked_co", bound=Reader, covariant=True)
Asked = TypeVar("Asked", bound=Reader)


LOADED_AT = "loaded_at"
"""Fact of a cycle: when its plan was loaded; with ``:`` and a step, when that was amended."""

CALENDAR = "calendar"
"""Setting: the edition of the imported working days that count now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What every request needs: where things are kept, what time it is, which days are worked."""

    store: Store
    clock: Clock
    calendar_of: Callable[[CalendarChoice, str, Data], Calendar]
    """From a plan's choice and an imported edition with its days, the calendar that counts."""
    version: str = ""
    wall: Clock = field(default_factory=SystemClock)
    """The clock by which daemons live, also in a trial."""
    channels_of: Callable[[str], Sequence[str]] = lambda _recipient: ("log",)
    """By which channels somebody is told, decided when there is something to tell."""
    plans: dict[str, Plan] = field(default_factory=dict)
    """Plans by edition, read once: an edition never changes."""


def _no_other(plan: Plan) -> Calendar:
    raise NotFound(what="plan", key=plan.id, hint="duban status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Generic[Asked_co]):
    """One cycle, its plan and its calendar."""

    unit: Asked_co
    key: str
    plan: Plan
    calendar: Calendar
    holds_until: datetime | None = None
    """After a long silence: what was due by then is told only on a person's word."""
    channels_of: Callable[[str], Sequence[str]] = lambda _recipient: ("log",)
    calendar_of: Callable[[Plan], Calendar] = field(default=_no_other, compare=False)
    """The calendar that another plan would choose."""
    apart: bool = False
    """A timer that concerns very many only begins here, and goes on in units of its own."""
    nominal: datetime | None = None
    """While a timer fires: the moment for which it was set."""
    app: Application | None = field(default=None, compare=False)
    """For what concerns other cycles, too."""
    back_dated: list[str] = field(default_factory=list, compare=False)
    """What was done by now as if before a date that has passed: the instances."""

    def another(self, key: str) -> Desk[Asked_co]:
        """Return the desk of another cycle, in the same unit."""
        if self.app is None:
            raise NotFound(what="cycle", key=key, hint="duban status")
        return desk(self.app, self.unit, key)

    @property
    def moment(self) -> datetime:
        """Return the moment as of which dates are judged; a late firing is judged as if in time."""
        return self.nominal or self.now

    @property
    def now(self) -> datetime:
        """Return the moment of the unit."""
        return self.unit.now

    @property
    def zone(self) -> ZoneInfo:
        """Return the plan's time zone."""
        return ZoneInfo(self.plan.zone)

    @property
    def today(self) -> date:
        """Return the present day in the plan's zone."""
        return self.now.astimezone(self.zone).date()

    def cycle(self) -> Instance:
        """Return the cycle as it stands now.

        Raises:
            NotFound: there is no such cycle.

        """
        found = self.unit.find(self.key)
        if found is None:
            raise NotFound(what="cycle", key=self.key, hint="duban status")
        return found

    def loaded_at(self, step: str = "") -> datetime:
        """Return when the plan was loaded: steps due before that never count as late.

        For a ``step`` that an amendment brought, or moved into the past: when it was amended.
        """
        facts = self.cycle().facts
        return to_moment(str(facts.get(f"{LOADED_AT}:{step}") or facts[LOADED_AT]))


def desk(app: Application, unit: Asked, key: str) -> Desk[Asked]:
    """Return the desk of the cycle to which the instance ``key`` belongs.

    Raises:
        NotFound: there is no such cycle.

    """
    cycle = key.partition("/")[0]
    edition, content = unit.plan(cycle)
    plan = app.plans.get(edition)
    if plan is None:
        plan = app.plans[edition] = from_data(dict(content))
    return Desk(
        unit=unit,
        key=cycle,
        plan=plan,
        calendar=calendar_for(app, unit, plan),
        app=app,
        channels_of=app.channels_of,
        calendar_of=lambda other: calendar_for(app, unit, other),
    )


def take(app: Application, unit: UnitOfWork, key: str, person: str = "") -> None:
    """Hold the cycle of ``key`` before anything in it is read.

    Who had to wait for others does what he does at the moment at which they
    were done: a history never runs backwards.
    """
    if not unit.hold(key, wait=False, person=person):
        unit.hold(key, person=person)
        unit.now = app.clock.now()


def calendar_for(app: Application, reader: Reader, plan: Plan) -> Calendar:
    """Return the working calendar of ``plan``, under the days imported into this database."""
    edition = reader.setting(CALENDAR)
    days = reader.calendar(edition) if edition else {}
    return app.calendar_of(plan.calendar, edition, days)
