"""The unit of work on SQLite and PostgreSQL: writes beside the reader's questions."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.sql import notices, sets
from adapters.sql.chunks import SqlChunks
from adapters.sql.editions import Editions
from adapters.sql.first_look import SqlFirstLook
from adapters.sql.guards import Setting
from adapters.sql.log import SqlSealing
from adapters.sql.prepared import Prepared
from adapters.sql.rows import TIMERS, from_deadline, from_event, from_timer, to_timer
from adapters.sql.selection import joins_of
from adapters.sql.tables import (
    CALENDAR_EDITION,
    DEADLINE,
    EVENT,
    EVENT_TEXT,
    EXEMPTION,
    HEARTBEAT,
    INSTANCE,
    PLAN_EDITION,
    SETTING,
    TENURE,
    TIMER,
)
from adapters.sql.trouble import is_duplicate
from adapters.sql.upserts import put, put_once
from engine.deadline import Deadline, Exempt, Timer, TimerState
from engine.definition import Workflow
from engine.errors import N_, AlreadyExists, ConcurrentChange, DefinitionError, NotFound
from engine.events import Data, Event, Instance, Kind, apply, text_hash
from engine.guards import Joined, leaves
from engine.heartbeat import Heartbeat
from engine.machine import Machine
from engine.population import Population, Stamp
from engine.ports import Notice, NoticeItem, Tenure

_FOLLOWING = ("edition", "state", "sequence", "owner", "lamp", "facts", "moved_at")
"""What an event may change of its instance."""
_FOLLOW = (
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("row_id"), INSTANCE.c.sequence == bindparam("row_sequence"))
    .values({name: bindparam(f"after_{name}") for name in _FOLLOWING})
)
_APPEND = Prepared(insert(EVENT))
_THEN_FOLLOW = Prepared(_FOLLOW)
_MADE = (
    insert(EVENT)
    .values({column.name: bindparam(column.name) for column in EVENT.c if not column.primary_key})
    .returning(EVENT.c.position)
    .cte("made")
)
_APPEND_AND_FOLLOW = Prepared(select(_MADE.c.position).add_cte(_FOLLOW.cte("followed")))
"""Both in one statement: SQLite has no such thing, and needs none."""
_KEEP_TEXT = Prepared(insert(EVENT_TEXT))


class SqlUnit(SqlSealing, SqlChunks, SqlFirstLook):
    """An `engine.ports.UnitOfWork` inside one transaction."""

    def __init__(self, connection: Connection, editions: Editions, now: datetime) -> None:
        """Write through ``connection`` at the moment ``now``."""
        super().__init__(connection, editions, now)
        self._publishes = False
        self.wakes = False
        """Whether something was kept that daemons want to know at once."""

    def publish_workflow(self, workflow: Workflow) -> None:
        """Keep the edition and its legal moves."""
        self._keep_editions_apart()
        self._editions.publish_workflow(self._connection, workflow, self.now)

    def publish_plan(self, edition: str, content: Data) -> None:
        """Keep a plan edition."""
        self._keep_editions_apart()
        self._editions.publish_plan(self._connection, edition, content, self.now)

    def publish_calendar(self, edition: str, content: Data) -> None:
        """Keep a calendar edition."""
        row = {"edition": edition, "content": dict(content), "published_at": self.now}
        put_once(self._connection, CALENDAR_EDITION, row)

    def bind_plan(self, cycle: str, edition: str) -> None:
        """Let ``cycle`` run under a published plan edition."""
        published = select(PLAN_EDITION.c.edition).where(PLAN_EDITION.c.edition == edition)
        if self._connection.scalar(published) is None:
            raise NotFound(what="plan_edition", key=edition, hint="duban status")
        bound = update(INSTANCE).where(INSTANCE.c.key == cycle).values(plan=edition)
        self._bound.pop(cycle, None)
        if not self._connection.execute(bound).rowcount:
            raise NotFound(what="cycle", key=cycle, hint="duban status")

    def create(self, born: Sequence[tuple[Instance, Event]]) -> Sequence[int]:
        """Create instances, each with its first event; return the events' positions."""
        if not born:
            return ()
        keys = [instance.key for instance, _ in born]
        ids = self._free_ids(len(born))
        mine = dict(zip(keys, ids, strict=True))
        rows = [
            {
                "id": mine[i.key],
                "key": i.key,
                "cycle_id": mine.get(i.cycle) or self._id(i.cycle),
                "parent_id": (mine.get(i.parent) or self._id(i.parent)) if i.parent else None,
                "workflow": i.workflow,
                "edition": i.edition,
                "plan": None,
                "state": i.state,
                "sequence": 1,
                "owner": i.owner,
                "origin": i.origin,
                "lamp": i.lamp,
                "facts": dict(i.facts),
                "moved_at": None,
            }
            for i, _ in born
        ]
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(INSTANCE), rows)
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            taken = select(INSTANCE.c.key).where(INSTANCE.c.key.in_(keys))
            key = self._connection.scalar(taken) or keys[0]
            raise AlreadyExists(what="instance", key=key, hint="") from None
        before = self._connection.scalar(select(func.max(EVENT.c.position))) or 0
        events = [from_event(event, mine[instance.key]) for instance, event in born]
        self._connection.execute(insert(EVENT), events)
        query = select(EVENT.c.instance_id, EVENT.c.position).where(
            EVENT.c.position > before, EVENT.c.sequence == 1
        )
        positions = {row[0]: row[1] for row in self._connection.execute(query)}
        found = [positions[row_id] for row_id in ids]
        for (_, event), position in zip(born, found, strict=True):
            self._keep_texts(position, event)
        return found

    def append(self, event: Event) -> Event:
        """Append the event, let it act on its instance, and return it with its position."""
        instance = self.load(event.instance)
        row_id = self._ids[event.instance]
        if event.sequence != instance.sequence + 1:
            raise ConcurrentChange(key=event.instance)
        if event.edition and not self._is_edge(event):
            problem = N_("the event is no move of its edition")
            raise DefinitionError(workflow=event.edition, problem=problem)
        after = apply(instance, event)
        follow = {f"after_{name}": getattr(after, name) for name in _FOLLOWING}
        follow |= {"after_facts": dict(after.facts)}
        follow |= {"row_id": row_id, "row_sequence": instance.sequence}
        try:
            position = self._record(from_event(event, row_id), follow)
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            raise ConcurrentChange(key=event.instance) from None
        self._keep_texts(position, event)
        self._loaded[event.instance] = after
        return replace(event, position=position)

    def _record(self, row: Mapping[str, Any], follow: Mapping[str, Any]) -> int:
        """Keep an event and what it made of its instance; return its position."""
        if self._connection.dialect.name == "sqlite":
            position = _APPEND.insert(self._connection, row)
            _THEN_FOLLOW.change(self._connection, follow)
            return position
        return int(_APPEND_AND_FOLLOW.scalar(self._connection, {**row, **follow}))

    def advance(
        self,
        population: Population,
        machine: Machine,
        trigger: str,
        stamp: Stamp,
        parent: Instance | None = None,
    ) -> int:
        """Make ``trigger`` in every instance of ``population`` where it is legal."""
        chosen = self._within(population)
        if chosen is None:
            return 0
        setting = Setting(self.now, parent)
        reads_joins = any(
            isinstance(leaf, Joined) for m in machine.moves(trigger) for leaf in leaves(m.guard)
        )
        if reads_joins:
            workflows = self._editions.workflows(self._connection)
            of_cycles = not population.parent
            joins = joins_of(machine.workflow, workflows, setting, of_cycles=of_cycles)
            setting = Setting(self.now, parent, joins)
        self._forget()
        return sets.advance(self._connection, machine, trigger, chosen, setting, stamp)

    def mark(self, population: Population, kind: Kind, data: Data, stamp: Stamp) -> int:
        """Record the same event, no move, in every instance of ``population``."""
        chosen = self._within(population)
        if chosen is None:
            return 0
        self._forget()
        return sets.mark(self._connection, chosen, kind, data, stamp)

    def redact(self, event: int, names: Collection[str] = ()) -> Sequence[str]:
        """Remove texts of the event at that position, all where none is named."""
        there = select(EVENT_TEXT.c.name).where(
            EVENT_TEXT.c.event == event, EVENT_TEXT.c.text.is_not(None)
        )
        if names:
            there = there.where(EVENT_TEXT.c.name.in_(sorted(names)))
        gone = list(self._connection.scalars(there.order_by(EVENT_TEXT.c.name)))
        if gone:
            if self._connection.dialect.name == "sqlite":
                # Else the text would stay readable in the file, in space that is free.
                self._connection.exec_driver_sql("PRAGMA secure_delete=ON")
            # The salt goes too: with it, a short text could be guessed from its hash.
            removed = update(EVENT_TEXT).where(
                EVENT_TEXT.c.event == event, EVENT_TEXT.c.name.in_(gone)
            )
            self._connection.execute(removed.values(text=None, salt=""))
        return gone

    def set_deadlines(self, deadlines: Iterable[Deadline], timers: Iterable[Timer]) -> None:
        """Keep new deadlines with their timers; they supersede older ones of the same step."""
        self._due.clear()
        for deadline in deadlines:
            cycle_id = self._id(deadline.cycle)
            own = self._id(deadline.instance) if deadline.instance else None
            older = select(DEADLINE.c.id).where(
                DEADLINE.c.cycle_id == cycle_id,
                DEADLINE.c.step == deadline.step,
                DEADLINE.c.occurrence == deadline.occurrence,
                DEADLINE.c.instance_id.is_(None) if own is None else DEADLINE.c.instance_id == own,
                DEADLINE.c.current,
            )
            for old in self._connection.scalars(older).all():
                self._connection.execute(
                    update(DEADLINE).where(DEADLINE.c.id == old).values(current=False)
                )
                self.cancel_timers(deadline.cycle, old)
            self._connection.execute(insert(DEADLINE), from_deadline(deadline, cycle_id, own))
        rows = [from_timer(timer, self._id(timer.cycle)) for timer in timers]
        if rows:
            self._connection.execute(insert(TIMER), rows)
            self.wakes = True

    def claim(self, timer: str) -> Timer | None:
        """Return the timer, locked until the unit ends, if it is still pending."""
        query = TIMERS.where(TIMER.c.id == timer, TIMER.c.state == TimerState.PENDING)
        row = self._connection.execute(query.with_for_update(of=TIMER, skip_locked=True)).first()
        return None if row is None else to_timer(row)

    def settle_timer(self, timer: Timer) -> None:
        """Keep state, cursor, attempts and error of ``timer``."""
        self._due.clear()
        self._connection.execute(
            update(TIMER)
            .where(TIMER.c.id == timer.id)
            .values(
                state=str(timer.state),
                cursor=timer.cursor,
                attempts=timer.attempts,
                next_attempt_at=timer.next_attempt_at,
                last_error=timer.last_error,
            )
        )

    def cancel_timers(self, cycle: str, deadline: str = "") -> None:
        """Cancel the pending timers of a deadline, or of the whole cycle, that have not begun."""
        self._due.clear()
        cancel = update(TIMER).where(TIMER.c.cycle_id == self._id(cycle), TIMER.c.cursor == 0)
        cancel = cancel.where(TIMER.c.state == TimerState.PENDING)
        if deadline:
            cancel = cancel.where(TIMER.c.deadline == deadline)
        self._connection.execute(cancel.values(state=TimerState.CANCELLED))

    def set_exemption(self, key: str, step: str, kind: Exempt | None, event: int) -> None:
        """Keep why ``step`` does not bind the instance as others; ``None`` takes it away."""
        row_id = self._id(key)
        self._connection.execute(
            delete(EXEMPTION).where(EXEMPTION.c.instance_id == row_id, EXEMPTION.c.step == step)
        )
        if kind is not None:
            row = {"instance_id": row_id, "step": step, "kind": str(kind), "event": event}
            self._connection.execute(insert(EXEMPTION), row)

    def set_tenure(self, tenure: Tenure) -> None:
        """Keep a tenure."""
        self._tenures.clear()
        row = {name: getattr(tenure, name) for name in TENURE.c.keys()}  # noqa: SIM118 - columns
        self._connection.execute(insert(TENURE), row)

    def end_tenure(self, event: int, until: str) -> None:
        """Let the tenure that ``event`` began end on the day ``until``."""
        self._tenures.clear()
        self._connection.execute(update(TENURE).where(TENURE.c.event == event).values(until=until))

    def tell(self, items: Iterable[NoticeItem]) -> None:
        """Keep notice items, to be delivered once this unit is durable."""
        self.wakes |= notices.tell(self._connection, items)

    def release_notices(self) -> int:
        """Let held items go; return how many."""
        self.wakes = True
        return notices.release(self._connection)

    def gather(
        self, limit: int = 100, hushed: Collection[str] = (), lease: timedelta = timedelta()
    ) -> Sequence[Notice]:
        """Group pending items into notices, and return those due."""
        return notices.gather(self._connection, self.now, limit, hushed, lease)

    def settle_notice(self, notice: Notice, error: str, next_attempt_at: datetime | None) -> None:
        """Keep the outcome of a delivery."""
        notices.settle(self._connection, notice, error, next_attempt_at, self.now)

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Let the notice be due again at ``until``; no attempt is counted."""
        notices.put_off(self._connection, notice, until)

    def void_notice(self, notice: Notice) -> None:
        """Settle a notice that has nothing left to say."""
        notices.void(self._connection, notice)

    def revive_notices(self, key: str = "") -> int:
        """Let a notice that was given up be due again, or all of them; return how many."""
        self.wakes = True
        return notices.revive(self._connection, key)

    def beat(self, heartbeat: Heartbeat) -> None:
        """Keep a daemon's sign of life."""
        put(self._connection, HEARTBEAT, asdict(heartbeat))

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting of the database."""
        self._settings.pop(name, None)
        self.wakes = True
        put(self._connection, SETTING, {"name": name, "value": value})

    def _keep_editions_apart(self) -> None:
        """Let what this unit publishes be known to it alone: it may yet be rolled back."""
        self._machines.clear()
        self._published = None
        if not self._publishes:
            self._editions = Editions(self._editions)
            self._publishes = True

    def _is_edge(self, event: Event) -> bool:
        move = self.machine(event.edition).edge(event.trigger, event.source)
        return move is not None and move.target == event.target

    def _free_ids(self, count: int) -> Sequence[int]:
        if self._connection.dialect.name != "sqlite":
            query = f"SELECT nextval('instance_id_seq') FROM generate_series(1, {count})"  # noqa: S608 - a number
            return list(self._connection.exec_driver_sql(query).scalars())
        last = select(INSTANCE.c.id).order_by(INSTANCE.c.id.desc()).limit(1)
        start = (self._connection.scalar(last) or 0) + 1
        return range(start, start + count)

    def _keep_texts(self, position: int, event: Event) -> None:
        for name, text in event.texts.items():
            salt = secrets.token_hex(16)
            row = {
                "event": position,
                "name": name,
                "salt": salt,
                "hash": text_hash(salt, text),
                "text": text,
            }
            _KEEP_TEXT.change(self._connection, row)
