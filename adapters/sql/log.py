"""The log in the database: what is sealed, what is not, and writing both leaves and checkpoints."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from adapters.sql.locks import LOG, hold_number
from adapters.sql.log_entries import without_leaf
from adapters.sql.log_posts import SqlPosting, SqlPosts
from adapters.sql.log_tables import CHECKPOINT, LEAF, LOG_EDITION, LOG_NODE
from adapters.sql.prepared import Prepared
from adapters.sql.soundness import SqlSoundness
from adapters.sql.tables import (
    EVENT,
    NOTICE,
    NOTICE_ITEM,
    SETTING,
)
from adapters.sql.trouble import is_duplicate
from engine.bulk import uncollected
from engine.entries import Entry
from engine.errors import ConcurrentChange
from engine.facts import to_moment
from engine.log import HORIZON, Leaf, Node, Sealed, SealedNotice, StoredLeaf, Unsealed
from engine.merkle import SHA256, STRIDE, Hash, Hashing, grown
from engine.persons import SECRET

LONGEST_UNIT = timedelta(hours=1)
"""Looked back at least, however few transactions run."""

_OLDEST_RUNNING = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
_OLDER = text(
    "(CAST(:horizon AS numeric) % 4294967296 - checkpoint.xmin::text::numeric + 4294967296)"
    " % 4294967296 BETWEEN 1 AND 2147483647"
)
"""Whether a checkpoint was written by an older transaction; their numbers begin again from 0."""

_LEAF: tuple[Any, ...] = (LEAF.c.index, LEAF.c.kind, LEAF.c.position, LEAF.c.hash)
_KEEP_LEAF = 'INSERT INTO leaf ("index", kind, position, hash) VALUES (?, ?, ?, ?)'
_LEAF_OF = Prepared(
    select(*_LEAF).where(LEAF.c.kind == bindparam("kind"), LEAF.c.position == bindparam("position"))
)
_AT_ONCE = 20_000
_EVENTS_AT_ONCE = 500
_CHECKPOINTS = select(CHECKPOINT)


class SqlLog(SqlPosts, SqlSoundness):
    """An `engine.log.LogReader` on one connection."""

    def oldest_writer(self) -> str:
        """Return the number of the oldest transaction that still runs, on a server."""
        if self._connection.dialect.name == "sqlite":
            return ""
        return str(self._connection.scalar(_OLDEST_RUNNING))

    def log_size(self) -> int:
        """Return how many leaves there are."""
        last = self._connection.scalar(select(func.max(LEAF.c.index)))
        return 0 if last is None else last + 1

    def node(self, level: int, index: int) -> Hash:
        """Return the hash of a whole subtree, from what is kept at or below its level."""
        kept = level - level % STRIDE
        first, count = index << (level - kept), 1 << (level - kept)
        if kept:
            wanted = (LOG_NODE.c.level == kept, LOG_NODE.c.index >= first)
            query = select(LOG_NODE.c.hash).where(*wanted, LOG_NODE.c.index < first + count)
            found = self._connection.scalars(query.order_by(LOG_NODE.c.index)).all()
        else:
            query = select(LEAF.c.hash).where(LEAF.c.index >= first, LEAF.c.index < first + count)
            found = self._connection.scalars(query.order_by(LEAF.c.index)).all()
        if len(found) != count:
            raise LookupError(f"node {index} of level {level}")
        return grown(self._hashing(), [_hash(each) for each in found])

    def leaf_of(self, kind: Entry, position: int) -> Leaf | None:
        """Return the leaf that stands for an event, a notice item or a notice."""
        row = _LEAF_OF.first(self._connection, {"kind": str(kind), "position": position})
        return None if row is None else _to_leaf(row)

    def sealed_edition(self, kind: str, edition: str) -> tuple[Leaf, bytes] | None:
        """Return the leaf of a published ``plan``, ``workflow`` or ``calendar``, and its entry."""
        name = f"{kind}:{edition}"
        number = self._connection.scalar(
            select(LOG_EDITION.c.number).where(LOG_EDITION.c.name == name)
        )
        leaf = None if number is None else self.leaf_of(Entry.EDITION, number)
        entry = self.edition_entry(name)
        return None if leaf is None or entry is None else (leaf, entry)

    def sealed_notices(self, events: Sequence[int]) -> Sequence[SealedNotice]:
        """Return what the log holds of notices about ``events``, in order of leaves."""
        found: dict[int, SealedNotice] = {}
        wanted = iter(events)
        while some := list(islice(wanted, _EVENTS_AT_ONCE)):
            mine = NOTICE_ITEM.c.event.in_(some)
            items = select(NOTICE_ITEM.c.id).where(mine)
            sent = select(NOTICE_ITEM.c.notice).where(mine, NOTICE_ITEM.c.notice.is_not(None))
            for kind, table, positions in (
                (Entry.TOLD, NOTICE_ITEM, items),
                (Entry.SENT, NOTICE, sent),
            ):
                among = and_(LEAF.c.kind == str(kind), LEAF.c.position.in_(positions))
                entries = self.entries(among)
                query = select(*_LEAF, table.c.recipient).join(table, table.c.id == LEAF.c.position)
                for row in self._connection.execute(query.where(among)):
                    leaf = _to_leaf(row)
                    entry = entries.get(leaf.index) or b""
                    found[leaf.index] = SealedNotice(leaf, entry, row.recipient)
        return [found[index] for index in sorted(found)]

    def leaves(self) -> Iterator[StoredLeaf]:
        """Yield every leaf, in order, with what it stands for as that is stored now."""
        begin, size = self._connection.execute(
            select(func.min(LEAF.c.index), func.max(LEAF.c.index))
        ).one()
        while begin is not None and begin <= size:
            among = and_(LEAF.c.index >= begin, LEAF.c.index < begin + _AT_ONCE)
            query = select(*_LEAF).where(among).order_by(LEAF.c.index)
            with uncollected():
                entries = self.entries(among)
                rows = self._connection.execute(query).all()
            for row in rows:
                yield StoredLeaf(row[0], row[1], row[2], row[3], entries.get(row[0]))
            begin += _AT_ONCE

    def unsealed(self, limit: int, *, thorough: bool = False) -> Sequence[Unsealed]:
        """Return what the log does not cover yet: events first, in order of position."""
        settled = None if thorough else self._settled()
        found = self.unsealed_editions()[:limit]
        if len(found) < limit:
            after = settled.last_event if settled else 0
            found += self.unsealed_events(after, limit - len(found), thorough=thorough)
        if len(found) < limit:
            found += self.untold(settled.last_told if settled else 0, limit - len(found))
        if len(found) < limit:
            since = settled.sealed_at - LONGEST_UNIT if settled else None
            found += self.unsent(since, limit - len(found))
        return found

    def left_behind(self) -> Sequence[Unsealed]:
        """Return what the last checkpoint should cover and does not."""
        last = self.checkpoint()
        if last is None:
            return ()
        events = select(EVENT.c.position).where(EVENT.c.position <= last.last_event)
        told = select(NOTICE_ITEM.c.id).where(NOTICE_ITEM.c.id <= last.last_told)
        told = told.join(EVENT, EVENT.c.position == NOTICE_ITEM.c.event)
        if self._connection.dialect.name != "sqlite":
            settled = self._settled()
            if settled is None:
                return ()
            events = events.where(EVENT.c.position <= settled.last_event)
            told = told.where(NOTICE_ITEM.c.id <= settled.last_told)
        wanted = (
            (Entry.EVENT, without_leaf(events, EVENT.c.position, Entry.EVENT)),
            (Entry.TOLD, without_leaf(told, NOTICE_ITEM.c.id, Entry.TOLD)),
        )
        return [
            Unsealed(kind, position, None)
            for kind, query in wanted
            for position in self._connection.scalars(query)
        ]

    def nodes(self) -> Iterator[tuple[int, int, str]]:
        """Yield level, index and hash of every node that is kept, as it is stored."""
        query = select(LOG_NODE.c.level, LOG_NODE.c.index, LOG_NODE.c.hash)
        for row in self._connection.execute(query.order_by(LOG_NODE.c.level, LOG_NODE.c.index)):
            yield row[0], row[1], row[2]

    def count_unsealed(self) -> tuple[int, datetime | None]:
        """Return how many events have no leaf, and when the oldest was recorded."""
        query = without_leaf(
            select(func.count(), func.min(cast(EVENT.c.recorded_at, String()))).select_from(EVENT),
            EVENT.c.position,
            Entry.EVENT,
        )
        count, oldest = self._connection.execute(query).one()
        return count, to_moment(oldest) if oldest else None

    def checkpoint(self, size: int | None = None) -> Sealed | None:
        """Return the checkpoint of that size, or the last one."""
        query = _CHECKPOINTS.order_by(CHECKPOINT.c.size.desc()).limit(1)
        if size is not None:
            query = query.where(CHECKPOINT.c.size == size)
        row = self._connection.execute(query).first()
        return None if row is None else _to_sealed(row)

    def checkpoints(self) -> Sequence[Sealed]:
        """Return every checkpoint, the smallest first."""
        query = _CHECKPOINTS.order_by(CHECKPOINT.c.size)
        return [_to_sealed(row) for row in self._connection.execute(query)]

    def _hashing(self) -> Hashing:
        last = self.checkpoint()
        return Hashing(last.hashing if last else SHA256)

    def _settled(self) -> Sealed | None:
        """Return the checkpoint before which nothing can be missing any more.

        On SQLite one unit writes at a time, so positions are in order of
        commit. Elsewhere an event may become durable after a later one was
        sealed, by a transaction that ran when that was done: its positions
        come after any checkpoint that is older than the oldest of those. As a
        number is drawn a moment before a transaction counts as running, an
        hour is left beside.
        """
        last = self.checkpoint()
        if last is None or self._connection.dialect.name == "sqlite":
            return last
        query = _CHECKPOINTS.where(CHECKPOINT.c.sealed_at <= last.sealed_at - LONGEST_UNIT)
        kept = select(SETTING.c.value).where(SETTING.c.name == HORIZON)
        horizon = self._connection.scalar(kept)
        if horizon:
            query = query.where(_OLDER.bindparams(horizon=int(horizon)))
        row = self._connection.execute(query.order_by(CHECKPOINT.c.size.desc()).limit(1)).first()
        return None if row is None else _to_sealed(row)


class SqlSealing(SqlPosting, SqlLog):
    """An `engine.log.LogWriter` inside one transaction."""

    def choose_secret(self) -> None:
        """Choose what the salts of persons are made of, if that was not done yet."""
        hold_number(self._connection, LOG)
        self._persons = None
        query = select(SETTING.c.value).where(SETTING.c.name == SECRET)
        if self._connection.scalar(query) is None:
            row = {"name": SECRET, "value": secrets.token_hex(32)}
            self._connection.execute(insert(SETTING), row)

    def seal(self, leaves: Iterable[Leaf], nodes: Iterable[Node], checkpoint: Sealed) -> None:
        """Keep leaves, nodes and the checkpoint that covers them."""
        leaves = list(leaves)
        plain = {kind: kind.value for kind in Entry}  # a driver takes its time over kinds of text
        rows = [(one.index, plain[one.kind], one.position, one.hash.hex()) for one in leaves]
        kept = [{"level": n.level, "index": n.index, "hash": n.hash.hex()} for n in nodes]
        named = [{"number": leaf.position, "name": leaf.name} for leaf in leaves if leaf.name]
        sealed = {
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "note": checkpoint.note,
            "key": checkpoint.key,
            "hashing": checkpoint.hashing,
            "previous": checkpoint.previous,
            "sealed_at": checkpoint.sealed_at,
            "last_event": checkpoint.last_event,
            "last_told": checkpoint.last_told,
        }
        try:
            with self._connection.begin_nested():
                if rows:
                    self._keep_leaves(rows)
                if kept:
                    self._connection.execute(insert(LOG_NODE), kept)
                if named:
                    self._connection.execute(insert(LOG_EDITION), named)
                self._connection.execute(insert(CHECKPOINT), sealed)
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            raise ConcurrentChange(key="log") from None

    def _keep_leaves(self, rows: list[Any]) -> None:
        if self._connection.dialect.name == "sqlite":
            # A hundred thousand rows: given to the driver as they are, in half the time.
            self._connection.exec_driver_sql(_KEEP_LEAF, rows)
        else:
            names = [column.name for column in _LEAF]
            self._connection.execute(
                insert(LEAF), [dict(zip(names, row, strict=True)) for row in rows]
            )


def _to_leaf(row: Sequence[Any]) -> Leaf:
    return Leaf(row[0], Entry(row[1]), row[2], _hash(row[3]))


def _to_sealed(row: Any) -> Sealed:
    return Sealed(
        size=row.size,
        root=_hash(row.root),
        note=row.note,
        key=row.key,
        hashing=row.hashing,
        previous=row.previous,
        sealed_at=row.sealed_at,
        last_event=row.last_event,
        last_told=row.last_told,
    )


def _hash(text: str) -> Hash:
    """Return the hash that ``text`` writes; anything else becomes one that is no hash's equal."""
    try:
        return bytes.fromhex(text)
    except (ValueError, TypeError):
        return repr(text).encode()
