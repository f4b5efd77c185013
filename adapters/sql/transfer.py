"""Moving a SQLite file into another database: copied in batches, compared row by row, resumable."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Row,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    tuple_,
)

from adapters.sql import moving, schema
from adapters.sql.database import connect, file_of, reading, writing
from adapters.sql.store import SqlStore
from adapters.sql.tables import METADATA, SETTING
from engine.clock import SystemClock
from engine.errors import N_, Refused
from engine.verification import verify

BATCH = 2000
"""Rows at a time; what a kill loses at most."""
_AT = f"{moving.PREFIX}at/"
"""Setting of the copy, with a table's name: the key of the last row that it holds."""

Progress = Callable[[int], None]
"""Is told how many rows were copied or compared since it was last told."""


class NotAFile(Refused):
    """Only a file can be moved away from."""

    code = "not-a-file"
    template = N_("{database} is no SQLite file; only from such a one is anything moved.")


class UnderWay(Refused):
    """Another process moves the same file at this moment."""

    code = "move-under-way"
    template = N_("{database} is being moved by another process at this moment.")


class TargetInUse(Refused):
    """The target holds something that is not this move's own."""

    code = "target-in-use"
    template = N_(
        "{database} is not empty, and holds no half-done copy of this database. "
        "Name an empty one; on PostgreSQL: createdb --template=template0 NAME"
    )


