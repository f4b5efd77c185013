"""The schema compared with the one that duban makes: what was taken away, put in, or changed.

Whoever has all rights may drop a trigger and leave it so, or replace it by one
that does nothing; a view or a rule may show what is not there. On SQLite the
same migrations say in a database in memory how it must be, word for word; a
server tells it from its catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    Select,
    literal,
    select,
    text,
)

from adapters.sql.database import connect, reading
from adapters.sql.history_triggers import postgresql_refused, postgresql_triggers
from adapters.sql.moving import refusals, setting
from adapters.sql.references import postgresql_references
from adapters.sql.schema import RUNS_FROM, revision_of, revisions, runs_from, upgrade
from adapters.sql.tables import METADATA, ONLY_ON_SQLITE

_OBJECTS = text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")

_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) (BEFORE|AFTER) ([\w ]+?) ON (?:\w+\.)?(\w+) "
    r"(REFERENCING NEW TABLE AS \w+ )?FOR EACH (\w+) EXECUTE FUNCTION (?:\w+\.)?(\w+)"
)
_FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*)\$\$", re.DOTALL)

_STRANGERS = (
    """
    SELECT 'view ' || relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'm')
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    """,
    "SELECT 'rule ' || rulename FROM pg_rules WHERE schemaname = current_schema()",
    "SELECT 'policy ' || policyname FROM pg_policies WHERE schemaname = current_schema()",
    """
    SELECT 'row security ' || relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity
    """,
    """
    SELECT 'inheritance ' || inhrelid::regclass FROM pg_inherits
    JOIN pg_class ON oid = inhparent WHERE relnamespace = current_schema()::regnamespace
    """,
    """
    SELECT 'default ' || table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_default IS NOT NULL
    AND column_default NOT LIKE 'nextval(%'
    """,
    """
    SELECT 'idle constraint ' || conname FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND contype IN ('f', 'c')
    AND (NOT convalidated OR EXISTS (
        SELECT 1 FROM pg_trigger WHERE tgconstraint = pg_constraint.oid AND tgenabled = 'D'))
    """,
)
"""What no database of duban has."""


def differences(connection: Connection) -> list[str]:
    """Return what is otherwise than in a database that duban made; nothing when all is so.

    One that a newer duban has brought up to date is not compared.
    """
    revision = revision_of(connection)
    if revision not in revisions():
        return []
    sqlite = connection.dialect.name == "sqlite"
    found = sorted((_sqlite if sqlite else _postgresql)(connection))
    if setting(connection, RUNS_FROM) not in ("", runs_from(revision)):
        found.append(f"≠ setting {RUNS_FROM}")  # an older release might work on it
    return found


def orphans(connection: Connection) -> list[str]:
    """Return the tables of which a row refers to one that is not there."""
    return sorted({table for table, query in _orphans() if connection.scalar(query)})


def _orphans() -> Iterator[tuple[str, Select[tuple[bool]]]]:
    """Yield for each foreign key its table, and the question whether it leads nowhere."""
    for table in METADATA.sorted_tables:
        for key in table.foreign_key_constraints:
            there = key.referred_table.alias()
            pairs = [(e.parent, there.c[e.column.name]) for e in key.elements]
            found = select(literal(1)).where(*(here == other for here, other in pairs))
            torn = select(literal(1)).where(
                *(here.is_not(None) for here, _ in pairs),
                ~found.select_from(there).correlate(table).exists(),
            )
            yield table.name, select(torn.select_from(table).exists())


def _sqlite(connection: Connection) -> Iterator[str]:
    wanted, moving = _reference(), {" ".join(said.split()) for said in refusals()}
    there = {what: sql for what, sql in _objects(connection).items() if sql not in moving}
    for kind, name in sorted(there.keys() | wanted.keys()):
        found, expected = there.get((kind, name)), wanted.get((kind, name))
        if found != expected:
            yield f"{'-' if found is None else '+' if expected is None else '≠'} {kind} {name}"


def _objects(connection: Connection) -> Mapping[tuple[str, str], str]:
    rows = connection.execute(_OBJECTS)
    return {(str(kind), str(name)): " ".join(str(sql).split()) for kind, name, sql in rows}


@cache
def _reference() -> Mapping[tuple[str, str], str]:
    """Return what a database consists of that is made now."""
    made = connect("sqlite://", durable=False)
    try:
        upgrade(made)
        with reading(made) as connection:
            return _objects(connection)
    finally:
        made.dispose()


def _postgresql(connection: Connection) -> Iterator[str]:
    yield from _tables(connection)
    yield from _triggers(connection)
    yield from _functions(connection)
    for strangers in _STRANGERS:
        for name in connection.scalars(text(strangers)):
            yield f"+ {name}"
    checks = {
        str(constraint.name): _bare(str(constraint.sqltext))
        for table in METADATA.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) and constraint.name
    }
    query = text(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace AND contype = 'c'"
    )
    found = {
        str(name): _bare(said.removeprefix("CHECK")) for name, said in connection.execute(query)
    }
    yield from _differing("check", found, checks)


def _tables(connection: Connection) -> Iterator[str]:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - slow, and rarely needed
    from alembic.migration import MigrationContext  # noqa: PLC0415 - likewise

    context = MigrationContext.configure(connection)
    for difference in compare_metadata(context, METADATA):
        first = difference[0] if isinstance(difference, list) else difference
        names = [_name(part) for part in first[1:4] if part is not None]
        if names != [name for name in names if name in ONLY_ON_SQLITE]:
            yield f"≠ {str(first[0]).replace('_', ' ')} {' '.join(names)}"


def _name(part: Any) -> str:
    """Return the name of a part of a schema: that which a server gives to what we gave none."""
    if isinstance(part, ForeignKeyConstraint) and not part.name:
        return f"{part.table}_{'_'.join(part.column_keys)}_fkey"
    return str(getattr(part, "name", part))


def _triggers(connection: Connection) -> Iterator[str]:
    query = text(
        "SELECT tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled FROM pg_trigger "
        "JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal"
    )
    wanted = {
        name: said
        for statement in postgresql_refused()
        for name, said in [_trigger(statement)]
        if name
    }
    found = {
        str(name): _trigger(said)[1] if enabled in ("O", "A") else "off"
        for name, said, enabled in connection.execute(query)
    }
    yield from _differing("trigger", found, wanted)


def _trigger(statement: str) -> tuple[str, str]:
    """Return the name of a trigger and what it says, in one order of words."""
    said = _TRIGGER.search(statement)
    if said is None:
        return "", statement
    name, when, events, *rest = said.groups()
    return name, " ".join([when, *sorted(events.split(" OR ")), *(part or "" for part in rest)])


def _functions(connection: Connection) -> Iterator[str]:
    schema = connection.scalar(text("SELECT quote_ident(current_schema())")) or ""
    wanted = {
        said[1]: " ".join(said[2].split())
        for statement in (*postgresql_triggers(), *postgresql_references(schema))
        if (said := _FUNCTION.search(statement))
    }
    query = text(
        "SELECT proname, prosrc FROM pg_proc "
        "WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS "
        "(SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
    )
    found = {str(name): " ".join(str(body).split()) for name, body in connection.execute(query)}
    yield from _differing("function", found, wanted)


def _differing(kind: str, found: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[str]:
    for name in found.keys() | wanted.keys():
        if name not in found:
            yield f"- {kind} {name}"
        elif name not in wanted:
            yield f"+ {kind} {name}"
        elif found[name] != wanted[name]:
            yield f"≠ {kind} {name}"


def _bare(condition: str) -> str:
    """Return a condition without what a server adds or leaves out when it shows one."""
    return re.sub(r"[\s()\"]", "", condition).casefold()
