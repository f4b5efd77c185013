"""Entries out of the database: of what is sealed already, and of what is not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, Text, and_, cast, select

from adapters.sql.histories import SqlHistories
from adapters.sql.log_tables import LEAF, LOG_EDITION
from adapters.sql.notices import SENT
from adapters.sql.tables import (
    CALENDAR_EDITION,
    EVENT,
    EVENT_TEXT,
    INSTANCE,
    NOTICE,
    NOTICE_ITEM,
    PLAN_EDITION,
    SETTING,
    WORKFLOW_EDITION,
)
from engine.entries import (
    NO_TEXTS,
    UNREADABLE,
    Entry,
    KeptText,
    edition_entry,
    event_entry,
    sent_entry,
    told_entry,
)
from engine.log import Unsealed
from engine.persons import SECRET, Persons

# Text as it is stored, like the footprints: the entry is made of nothing else.
_STORED_EVENT: tuple[Any, ...] = (
    INSTANCE.c.key,
    EVENT.c.sequence,
    EVENT.c.kind,
    EVENT.c.edition,
    EVENT.c.trigger,
    EVENT.c.source,
    EVENT.c.target,
    EVENT.c.actor,
    EVENT.c.acting_for,
    EVENT.c.authority,
    cast(EVENT.c.occurred_at, String()),
    cast(EVENT.c.recorded_at, String()),
    EVENT.c.cause,
    EVENT.c.timer,
    EVENT.c.part,
    cast(EVENT.c.data, Text()),
)
_TOLD: tuple[Any, ...] = (
    NOTICE_ITEM.c.event,
    NOTICE_ITEM.c.recipient,
    NOTICE_ITEM.c.channel,
    NOTICE_ITEM.c.about,
)
_SENT: tuple[Any, ...] = (
    NOTICE.c.key,
    NOTICE.c.recipient,
    NOTICE.c.channel,
    cast(NOTICE.c.created_at, String()),
    cast(NOTICE.c.sent_at, String()),
)
_EDITIONS = {"plan": PLAN_EDITION, "workflow": WORKFLOW_EDITION, "calendar": CALENDAR_EDITION}
_KEPT_TEXTS = select(
    EVENT_TEXT.c.event,
    EVENT_TEXT.c.name,
    EVENT_TEXT.c.salt,
    EVENT_TEXT.c.hash,
    EVENT_TEXT.c.text,
)


class SqlEntries(SqlHistories):
    """Makes entries of stored rows, on one connection."""

    _persons: Persons | None = None

    def persons(self) -> Persons:
        """Return how the log covers the persons of this database; the secret is read once."""
        if self._persons is None:
            query = select(SETTING.c.value).where(SETTING.c.name == SECRET)
            self._persons = Persons(self._connection.scalar(query) or "")
        return self._persons

    def sealed_texts(self, position: int) -> Mapping[str, KeptText]:
        """Return the removable texts of the event at ``position``."""
        return self._kept_texts(position, position).get(position, {})

    def false_texts(self) -> Sequence[tuple[int, str]]:
        """Return event and name of every text that is not the one that was hashed."""
        query = _KEPT_TEXTS.where(EVENT_TEXT.c.text.is_not(None))
        rows = self._connection.execute(query.order_by(EVENT_TEXT.c.event, EVENT_TEXT.c.name))
        return [(event, name) for event, name, *kept in rows if not KeptText._make(kept).holds]

    def entries(self, among: Any) -> Mapping[int, bytes | None]:
        """Return the entries of some leaves, as they are stored now, by index."""
        found: dict[int, bytes | None] = {}
        events = (
            select(LEAF.c.index, EVENT.c.position, *_STORED_EVENT)
            .join(EVENT, EVENT.c.position == LEAF.c.position)
            .join(INSTANCE, INSTANCE.c.id == EVENT.c.instance_id)
            .where(among, LEAF.c.kind == str(Entry.EVENT))
        )
        rows = self._connection.execute(events).all()
        if rows:
            positions = [row[1] for row in rows]
            texts = self._kept_texts(min(positions), max(positions))
            for row in rows:
                found[row[0]] = _event_entry(row[2:], self.persons(), texts.get(row[1], NO_TEXTS))
        editions = (
            select(LEAF.c.index, LOG_EDITION.c.name)
            .join(LOG_EDITION, LOG_EDITION.c.number == LEAF.c.position)
            .where(among, LEAF.c.kind == str(Entry.EDITION))
        )
        rows = self._connection.execute(editions).all()
        found |= {row[0]: self.edition_entry(row[1]) for row in rows}
        told = (
            select(LEAF.c.index, *_TOLD)
            .join(NOTICE_ITEM, NOTICE_ITEM.c.id == LEAF.c.position)
            .where(among, LEAF.c.kind == str(Entry.TOLD))
        )
        found |= {
            row[0]: _told_entry(row[1:], self.persons()) for row in self._connection.execute(told)
        }
        sent = (
            select(LEAF.c.index, NOTICE.c.id, *_SENT)
            .join(NOTICE, NOTICE.c.id == LEAF.c.position)
            .where(among, LEAF.c.kind == str(Entry.SENT), NOTICE.c.state == SENT)
        )
        rows = self._connection.execute(sent).all()
        of = self._events_of([row[1] for row in rows])
        return found | {
            row[0]: _sent_entry(row[2:], self.persons(), of.get(row[1], ())) for row in rows
        }

    def unsealed_editions(self) -> list[Unsealed]:
        """Return what was published and has no number in the log yet, numbered on."""
        sealed = set(self._connection.scalars(select(LOG_EDITION.c.name)))
        number = len(sealed)
        found = []
        for kind, table in _EDITIONS.items():
            names = self._connection.scalars(select(table.c.edition).order_by(table.c.edition))
            for edition in names.all():
                if (name := f"{kind}:{edition}") not in sealed:
                    number += 1
                    entry = self.edition_entry(name)
                    found.append(Unsealed(Entry.EDITION, number, entry, name))
        return found

    def edition_entry(self, name: str) -> bytes | None:
        """Return the entry of what was published under a kind and name."""
        kind, _, edition = name.partition(":")
        table = _EDITIONS.get(kind)
        if table is None:
            return None
        query = select(cast(table.c.content, Text()), cast(table.c.published_at, String()))
        row = self._connection.execute(query.where(table.c.edition == edition)).first()
        try:
            if row is None:
                return None
            return edition_entry(kind, edition, json.loads(row[0]), row[1], self.persons())
        except UNREADABLE:
            return None

    def unsealed_events(self, after: int, limit: int, *, thorough: bool) -> list[Unsealed]:
        """Return the first events without a leaf behind the position ``after``."""
        query = (
            select(EVENT.c.position, *_STORED_EVENT)
            .join(INSTANCE, INSTANCE.c.id == EVENT.c.instance_id)
            .where(EVENT.c.position > after)
            .order_by(EVENT.c.position)
            .limit(limit)
        )
        # SQLite commits in order of position: behind the last one that is sealed, none is.
        if thorough or self._connection.dialect.name != "sqlite":
            query = without_leaf(query, EVENT.c.position, Entry.EVENT)
        rows = self._connection.execute(query).all()
        if not rows:
            return []
        texts = self._kept_texts(rows[0][0], rows[-1][0])
        return [
            Unsealed(
                Entry.EVENT,
                row[0],
                _event_entry(row[1:], self.persons(), texts.get(row[0], NO_TEXTS)),
            )
            for row in rows
        ]

    def untold(self, after: int, limit: int) -> list[Unsealed]:
        """Return the first notice items without a leaf behind the number ``after``."""
        query = without_leaf(
            select(NOTICE_ITEM.c.id, *_TOLD)
            .where(NOTICE_ITEM.c.id > after)
            .order_by(NOTICE_ITEM.c.id)
            .limit(limit),
            NOTICE_ITEM.c.id,
            Entry.TOLD,
        )
        rows = self._connection.execute(query)
        return [Unsealed(Entry.TOLD, row[0], _told_entry(row[1:], self.persons())) for row in rows]

    def unsent(self, since: datetime | None, limit: int) -> list[Unsealed]:
        """Return the first notices without a leaf that were sent, ``since`` a moment or ever."""
        query = without_leaf(
            select(NOTICE.c.id, *_SENT)
            .where(NOTICE.c.state == SENT)
            .order_by(NOTICE.c.id)
            .limit(limit),
            NOTICE.c.id,
            Entry.SENT,
        )
        if since is not None:
            query = query.where(NOTICE.c.sent_at >= since)
        rows = self._connection.execute(query).all()
        events = self._events_of([row[0] for row in rows])
        return [
            Unsealed(
                Entry.SENT, row[0], _sent_entry(row[1:], self.persons(), events.get(row[0], ()))
            )
            for row in rows
        ]

    def _events_of(self, notices: Sequence[int]) -> Mapping[int, list[int]]:
        """Return the events that each notice tells."""
        if not notices:
            return {}
        query = select(NOTICE_ITEM.c.notice, NOTICE_ITEM.c.event).where(
            NOTICE_ITEM.c.notice >= min(notices), NOTICE_ITEM.c.notice <= max(notices)
        )
        found: dict[int, list[int]] = {}
        for notice, event in self._connection.execute(query):
            found.setdefault(notice, []).append(event)
        return found

    def _kept_texts(self, first: int, last: int) -> Mapping[int, dict[str, KeptText]]:
        query = _KEPT_TEXTS.where(EVENT_TEXT.c.event >= first, EVENT_TEXT.c.event <= last)
        found: dict[int, dict[str, KeptText]] = {}
        for event, name, *kept in self._connection.execute(query):
            found.setdefault(event, {})[name] = KeptText._make(kept)
        return found


def without_leaf(query: Any, position: Any, kind: Entry) -> Any:
    """Return ``query`` for those that no leaf stands for."""
    leaf = LEAF.alias()
    mine = and_(leaf.c.kind == str(kind), leaf.c.position == position)
    return query.where(~select(leaf.c.index).where(mine).exists())


def _event_entry(
    row: Sequence[Any], persons: Persons, texts: Mapping[str, KeptText]
) -> bytes | None:
    try:
        return event_entry(row, persons, texts)
    except UNREADABLE:
        return None


def _told_entry(row: Sequence[Any], persons: Persons) -> bytes | None:
    try:
        event, recipient, channel, about = row
        return told_entry(event, recipient, channel, about, persons)
    except UNREADABLE:
        return None


def _sent_entry(row: Sequence[Any], persons: Persons, events: Iterable[int]) -> bytes | None:
    try:
        key, recipient, channel, created_at, sent_at = row
        return sent_entry(
            key=key,
            recipient=recipient,
            channel=channel,
            created_at=created_at,
            sent_at=sent_at,
            events=events,
            persons=persons,
        )
    except UNREADABLE:
        return None
