"""Histories out of the database: one, all of them, and their footprints, read as a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from adapters.sql.prepared import Prepared
from adapters.sql.rows import (
    EVENT_COLUMNS,
    EVENTS_WITH_KEY,
    FOOTPRINTS,
    INSTANCE_COLUMNS,
    to_event,
    to_instance,
)
from adapters.sql.tables import EVENT, EVENT_TEXT, INSTANCE
from engine.errors import NotFound
from engine.events import Event, Instance, Kind
from engine.footprint import WHOLE, Footprint, Share

INSTANCES = select(*INSTANCE_COLUMNS)

_ID = Prepared(select(INSTANCE.c.id).where(INSTANCE.c.key == bindparam("key")))


class SqlHistories:
    """What a reader answers from events, on one connection."""

    def __init__(self, connection: Connection) -> None:
        """Read through ``connection``."""
        self._connection = connection
        self._ids: dict[str, int] = {}

    def history(self, key: str) -> Sequence[Event]:
        """Return every event of the instance, oldest first, texts included."""
        query = (
            select(*EVENT_COLUMNS)
            .where(EVENT.c.instance_id == self._id(key))
            .order_by(EVENT.c.sequence)
        )
        rows = self._connection.execute(query).all()
        texts = self._texts(EVENT.c.instance_id == self._id(key))
        return [to_event(row, key, texts.get(row[0])) for row in rows]

    def moves_of(self, keys: Sequence[str], since: int = 0) -> Mapping[str, Sequence[Event]]:
        """Return the moves past position ``since`` of those instances that made any."""
        query = EVENTS_WITH_KEY.where(
            INSTANCE.c.key.in_(keys), EVENT.c.kind == Kind.MOVED, EVENT.c.position > since
        ).order_by(EVENT.c.instance_id, EVENT.c.sequence)
        found: dict[str, list[Event]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row[-1], []).append(to_event(row, row[-1]))
        return found

    def histories(self, cycle: str = "") -> Iterator[tuple[Instance, Sequence[Event]]]:
        """Yield every instance with its events, without texts."""
        instances = INSTANCES.order_by(INSTANCE.c.id)
        events = EVENTS_WITH_KEY.add_columns(EVENT.c.instance_id).order_by(
            EVENT.c.instance_id, EVENT.c.sequence
        )
        if cycle:
            instances = instances.where(INSTANCE.c.cycle_id == self._id(cycle))
            events = events.where(INSTANCE.c.cycle_id == self._id(cycle))
        rows = iter(self._connection.execute(events.execution_options(yield_per=5000)))
        row = next(rows, None)
        for found in self._connection.execute(instances.execution_options(yield_per=5000)):
            mine = []
            while row is not None and row[-1] == found[-1]:
                mine.append(to_event(row, row[-2]))
                row = next(rows, None)
            yield to_instance(found), mine

    def footprints(
        self, cycle: str = "", share: Share = WHOLE
    ) -> Iterator[tuple[Instance, Sequence[Footprint]]]:
        """Yield every instance with what replay needs of its events; or a share of them."""
        instances, events = INSTANCES.order_by(INSTANCE.c.id), FOOTPRINTS
        begin, end = self._bounds(cycle, share)
        if begin is not None:
            instances = instances.where(INSTANCE.c.id >= begin)
            events = events.where(EVENT.c.instance_id >= begin)
        if end is not None:
            instances = instances.where(INSTANCE.c.id < end)
            events = events.where(EVENT.c.instance_id < end)
        if cycle:
            mine = select(INSTANCE.c.id).where(INSTANCE.c.cycle_id == self._id(cycle))
            instances = instances.where(INSTANCE.c.cycle_id == self._id(cycle))
            events = events.where(EVENT.c.instance_id.in_(mine))
        rows = self._connection.execute(events.execution_options(yield_per=20_000))
        groups = groupby(rows, key=itemgetter(-1))
        of, group = next(groups, (None, iter(())))
        for found in self._connection.execute(instances.execution_options(yield_per=5000)):
            prints: list[Footprint] = []
            if of == found[-1]:
                prints = [Footprint._make(row[:-1]) for row in group]
                of, group = next(groups, (None, iter(())))
            yield to_instance(found), prints

    def _bounds(self, cycle: str, share: Share) -> tuple[int | None, int | None]:
        """Return from which number of an instance, and before which, a share goes.

        Ranges, so that each is read by the index: a share of every tenth would read all.
        The first and the last have no end.
        """
        part, parts = share
        query = select(func.min(INSTANCE.c.id), func.max(INSTANCE.c.id))
        if cycle:
            query = query.where(INSTANCE.c.cycle_id == self._id(cycle))
        first, last = self._connection.execute(query).one() if parts > 1 else (None, None)
        if first is None or last is None:
            return None, None if part == 0 else 0
        width = -(-(last - first + 1) // parts)
        begin, end = first + part * width, first + (part + 1) * width
        return begin if part else None, end if part < parts - 1 else None

    def event(self, position: int) -> Event | None:
        """Return the event at ``position``, texts included."""
        row = self._connection.execute(EVENTS_WITH_KEY.where(EVENT.c.position == position)).first()
        if row is None:
            return None
        return to_event(row, row[-1], self._texts(EVENT.c.position == position).get(position))

    def recorded(self, kinds: Collection[Kind], cycle: str = "") -> Iterator[Event]:
        """Yield the events of ``kinds`` in order of position; of one cycle or all."""
        chosen: Any = EVENT.c.kind.in_(sorted(map(str, kinds)))
        if cycle:
            mine = select(INSTANCE.c.id).where(INSTANCE.c.cycle_id == self._id(cycle))
            chosen &= EVENT.c.instance_id.in_(mine)
        texts = self._texts(chosen)
        query = EVENTS_WITH_KEY.where(chosen).order_by(EVENT.c.position)
        for row in self._connection.execute(query):
            yield to_event(row, row[-1], texts.get(row[0]))

    def removed_texts(self, cycle: str = "") -> Sequence[tuple[int, str]]:
        """Return event and name of every text that is gone, in order; of one cycle or all."""
        query = select(EVENT_TEXT.c.event, EVENT_TEXT.c.name).where(EVENT_TEXT.c.text.is_(None))
        if cycle:
            mine = select(INSTANCE.c.id).where(INSTANCE.c.cycle_id == self._id(cycle))
            query = query.join(EVENT, EVENT.c.position == EVENT_TEXT.c.event).where(
                EVENT.c.instance_id.in_(mine)
            )
        rows = self._connection.execute(query.order_by(EVENT_TEXT.c.event, EVENT_TEXT.c.name))
        return [(event, name) for event, name in rows]

    def last(self, key: str, trigger: str) -> Event | None:
        """Return the last move of the instance on ``trigger``."""
        query = (
            select(*EVENT_COLUMNS)
            .where(EVENT.c.instance_id == self._id(key), EVENT.c.trigger == trigger)
            .order_by(EVENT.c.sequence.desc())
        )
        row = self._connection.execute(query.limit(1)).first()
        return None if row is None else to_event(row, key)

    def _id(self, key: str) -> int:
        if key not in self._ids:
            found = _ID.scalar(self._connection, {"key": key})
            if found is None:
                raise NotFound(what="instance", key=key, hint="duban list")
            self._ids[key] = found
        return self._ids[key]

    def _texts(self, condition: Any) -> dict[int, dict[str, str]]:
        query = (
            select(EVENT_TEXT.c.event, EVENT_TEXT.c.name, EVENT_TEXT.c.text)
            .join(EVENT, EVENT.c.position == EVENT_TEXT.c.event)
            .where(condition, EVENT_TEXT.c.text.is_not(None))
        )
        texts: dict[int, dict[str, str]] = {}
        for event, name, text in self._connection.execute(query):
            texts.setdefault(event, {})[name] = text
        return texts
