"""Questions to the database, answered as of one moment of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select

from adapters.sql import notices
from adapters.sql.chunks import SqlChunkReader
from adapters.sql.editions import Editions
from adapters.sql.guards import Setting
from adapters.sql.histories import INSTANCES
from adapters.sql.log import SqlLog
from adapters.sql.prepared import Prepared
from adapters.sql.rows import (
    DEADLINES,
    TIMERS,
    to_deadline,
    to_instance,
    to_tenure,
    to_timer,
)
from adapters.sql.selection import counted, within
from adapters.sql.tables import (
    CALENDAR_EDITION,
    DEADLINE,
    EVENT,
    EXEMPTION,
    HEARTBEAT,
    INSTANCE,
    NOTICE,
    NOTICE_ITEM,
    SETTING,
    TENURE,
    TIMER,
    WORKFLOW_EDITION,
)
from engine.deadline import Deadline, Exempt, Timer, TimerState
from engine.definition import Join
from engine.errors import NotFound
from engine.events import Data, Instance
from engine.guards import ALWAYS
from engine.heartbeat import Heartbeat
from engine.machine import Machine
from engine.population import Population, Tally
from engine.ports import NoticeItem, Tenure

# Asked in every unit of work, so built once.
_BY_KEY = Prepared(INSTANCES.where(INSTANCE.c.key == bindparam("key")))
_SETTING = Prepared(select(SETTING.c.value).where(SETTING.c.name == bindparam("name")))
_EDITIONS = Prepared(
    select(WORKFLOW_EDITION.c.edition)
    .where(WORKFLOW_EDITION.c.name == bindparam("name"))
    .order_by(WORKFLOW_EDITION.c.edition)
)
_EXEMPTIONS = Prepared(
    select(EXEMPTION.c.step, EXEMPTION.c.kind).where(
        EXEMPTION.c.instance_id == bindparam("instance_id")
    )
)
DUE = TIMERS.where(
    TIMER.c.state == TimerState.PENDING,
    TIMER.c.fires_at <= bindparam("now"),
    or_(TIMER.c.next_attempt_at.is_(None), TIMER.c.next_attempt_at <= bindparam("now")),
).order_by(TIMER.c.fires_at, TIMER.c.rung, TIMER.c.id)
_DUE_OF_ALL = Prepared(DUE)
_DUE_OF_CYCLE = Prepared(DUE.where(TIMER.c.cycle_id == bindparam("cycle_id")))
_TENURES = select(TENURE).order_by(TENURE.c.event)
_TENURES_OF_ALL = Prepared(_TENURES)
_TENURES_OF_PERSON = Prepared(_TENURES.where(TENURE.c.person == bindparam("person")))


class SqlReader(SqlChunkReader, SqlLog):
    """An `engine.ports.Reader` on one connection."""

    def __init__(self, connection: Connection, editions: Editions, now: datetime) -> None:
        """Read through ``connection``; ``now`` is what guards in populations compare with."""
        super().__init__(connection)
        self._editions = editions
        self._cycles: dict[str, Instance] = {}
        """Cycles that were asked for: everything about an instance asks for its cycle again."""
        self._machines: dict[str, Sequence[Machine]] = {}
        self.now = now

    def find(self, key: str) -> Instance | None:
        """Return the instance, if there is one."""
        if key in self._cycles:
            return self._cycles[key]
        found = self._read(key)
        if found is not None and not found.parent:
            self._cycles[key] = found
        return found

    def _read(self, key: str) -> Instance | None:
        row = _BY_KEY.first(self._connection, {"key": key})
        if row is None:
            return None
        self._ids[key] = row[-1]
        return to_instance(row)

    def cycles(self) -> Sequence[Instance]:
        """Return every cycle, in order of opening."""
        query = INSTANCES.where(INSTANCE.c.plan.is_not(None)).order_by(INSTANCE.c.id)
        return [to_instance(row) for row in self._connection.execute(query)]

    def plan(self, cycle: str) -> tuple[str, Data]:
        """Return edition and content of the plan under which ``cycle`` runs now."""
        return self._editions.plan(self._connection, cycle)

    def published_plan(self, edition: str) -> Data:
        """Return the content of a published plan edition."""
        return self._editions.published_plan(self._connection, edition)

    def calendar(self, edition: str) -> Data:
        """Return the days of a published calendar edition; none for an unknown one."""
        query = select(CALENDAR_EDITION.c.content).where(CALENDAR_EDITION.c.edition == edition)
        found: Data | None = self._connection.scalar(query)
        return found or {}

    def machine(self, edition: str) -> Machine:
        """Return the machine of a published edition."""
        return self._editions.machine(self._connection, edition)

    def machines(self, workflow: str) -> Sequence[Machine]:
        """Return the machines of every published edition of ``workflow``."""
        if workflow not in self._machines:
            self._machines[workflow] = [self.machine(name) for name in self._named(workflow)]
        return self._machines[workflow]

    def _named(self, workflow: str) -> Sequence[str]:
        return [row[0] for row in _EDITIONS.rows(self._connection, {"name": workflow})]

    def select(self, population: Population, limit: int = 0, after: str = "") -> Sequence[Instance]:
        """Return the instances of ``population`` in order of key, those past ``after``."""
        condition = self._within(population)
        if condition is None:
            return ()
        query = INSTANCES.where(condition).order_by(INSTANCE.c.key)
        if after:
            query = query.where(INSTANCE.c.key > after)
        if limit:
            query = query.limit(limit)
        return [to_instance(row) for row in self._connection.execute(query)]

    def count(self, population: Population) -> int:
        """Return how many there are."""
        condition = self._within(population)
        if condition is None:
            return 0
        return self._connection.scalar(select(func.count(INSTANCE.c.id)).where(condition)) or 0

    def cut(self, population: Population, size: int) -> Sequence[str]:
        """Return the last keys of all pieces of ``size`` but the last."""
        condition = self._within(population)
        if condition is None:
            return ()
        place = func.row_number().over(order_by=INSTANCE.c.key).label("place")
        rows = select(INSTANCE.c.key, place).where(condition).subquery()
        last = select(func.count(INSTANCE.c.id)).where(condition).scalar_subquery()
        cuts = select(rows.c.key).where(rows.c.place % size == 0, rows.c.place < last)
        return self._connection.scalars(cuts.order_by(rows.c.place)).all()

    def tally(self, population: Population, first: int = 20) -> Sequence[Tally]:
        """Return per owner how many there are and the keys of the first, in order of owner."""
        condition = self._within(population)
        if condition is None:
            return ()
        counts = (
            select(INSTANCE.c.owner, func.count(INSTANCE.c.id))
            .where(condition)
            .group_by(INSTANCE.c.owner)
            .order_by(INSTANCE.c.owner)
        )
        found = self._connection.execute(counts).all()
        keys = self._first_keys(condition, first) if found and first else {}
        return [
            Tally(owner=owner, count=count, first=tuple(keys.get(owner, ())))
            for owner, count in found
        ]

    def _first_keys(self, condition: Any, first: int) -> Mapping[str, Sequence[str]]:
        """Return the first keys of every owner, in one pass however many owners there are."""
        place = func.row_number().over(partition_by=INSTANCE.c.owner, order_by=INSTANCE.c.key)
        numbered = select(INSTANCE.c.owner, INSTANCE.c.key, place.label("place")).where(condition)
        rows = numbered.subquery()
        query = select(rows.c.owner, rows.c.key).where(rows.c.place <= first)
        keys: dict[str, list[str]] = {}
        for owner, key in self._connection.execute(query.order_by(rows.c.owner, rows.c.place)):
            keys.setdefault(owner, []).append(key)
        return keys

    def by_state(self, cycle: str, workflow: str) -> Mapping[str, int]:
        """Return how many instances of ``workflow`` stand in each state."""
        query = (
            select(INSTANCE.c.state, func.count(INSTANCE.c.id))
            .where(INSTANCE.c.cycle_id == self._id(cycle), INSTANCE.c.workflow == workflow)
            .group_by(INSTANCE.c.state)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def by_lamp(self, cycle: str) -> Mapping[str, int]:
        """Return how many instances of the cycle show each lamp, the dark ones left out."""
        query = (
            select(INSTANCE.c.lamp, func.count(INSTANCE.c.id))
            .where(INSTANCE.c.cycle_id == self._id(cycle), INSTANCE.c.lamp != "")
            .group_by(INSTANCE.c.lamp)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def joined(self, join: Join, instance: Instance) -> bool:
        """Return whether ``join`` holds for ``instance``."""
        if self._children(join, instance, arrived=False, limit=1):
            return False
        return join.may_be_empty or bool(self._children(join, instance, arrived=True, limit=1))

    def awaited(self, join: Join, instance: Instance, limit: int = 0) -> Sequence[Instance]:
        """Return the counted children that have not arrived."""
        return self._children(join, instance, arrived=False, limit=limit)

    def count_awaited(self, join: Join, instance: Instance) -> int:
        """Return how many counted children have not arrived."""
        return self._count_children(join, instance, arrived=False)

    def count_arrived(self, join: Join, instance: Instance) -> int:
        """Return how many counted children have arrived."""
        return self._count_children(join, instance, arrived=True)

    def _count_children(self, join: Join, instance: Instance, *, arrived: bool) -> int:
        counts = (
            select(func.count(INSTANCE.c.id)).where(where)
            for where in self._counted(join, instance, arrived=arrived)
        )
        return sum(self._connection.scalar(query) or 0 for query in counts)

    def deadlines(
        self, cycle: str, step: str = "", *, instance: str | None = None, all_versions: bool = False
    ) -> Sequence[Deadline]:
        """Return the current deadlines: all, a step's, an instance's own (``""``: shared only)."""
        query = DEADLINES.where(DEADLINE.c.cycle_id == self._id(cycle)).order_by(DEADLINE.c.id)
        if step:
            query = query.where(DEADLINE.c.step == step)
        if instance == "":
            query = query.where(DEADLINE.c.instance_id.is_(None))
        elif instance is not None:
            query = query.where(DEADLINE.c.instance_id == self._id(instance))
        if not all_versions:
            query = query.where(DEADLINE.c.current)
        return [to_deadline(row, cycle) for row in self._connection.execute(query)]

    def timers(self, cycle: str = "", *, pending: bool = True) -> Sequence[Timer]:
        """Return timers in order of time."""
        query = TIMERS.order_by(TIMER.c.fires_at, TIMER.c.rung, TIMER.c.id)
        if cycle:
            query = query.where(TIMER.c.cycle_id == self._id(cycle))
        if pending:
            query = query.where(TIMER.c.state == TimerState.PENDING)
        return [to_timer(row) for row in self._connection.execute(query)]

    def timers_told(self, cycle: str) -> Mapping[str, tuple[str, int]]:
        """Return timer → instance and sequence of the first event that it brought about."""
        mine = select(INSTANCE.c.id).where(INSTANCE.c.cycle_id == self._id(cycle))
        first = (
            select(EVENT.c.timer, func.min(EVENT.c.position).label("position"))
            .where(EVENT.c.timer.is_not(None), EVENT.c.instance_id.in_(mine))
            .group_by(EVENT.c.timer)
            .subquery()
        )
        query = (
            select(first.c.timer, INSTANCE.c.key, EVENT.c.sequence)
            .join(EVENT, EVENT.c.position == first.c.position)
            .join(INSTANCE, INSTANCE.c.id == EVENT.c.instance_id)
        )
        return {timer: (key, sequence) for timer, key, sequence in self._connection.execute(query)}

    def due(self, now: datetime, cycle: str = "") -> Sequence[Timer]:
        """Return pending timers that are due and not waiting for a retry, in order of time."""
        values: dict[str, Any] = {"now": now}
        if cycle:
            values["cycle_id"] = self._id(cycle)
        found = (_DUE_OF_CYCLE if cycle else _DUE_OF_ALL).rows(self._connection, values)
        return [to_timer(row) for row in found]

    def next_moment(self) -> datetime | None:
        """Return when the next pending timer fires or the next retry is due."""
        moment = case(
            (TIMER.c.next_attempt_at > TIMER.c.fires_at, TIMER.c.next_attempt_at),
            else_=TIMER.c.fires_at,
        )
        return self._connection.scalar(
            select(moment).where(TIMER.c.state == TimerState.PENDING).order_by(moment).limit(1)
        )

    def exemptions(self, key: str) -> Mapping[str, Exempt]:
        """Return step → why it does not bind the instance as it binds the others."""
        found = _EXEMPTIONS.rows(self._connection, {"instance_id": self._id(key)})
        return {step: Exempt(kind) for step, kind in found}

    def exempt(self, cycle: str, kind: Exempt) -> Sequence[tuple[str, str]]:
        """Return (instance, step) of every exemption of ``kind`` in the cycle."""
        query = (
            select(INSTANCE.c.key, EXEMPTION.c.step)
            .join(INSTANCE, INSTANCE.c.id == EXEMPTION.c.instance_id)
            .where(INSTANCE.c.cycle_id == self._id(cycle), EXEMPTION.c.kind == kind)
            .order_by(INSTANCE.c.key, EXEMPTION.c.step)
        )
        return [(key, step) for key, step in self._connection.execute(query)]

    def tenures(self, body: str = "", person: str = "") -> Sequence[Tenure]:
        """Return who holds which post, of one body (and of the database), or of one person."""
        query = _TENURES_OF_PERSON if person else _TENURES_OF_ALL
        found = query.rows(self._connection, {"person": person} if person else {})
        return [to_tenure(row) for row in found if not body or row.body in ("", body)]

    def waiting_notices(self) -> Mapping[str, int]:
        """Return how many notice items are pending, held, failing or dead."""
        items = select(
            func.count(case((and_(NOTICE_ITEM.c.notice.is_(None), ~NOTICE_ITEM.c.held), 1))),
            func.count(case((and_(NOTICE_ITEM.c.notice.is_(None), NOTICE_ITEM.c.held), 1))),
        ).where(NOTICE_ITEM.c.notice.is_(None))
        pending, held = self._connection.execute(items).one()
        query = (
            select(NOTICE.c.state, func.count(NOTICE_ITEM.c.id))
            .join(NOTICE_ITEM, NOTICE_ITEM.c.notice == NOTICE.c.id)
            .where(NOTICE.c.state.not_in(notices.SETTLED))
        )
        found: dict[str, int] = {
            row[0]: row[1] for row in self._connection.execute(query.group_by(NOTICE.c.state))
        }
        waiting = {
            "pending": pending + found.get("pending", 0),
            "held": held,
            "failing": found.get("failing", 0),
            "dead": found.get("dead", 0),
        }
        return {name: n for name, n in waiting.items() if n}

    def told(self, event: int) -> Sequence[NoticeItem]:
        """Return the items of the event at that position, by recipient and channel."""
        return notices.told(self._connection, event)

    def heartbeats(self) -> Sequence[Heartbeat]:
        """Return the daemons that ever ran here."""
        query = select(HEARTBEAT).order_by(HEARTBEAT.c.last_tick.desc())
        return [Heartbeat(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name for it

    def setting(self, name: str) -> str:
        """Return a setting of the database, empty when it is not set."""
        value: str | None = _SETTING.scalar(self._connection, {"name": name})
        return value or ""

    def _within(self, population: Population) -> Any:
        try:
            cycle_id = self._id(population.cycle)
            parent_id = self._id(population.parent) if population.parent else None
        except NotFound:
            return None
        states: dict[str, None] = {}
        if population.where != ALWAYS:
            machines = self.machines(population.workflow)
            states = {s: None for machine in machines for s in machine.workflow.states}
        return within(population, cycle_id, parent_id, Setting(self.now), list(states))

    def _children(
        self, join: Join, instance: Instance, *, arrived: bool, limit: int
    ) -> Sequence[Instance]:
        found: list[Instance] = []
        for where in self._counted(join, instance, arrived=arrived):
            query = INSTANCES.where(where)
            if limit > 1:  # whether there is one at all is found without sorting
                query = query.order_by(INSTANCE.c.key)
            query = query.limit(limit - len(found)) if limit else query
            found += [to_instance(row) for row in self._connection.execute(query)]
            if limit and len(found) == limit:
                return found
        return found if limit else sorted(found, key=lambda child: child.key)

    def _counted(self, join: Join, instance: Instance, *, arrived: bool) -> Sequence[Any]:
        """Return a condition for each workflow of children that ``join`` counts.

        Asked apart, each finds its few by index; asked in one OR, none would.
        """
        below = (
            INSTANCE.c.parent_id == self._id(instance.key)
            if instance.parent
            else and_(
                INSTANCE.c.cycle_id == self._id(instance.key),
                INSTANCE.c.id != self._id(instance.key),
            )
        )
        setting = Setting(self.now)
        conditions = []
        for name in dict.fromkeys(kind.workflow for kind in join.counted):
            workflows = [machine.workflow for machine in self.machines(name)]
            one = replace(join, counted=tuple(k for k in join.counted if k.workflow == name))
            conditions.append(counted(one, workflows, INSTANCE, below, setting, arrived=arrived))
        return conditions
