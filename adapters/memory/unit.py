"""The unit of work in memory: writes beside the reader's questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory import outbox, selection
from adapters.memory.log import MemorySealing
from adapters.memory.reader import MemoryReader
from adapters.memory.tables import own_copy, plain
from engine.deadline import Deadline, Exempt, Timer, TimerState
from engine.definition import Move, Workflow
from engine.division import Chunk
from engine.errors import N_, AlreadyExists, ConcurrentChange, DefinitionError, NotFound
from engine.events import Data, Event, Instance, Kind, apply
from engine.facts import NO_FACTS
from engine.guards import Joined, View, holds, leaves
from engine.heartbeat import Heartbeat
from engine.kinship import move_data
from engine.machine import Machine
from engine.population import Population, Stamp
from engine.ports import Notice, NoticeItem, Tenure


class MemoryUnit(MemorySealing, MemoryReader):
    """An `engine.ports.UnitOfWork` whose every change stands in the tables' journal."""

    def publish_workflow(self, workflow: Workflow) -> None:
        """Keep the edition and its legal moves; publishing the same one again changes nothing."""
        if workflow.edition not in self._tables.machines.rows:
            self._tables.machines.put(workflow.edition, Machine(workflow))

    def publish_calendar(self, edition: str, content: Data) -> None:
        """Keep a calendar edition."""
        if edition not in self._tables.calendars.rows:
            self._tables.calendars.put(edition, plain(content))

    def publish_plan(self, edition: str, content: Data) -> None:
        """Keep a plan edition; publishing the same one again changes nothing."""
        if edition not in self._tables.plans.rows:
            self._tables.plans.put(edition, plain(content))

    def bind_plan(self, cycle: str, edition: str) -> None:
        """Let ``cycle`` run under a published plan edition."""
        self._require(cycle)
        if edition not in self._tables.plans.rows:
            raise NotFound(what="plan_edition", key=edition, hint="duban status")
        self._tables.bound.put(cycle, edition)

    def hold(self, key: str, *, wait: bool = True, shared: bool = False, person: str = "") -> bool:
        """Let nobody else change the cycle: the whole store is locked until the unit ends."""
        return True

    def load(self, key: str) -> Instance:
        """Return the instance; the whole store is locked until the unit ends."""
        return self._require(key)

    def moves_of(self, keys: Sequence[str], since: int = 0) -> Mapping[str, Sequence[Event]]:
        """Return the moves past position ``since`` of those instances that made any."""
        found: dict[str, list[Event]] = {}
        for key in filter(self.find, keys):
            for event in self.history(key):
                if event.kind is Kind.MOVED and event.position > since:
                    found.setdefault(key, []).append(replace(event, texts={}))
        return found

    def create(self, born: Sequence[tuple[Instance, Event]]) -> Sequence[int]:
        """Create instances, each with its first event; return the events' positions."""
        mine: set[str] = set()
        for instance, _ in born:
            if instance.key in mine or self.find(instance.key):
                raise AlreadyExists(what="instance", key=instance.key, hint="")
            self.machine(instance.edition)
            mine.add(instance.key)
        for instance, _ in born:
            if instance.parent and instance.parent not in mine:
                self._require(instance.parent)
        positions = []
        for instance, event in born:
            kept = replace(instance, sequence=1, facts=plain(instance.facts))
            self._tables.instances.put(kept.key, kept)
            positions.append(self._record(event).position)
        return positions

    def append(self, event: Event) -> Event:
        """Append the event, let it act on its instance, and return it with its position."""
        instance = self._require(event.instance)
        if event.sequence != instance.sequence + 1 or self._fired(event, event.instance):
            raise ConcurrentChange(key=event.instance)
        if event.edition:
            move = self.machine(event.edition).edge(event.trigger, event.source)
            if move is None or move.target != event.target:
                problem = N_("the event is no move of its edition")
                raise DefinitionError(workflow=event.edition, problem=problem)
        return self._follow(instance, event)

    def advance(
        self,
        population: Population,
        machine: Machine,
        trigger: str,
        stamp: Stamp,
        parent: Instance | None = None,
    ) -> int:
        """Make ``trigger`` in every instance of ``population`` where it is legal.

        All is decided before anything moves: what one move changes, no other reads.
        """
        sources = {move.source for move in machine.moves(trigger)}
        edition = machine.workflow.edition
        moving: list[tuple[Instance, Move]] = []
        for instance in selection.chosen(self._tables, population, self.now, states=sources):
            move = machine.edge(trigger, instance.state)
            if move is None or instance.edition != edition or self._fired(stamp, instance.key):
                continue
            joins = selection.joins_read(
                self._tables, move.guard, machine.workflow, instance, self.now
            )
            view = View(
                instance.state,
                instance.facts,
                self.now,
                parent_state=parent.state if parent else None,
                parent_facts=parent.facts if parent else NO_FACTS,
                joins=joins,
            )
            if holds(move.guard, view):
                moving.append((instance, move))
        for instance, move in moving:
            joined = [leaf.join for leaf in leaves(move.guard) if isinstance(leaf, Joined)]
            event = _stamped(instance, Kind.MOVED, move_data(move, parent, joined), stamp)
            edge = replace(
                event,
                edition=edition,
                trigger=trigger,
                source=move.source,
                target=move.target,
                occurred_at=max(stamp.occurred_at, instance.moved_at or stamp.occurred_at),
            )
            self._follow(instance, edge)
        return len(moving)

    def mark(self, population: Population, kind: Kind, data: Data, stamp: Stamp) -> int:
        """Record the same event, no move, in every instance of ``population``."""
        chosen = selection.chosen(self._tables, population, self.now)
        marked = [instance for instance in chosen if not self._fired(stamp, instance.key)]
        for instance in marked:
            self._follow(instance, _stamped(instance, kind, data, stamp))
        return len(marked)

    def redact(self, event: int, names: Collection[str] = ()) -> Sequence[str]:
        """Remove texts of the event at that position, all where none is named."""
        found = self._tables.events.rows[event]
        gone = sorted(name for name in found.texts if not names or name in names)
        kept = {name: text for name, text in found.texts.items() if name not in gone}
        if gone:
            texts = self.sealed_texts(event)
            self._tables.removed.put(event, {n: t.hash for n, t in texts.items() if n not in kept})
            self._tables.events.put(event, replace(found, texts=kept))
        return gone

    def set_deadlines(self, deadlines: Iterable[Deadline], timers: Iterable[Timer]) -> None:
        """Keep new deadlines with their timers; they supersede older ones of the same step."""
        known = self._tables.deadlines
        for new in deadlines:
            if new.id in known.rows:
                raise AlreadyExists(what="deadline", key=new.id, hint="")
            for old in self.deadlines(new.cycle, new.step, instance=new.instance):
                if old.occurrence == new.occurrence:
                    known.put(old.id, replace(old, current=False))
                    self.cancel_timers(old.cycle, old.id)
            waits_for, reasons = tuple(new.waits_for), tuple(plain(new.reasons))
            known.put(new.id, replace(new, waits_for=waits_for, reasons=reasons))
        for timer in timers:
            if timer.deadline not in known.rows:
                raise NotFound(what="deadline", key=timer.deadline, hint="duban status")
            if timer.id in self._tables.timers.rows:
                raise AlreadyExists(what="timer", key=timer.id, hint="")
            self._tables.timers.put(timer.id, timer)

    def claim(self, timer: str) -> Timer | None:
        """Return the timer if it is still pending."""
        found = self._tables.timers.rows.get(timer)
        return found if found and found.state is TimerState.PENDING else None

    def settle_timer(self, timer: Timer) -> None:
        """Keep state, cursor, attempts and error of ``timer``; never another moment."""
        known = self._tables.timers.rows[timer.id]
        self._tables.timers.put(
            timer.id,
            replace(
                known,
                state=timer.state,
                cursor=timer.cursor,
                attempts=timer.attempts,
                next_attempt_at=timer.next_attempt_at,
                last_error=timer.last_error,
            ),
        )

    def divide(self, chunks: Iterable[Chunk]) -> None:
        """Keep what is to do of a timer that begins."""
        for chunk in chunks:
            self._tables.chunks.put((chunk.timer, chunk.number), chunk)

    def claim_chunk(self, timer: str) -> Chunk | None:
        """Return the first chunk of the timer; the whole store is locked until the unit ends."""
        return next(iter(self.chunks(timer)), None)

    def settle_chunk(self, chunk: Chunk) -> None:
        """Note that a chunk is done: it is not to do any more."""
        self._tables.chunks.put((chunk.timer, chunk.number), None)

    def cancel_timers(self, cycle: str, deadline: str = "") -> None:
        """Cancel the pending timers of a deadline, or of the whole cycle, that have not begun."""
        self._require(cycle)
        known = self._tables.timers
        ids = known.by_deadline.get(deadline, ()) if deadline else known.rows
        for timer in [known.rows[i] for i in ids]:
            waits = timer.state is TimerState.PENDING and not timer.cursor
            if timer.cycle == cycle and waits:
                known.put(timer.id, replace(timer, state=TimerState.CANCELLED))

    def set_exemption(self, key: str, step: str, kind: Exempt | None, event: int) -> None:
        """Keep why ``step`` does not bind the instance as others; ``None`` takes it away."""
        others = {s: k for s, k in self.exemptions(key).items() if s != step}
        if kind is not None:
            self._require_event(event)
            others[step] = kind
        self._tables.exemptions.put(key, others)

    def set_tenure(self, tenure: Tenure) -> None:
        """Keep a tenure; its ``event`` is the event that says so."""
        self._require_event(tenure.event)
        self._tables.tenures.put(tenure.event, tenure)

    def end_tenure(self, event: int, until: str) -> None:
        """Let the tenure that ``event`` began end on the day ``until``."""
        tenure = self._tables.tenures.rows.get(event)
        if tenure is not None:
            self._tables.tenures.put(event, replace(tenure, until=until))

    def tell(self, items: Iterable[NoticeItem]) -> None:
        """Keep notice items, to be delivered once this unit is durable; a repeated one is one."""
        for item in items:
            self._require_event(item.event)
            outbox.tell(self._tables, item)

    def release_notices(self) -> int:
        """Let held items go; return how many."""
        return outbox.release(self._tables)

    def gather(
        self, limit: int = 100, hushed: Collection[str] = (), lease: timedelta = timedelta()
    ) -> Sequence[Notice]:
        """Group pending items into notices, and return those due."""
        return outbox.gather(self._tables, self.now, limit, hushed, lease)

    def settle_notice(self, notice: Notice, error: str, next_attempt_at: datetime | None) -> None:
        """Keep the outcome of a delivery: sent (no error), to be repeated, or given up."""
        outbox.settle(self._tables, notice.id, error, next_attempt_at, self.now)

    def put_off(self, notice: Notice, until: datetime) -> None:
        """Let the notice be due again at ``until``; nothing was tried, no attempt is counted."""
        outbox.put_off(self._tables, notice.id, until)

    def void_notice(self, notice: Notice) -> None:
        """Settle a notice that is never sent: all it would say was done before it could be."""
        outbox.void(self._tables, notice.id)

    def revive_notices(self, key: str = "") -> int:
        """Let a notice that was given up be due again, or all of them; return how many."""
        return outbox.revive(self._tables, key)

    def beat(self, heartbeat: Heartbeat) -> None:
        """Keep a daemon's sign of life."""
        self._tables.heartbeats.put(heartbeat.daemon, heartbeat)

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting of the database."""
        self._tables.settings.put(name, value)

    def _follow(self, instance: Instance, event: Event) -> Event:
        recorded = self._record(event)
        self._tables.instances.put(instance.key, apply(instance, recorded))
        return recorded

    def _record(self, event: Event) -> Event:
        if event.cause is not None:
            self._require_event(event.cause)
        position = self._tables.before + len(self._tables.events.rows) + 1
        recorded = replace(own_copy(event), position=position)
        self._tables.events.put(position, recorded)
        self._tables.positions.put((event.instance, event.sequence), position)
        if event.timer:
            self._tables.fired.put((event.timer, event.instance, event.part), position)
        return recorded

    def _fired(self, act: Event | Stamp, key: str) -> bool:
        """Return whether this part of the act's timer has had its effect on the instance."""
        return (act.timer, key, act.part) in self._tables.fired.rows

    def _require_event(self, position: int) -> None:
        if self.event(position) is None:
            raise NotFound(what="event", key=position, hint="duban log")


def _stamped(instance: Instance, kind: Kind, data: Data, stamp: Stamp) -> Event:
    return Event(
        instance=instance.key,
        sequence=instance.sequence + 1,
        kind=kind,
        actor=stamp.actor,
        acting_for=stamp.acting_for,
        authority=stamp.authority,
        occurred_at=stamp.occurred_at,
        recorded_at=stamp.recorded_at,
        cause=stamp.cause,
        timer=stamp.timer,
        part=stamp.part,
        data=data,
    )