class CopyDiffers(Refused):
    """What was copied is not what is there."""

    code = "copy-differs"
    template = N_(
        "The copy differs in {table}: {problem}. Nothing was given up: the file stays as it is. "
        "Drop the copy, then: duban migrate-to --give-up"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A move that was completed."""

    rows: int
    events: int
    target: str
    """Without a password."""


class Transfer:
    """One move, from its freezing to its end; made again, it goes on where it was."""

    def __init__(self, source: str, target: str) -> None:
        """Move ``source``, a file, into the empty database ``target``."""
        self._source = connect(source)
        self._target = connect(target)

    def close(self) -> None:
        """Close both databases."""
        self._source.dispose()
        self._target.dispose()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from moving the same file; the system lets go when this one ends.

        Raises:
            NotAFile: the source is no SQLite file.
            UnderWay: another process is at it.

        """
        file = file_of(self._source)
        if file is None:
            raise NotAFile(database=_shown(self._source))
        with file.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # not the locks that SQLite uses
            except BlockingIOError:
                raise UnderWay(database=_shown(self._source)) from None
            yield

    def prepare(self) -> int:
        """Freeze the file, make sure of the target; return how many rows there are to move.

        Raises:
            TargetInUse: the target is neither empty nor this move's own.
            AlreadyMoved: the source was moved before.
            DatabaseTrouble: one of them cannot be used.

        """
        schema.ensure_current(self._source)
        with reading(self._source) as connection:
            token = moving.setting(connection, moving.TOKEN)
            moved = moving.setting(connection, moving.MOVED_TO)
        if moved:
            self._end(token)  # killed at its very last step, it is completed now
            raise moving.AlreadyMoved(database=_shown(self._source), target=moved)
        self._claim(token, only_look=True)  # before anybody is kept from working
        self._claim(moving.freeze(self._source))
        with reading(self._source) as connection:
            return sum(_count(connection, table) for table in _tables())

    def copy(self, progress: Progress) -> None:
        """Copy what is not copied yet."""
        for table in _tables():
            with reading(self._target) as connection:
                kept = moving.setting(connection, f"{_AT}{table.name}")
            after = tuple(json.loads(kept)) if kept else ()
            if after:
                with reading(self._target) as connection:
                    progress(_count(connection, table))
            while rows := self._next(table, after):
                after = _key(table, rows[-1])
                with writing(self._target) as connection:
                    connection.execute(insert(table), [_values(row) for row in rows])
                    _keep(connection, f"{_AT}{table.name}", json.dumps(after))
                progress(len(rows))

    def compare(self, progress: Progress) -> int:
        """Compare every row, then replay every history in the copy; return how many events.

        Raises:
            CopyDiffers: something is not the same.

        """
        for table in _tables():
            after: tuple[Any, ...] = ()
            rows = 0
            while batch := self._next(table, after):
                after = _key(table, batch[-1])
                self._compare(table, batch)
                rows += len(batch)
                progress(len(batch))
            with reading(self._target) as connection:
                found = _count(connection, table)
            if found != rows:
                raise CopyDiffers(table=table.name, problem=f"{found} ≠ {rows}")
        with SqlStore(self._target, SystemClock()).reading() as reader:
            breaks = list(islice(verify(reader), 1))
        if breaks:
            raise CopyDiffers(table=breaks[0].instance, problem=breaks[0].code)
        with reading(self._target) as connection:
            return _count(connection, METADATA.tables["event"])

    def finish(self) -> str:
        """Let the copy be the database from now on; return its address without a password."""
        with reading(self._source) as connection:
            found = connection.execute(select(SETTING)).all()
        settings = [_values(row) for row in found if not row.name.startswith(moving.PREFIX)]
        with writing(self._target) as connection:
            connection.execute(delete(SETTING).where(~SETTING.c.name.startswith(moving.PREFIX)))
            if settings:
                connection.execute(insert(SETTING), settings)
            if self._target.dialect.name == "postgresql":
                set_sequences(connection)
            token = moving.setting(connection, moving.FILLING)
        moving.leave(self._source, _shown(self._target))
        self._end(token)
        return _shown(self._target)

    def _end(self, token: str) -> None:
        """Take the marks of this move off the copy, which is complete."""
        with reading(self._target) as connection:
            tables = set(inspect(connection).get_table_names())
            ours = "setting" in tables and moving.setting(connection, moving.FILLING) == token
        if ours:
            with writing(self._target) as connection:
                connection.execute(delete(SETTING).where(SETTING.c.name.startswith(moving.PREFIX)))

    def _claim(self, token: str, *, only_look: bool = False) -> None:
        """Make the target this move's own, or make sure that it is."""
        with reading(self._target) as connection:
            tables = set(inspect(connection).get_table_names())
            if tables and not self._is_ours(connection, tables, token):
                raise TargetInUse(database=_shown(self._target))
        if only_look:
            return
        schema.upgrade(self._target)
        with writing(self._target) as connection:
            _keep(connection, moving.FILLING, token)

    @staticmethod
    def _is_ours(connection: Connection, tables: set[str], token: str) -> bool:
        """Return whether there is nothing in the tables, or a half-done copy of this move."""
        if not tables <= {*METADATA.tables, "alembic_version"}:
            return False
        if "setting" in tables and token and moving.setting(connection, moving.FILLING) == token:
            return True
        if "setting" in tables and moving.setting(connection, moving.FILLING):
            return False
        known = [t for n, t in METADATA.tables.items() if n in tables and t is not SETTING]
        return all(connection.execute(select(table).limit(1)).first() is None for table in known)

    def _next(self, table: Table, after: tuple[Any, ...]) -> Sequence[Row[Any]]:
        columns = tuple(table.primary_key.columns)
        query = select(table).order_by(*columns).limit(BATCH)
        if after:
            query = query.where(tuple_(*columns) > tuple_(*after))
        with reading(self._source) as connection:
            return connection.execute(query).all()

    def _compare(self, table: Table, batch: Sequence[Row[Any]]) -> None:
        columns = tuple(table.primary_key.columns)
        keys = [_key(table, row) for row in batch]
        wanted = (
            columns[0].in_([k[0] for k in keys])
            if len(columns) == 1
            else (tuple_(*columns).in_(keys))
        )
        with reading(self._target) as connection:
            rows = connection.execute(select(table).where(wanted)).all()
        found = {_key(table, row): _values(row) for row in rows}
        for key, row in zip(keys, batch, strict=True):
            if found.get(key) != _values(row):
                raise CopyDiffers(table=table.name, problem="/".join(map(str, key)))


def move(source: str, target: str, progress: Callable[[int, str], Progress]) -> Moved:
    """Do all of it; ``progress`` is told how many rows there are, and what is done to them.

    Raises:
        Refused, DatabaseTrouble: it cannot be done, or not yet; the file stays as it is.

    """
    transfer = Transfer(source, target)
    try:
        with transfer.alone():
            rows = transfer.prepare()
            transfer.copy(progress(rows, N_("Copying")))
            events = transfer.compare(progress(rows, N_("Comparing")))
            return Moved(rows=rows, events=events, target=transfer.finish())
    finally:
        transfer.close()


def _tables() -> Iterator[Table]:
    """Yield what is copied, so that what is referred to comes first; settings come at the end."""
    yield from (table for table in METADATA.sorted_tables if table is not SETTING)


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    values = _values(row)
    return tuple(values[column.name] for column in table.primary_key.columns)


def _values(row: Row[Any]) -> dict[str, Any]:
    return row._asdict()


def _keep(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(SETTING).where(SETTING.c.name == name))
    connection.execute(insert(SETTING), {"name": name, "value": value})


def set_sequences(connection: Connection) -> None:
    """Let numbers that the server gives go on after those that were copied."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is None or not isinstance(column.type, Integer):
            continue
        last = connection.scalar(select(func.max(column)))
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(sequence, (last or 0) + 1, False)))


def _shown(database: Engine) -> str:
    return database.url.render_as_string(hide_password=True)
