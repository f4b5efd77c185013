"""A year that was lived and sealed, on a database that somebody with all rights then changes.

What is changed is changed in a transaction that never ends, and verified inside it: so each
forgery finds the same year, and triggers and foreign keys are out of the way for real.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection, Engine, text

from adapters.sql.database import writing
from adapters.sql.editions import Editions
from adapters.sql.reader import SqlReader
from adapters.sql.store import SqlStore
from adapters.verifying import Verified, Work, verify_all
from engine.act import Act
from engine.events import Kind
from engine.note import Note
from engine.replay import Break
from tests.contract.signing import Pen, verifies
from tests.unit.dated import WHY, import_days
from tests.unit.eyes import LEADER
from tests.unit.year import OFFICE, Year, begin, publish, small
from workflows import office
from workflows.plan.oversight import FourEyes, Guarded
from workflows.running.confirming import confirm
from workflows.running.exceptions import excuse, extend
from workflows.running.log_audit import audit_log
from workflows.running.sealing import seal
from workflows.running.tenures import assign

PEN = Pen()

DAYS = """
edition: announced-2024-07-12
source: 国办发明电〔2024〕12号
days:
  - {day: 2024-12-31, kind: off}
"""


@dataclass(frozen=True, slots=True)
class Lived:
    """The year, where it is kept, and a checkpoint that was kept elsewhere."""

    year: Year
    engine: Engine
    kept: str
    editions: Editions = field(default_factory=Editions)


class _Undone(Exception):
    """Ends a forgery."""


@contextmanager
def touching(lived: Lived) -> Iterator[Connection]:
    """Open the database; all that is done is undone afterwards."""
    with suppress(_Undone), writing(lived.engine) as connection:
        yield connection
        raise _Undone


@contextmanager
def forging(lived: Lived) -> Iterator[Connection]:
    """Open the database to whoever may do anything; all of it is undone afterwards."""
    with touching(lived) as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            connection.execute(text("PRAGMA ignore_check_constraints = ON"))
            triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in connection.scalars(triggers).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection


def found_in(
    lived: Lived, connection: Connection, *, outside: bool = False, afresh: bool = False
) -> list[Break]:
    """Return all that verifying finds in the transaction of a forgery, dropped triggers left out.

    Plans and machines are read ``afresh`` where they may be other ones.
    """
    app = replace(lived.year.app, plans={} if afresh else lived.year.app.plans)
    editions = Editions() if afresh else lived.editions
    reader = SqlReader(connection, editions, lived.year.clock.now())
    notes = [Note.parse(lived.kept)] if outside else []
    everything = verify_all(
        app, reader, Work("", "", jobs=1), Verified(), lambda _count, _text: lambda _done: None
    )
    found = [*everything, *audit_log(reader, verifies, notes)]
    return [b for b in found if b.code != "schema" or "trigger" not in b.found]


def live(engine: Engine) -> Lived:
    """Live a year with something in every table, and seal it."""
    plan = replace(small(2), four_eyes=FourEyes(acts=(Guarded.FORCE, Guarded.POSTS)))
    year = begin(plan, "2024-07-01 09:00", lambda clock: SqlStore(engine, clock))
    with year.store.unit_of_work(year.clock.now()) as unit:
        act = Act(actor="root", occurred_at=unit.now)
        unit.append(act.on(unit, unit.load(office.KEY), Kind.KEY, {"key": str(PEN.key)}))
    publish(year)
    year.tick("2024-08-20 10:00")
    waits = assign(
        year.app,
        body=plan.body,
        post="group-office",
        person="p.deputy",
        actor="root",
        since=date(2024, 9, 1),
        deputy=True,
        reason="出差",
    )
    confirm(year.app, waits.position, LEADER)
    import_days(year, DAYS)
    _told(year)
    checkpoint = seal(year.app, lambda _reader: [PEN]).checkpoint
    assert checkpoint is not None
    year.tick("2024-12-20 10:00")
    extend(year.app, year.name("T-1"), "s4", date(2025, 2, 14), OFFICE, WHY)
    excuse(year.app, year.name("T-2"), "s4", OFFICE, WHY)
    year.tick("2025-01-20 10:00")
    year.force("T-2", "evaluated")
    with year.store.unit_of_work(year.clock.now()) as unit:
        unit.gather()
    checkpoint = seal(year.app, lambda _reader: [PEN]).checkpoint
    assert checkpoint is not None
    return Lived(year, engine, checkpoint.note)


def _told(year: Year) -> None:
    with year.store.unit_of_work(year.clock.now()) as unit:
        for notice in unit.gather():
            unit.settle_notice(notice, "", None)
