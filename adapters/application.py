"""Putting the application together: a store, a clock, and calendars by name."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from adapters.calendars.overrides import OverriddenCalendar, Override, Overrides
from adapters.calendars.registry import calendar_named
from adapters.sql import schema
from adapters.sql.database import connect
from adapters.sql.store import SqlStore
from adapters.sql.trouble import shown
from adapters.trial_clock import TrialClock, is_trial, make_trial
from engine.calendar import Calendar
from engine.clock import SystemClock
from engine.errors import N_, Refused
from engine.events import Data
from workflows.plan.model import CalendarChoice
from workflows.running.desk import Application
from workflows.running.tenures import establish


class TrialMismatch(Refused):
    """A database does not change between trial and real."""

    code = "trial-mismatch"
    template = N_("{database} is a real database and cannot become a trial; name another file.")


def create(
    database: str, administrator: str, *, trial: bool = False, moment: datetime | None = None
) -> tuple[bool, bool]:
    """Create or upgrade the database; safe to repeat.

    A trial's clock is set to ``moment``, where one is given, before anything is recorded.

    Returns whether the schema changed, and whether ``administrator`` became
    the first administrator by it.

    Raises:
        DatabaseTrouble: it cannot be written, or is of a newer duban.
        TrialMismatch: it exists, and is no trial.
        ClockRunsForward: a cycle is open, and ``moment`` is back in time.

    """
    engine = connect(database)
    try:
        changed = schema.upgrade(engine)
        store = SqlStore(engine, SystemClock())
        if trial and not is_trial(store):
            if not changed:
                raise TrialMismatch(database=shown(database))
            make_trial(store, store.wall_clock().now())
        if trial and moment is not None:
            TrialClock(store, store.wall_clock()).set(moment)
        app = _application(store)
        return changed, establish(app, administrator)
    finally:
        engine.dispose()


def application(database: str) -> Application:
    """Return the application on a database that is there and up to date.

    Raises:
        DatabaseTrouble: it is not, or cannot be read.

    """
    engine = connect(database)
    try:
        schema.ensure_current(engine)
    except BaseException:
        engine.dispose()
        raise
    return _application(SqlStore(engine, SystemClock()))


def _application(store: SqlStore) -> Application:
    wall = store.wall_clock()
    clock = wall
    store = store.on_clock(clock)
    if is_trial(store):
        # The trial's clock reads its setting through the store on the real clock:
        # through its own it would ask itself for the time, without end.
        clock = TrialClock(store, clock)
        store = store.on_clock(clock)
    return Application(
        store=store,
        clock=clock,
        wall=wall,
        calendar_of=calendar_of,
        version=installed_version(),
    )


def installed_version() -> str:
    """Return the version of duban that runs; ``0`` from a source tree that is not installed."""
    try:
        return version("duban")
    except PackageNotFoundError:
        return "0"


_calendars: dict[tuple[CalendarChoice, str], Calendar] = {}


def calendar_of(choice: CalendarChoice, edition: str = "", days: Data | None = None) -> Calendar:
    """Return the working calendar that a plan names, under imported days and its own.

    A plan's own days win over those imported into the database as ``edition``,
    which win over the packages.
    """
    if (choice, edition) not in _calendars:
        calendar = calendar_named(choice.base)
        if days:
            calendar = OverriddenCalendar(calendar, overrides_from(edition, days))
        if choice.overrides:
            calendar = OverriddenCalendar(calendar, own_days(choice))
        _calendars[choice, edition] = calendar
    return _calendars[choice, edition]


def overrides_from(edition: str, content: Data) -> Overrides:
    """Return the overrides that a stored calendar edition holds."""
    days = {
        date.fromisoformat(day): Override(
            day=date.fromisoformat(day), working=worked, source=source, edition=edition
        )
        for day, (worked, source) in content["days"].items()
    }
    complete = {int(year): str(source) for year, source in content["complete"].items()}
    return Overrides(days=days, complete=complete, edition=edition)


def overrides_content(overrides: Overrides) -> dict[str, Any]:
    """Return overrides as the JSON data of a calendar edition."""
    return {
        "days": {
            day.isoformat(): [row.working, row.source]
            for day, row in sorted(overrides.days.items())
        },
        "complete": {str(year): source for year, source in sorted(overrides.complete.items())},
    }


def own_days(choice: CalendarChoice) -> Overrides:
    """Return the days that a plan itself decides."""
    days = {
        day: Override(day=day, working=working, source=source, edition="plan")
        for day, working, source in choice.overrides
    }
    digest = sha256(repr(sorted(choice.overrides)).encode()).hexdigest()[:8]
    return Overrides(days=days, complete={}, edition=f"plan@{digest}")
