"""Soundness of a database: what it says, and what its rows show, of having been edited."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast, func, or_, select, text
from sqlalchemy.exc import DBAPIError

from adapters.sql.log_entries import SqlEntries
from adapters.sql.tables import (
    EVENT,
    INSTANCE,
    LEGAL_MOVE,
    METADATA,
    NOTICE,
    NOTICE_ITEM,
    WORKFLOW_EDITION,
)
from engine.definition_form import from_data
from engine.entries import UNREADABLE
from engine.errors import EngineError
from engine.machine import Machine


class SqlSoundness(SqlEntries):
    """What verifying asks a database about itself, on one connection."""

    def damage(self) -> Sequence[str]:
        """Return what SQLite says is wrong with its file, or which rows refer to nothing.

        A server looks after its own files.

        A table and its index may differ, and which of them a question is
        answered from nobody can tell.
        """
        if self._connection.dialect.name != "sqlite":
            from adapters.sql.schema_comparison import orphans  # noqa: PLC0415 - as below

            return orphans(self._connection)
        said = [str(row[0]) for row in self._connection.execute(text("PRAGMA integrity_check(10)"))]
        torn = self._connection.execute(text("PRAGMA foreign_key_check")).fetchmany(10)
        return [
            *(line for line in said if line != "ok"),
            *(f"{row[0]} {row[1]}" for row in torn),
            *(name for name in METADATA.tables if not self._is_whole(name)),
        ]

    def _is_whole(self, name: str) -> bool:
        """Return whether a table has every column that it must have."""
        try:
            self._connection.execute(select(METADATA.tables[name]).limit(0))
        except (DBAPIError, UnicodeDecodeError):
            return False
        return True

    def schema_differences(self) -> Sequence[str]:
        """Return what of the database's schema is not as duban makes it."""
        # Imported here: only verifying needs to know how a schema is made.
        from adapters.sql.schema_comparison import differences  # noqa: PLC0415

        return differences(self._connection)

    def misplaced(self) -> Sequence[tuple[str, str]]:
        """Return (key, what it hangs on) of each row that hangs on another than its key says."""
        cycle, parent = INSTANCE.alias(), INSTANCE.alias()
        query = (
            select(INSTANCE.c.key, cycle.c.key, parent.c.key)
            .outerjoin(cycle, cycle.c.id == INSTANCE.c.cycle_id)
            .outerjoin(parent, parent.c.id == INSTANCE.c.parent_id)
        )
        found = []
        for key, of, below in self._connection.execute(query.execution_options(yield_per=20_000)):
            if (of or "", below or "") != (key.partition("/")[0], key.rpartition("/")[0]):
                found.append((key, f"{of or '-'}, {below or '-'}"))
        other = or_(
            NOTICE.c.recipient != NOTICE_ITEM.c.recipient, NOTICE.c.channel != NOTICE_ITEM.c.channel
        )
        notices = (
            select(NOTICE.c.key, NOTICE.c.recipient)
            .join(NOTICE_ITEM, NOTICE_ITEM.c.notice == NOTICE.c.id)
            .where(other)
            .distinct()
        )
        return [*found, *((key, who) for key, who in self._connection.execute(notices))]

    def missing_positions(self) -> Sequence[tuple[int, int]]:
        """Return first and last of every gap in positions; only SQLite leaves none itself."""
        if self._connection.dialect.name != "sqlite":
            return ()
        after = func.lead(EVENT.c.position).over(order_by=EVENT.c.position).label("after")
        pairs = select(EVENT.c.position.label("position"), after).subquery()
        gaps = select(pairs.c.position + 1, pairs.c.after - 1).where(
            pairs.c.after > pairs.c.position + 1
        )
        found = [(row[0], row[1]) for row in self._connection.execute(gaps)]
        first, last = self._connection.execute(
            select(func.min(EVENT.c.position), func.max(EVENT.c.position))
        ).one()
        given = self._connection.scalar(
            text("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        )
        if first is not None and first > 1:
            found.insert(0, (1, first - 1))
        if isinstance(given, int) and given > (last or 0):
            found.append(((last or 0) + 1, given))
        return found

    def false_moves(self) -> Sequence[str]:
        """Return the editions of machines whose legal moves are not those of their content."""
        stored: dict[str, set[Any]] = {}
        for edition, *move in self._connection.execute(
            select(
                LEGAL_MOVE.c.edition,
                LEGAL_MOVE.c.trigger,
                LEGAL_MOVE.c.source,
                LEGAL_MOVE.c.target,
                LEGAL_MOVE.c.forced,
            )
        ):
            stored.setdefault(edition, set()).add(tuple(move))
        published = self._connection.execute(
            select(
                WORKFLOW_EDITION.c.edition,
                WORKFLOW_EDITION.c.name,
                cast(WORKFLOW_EDITION.c.content, Text()),
            )
        )
        wrong = []
        for edition, name, content in published:
            mine = stored.pop(edition, set())
            declared: set[Any] | None
            try:
                machine = Machine(from_data(json.loads(content)))
                moves = {(m.trigger, m.source, m.target, m.forced) for m in machine.moves()}
                declared = moves if machine.workflow.name == name else None
            except (EngineError, LookupError, AttributeError, *UNREADABLE):
                declared = None
            if declared != mine:
                wrong.append(edition)
        return sorted([*wrong, *stored])
