"""Questions to the memory store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory import selection
from adapters.memory.log import MemoryLog
from adapters.memory.tables import Tables
from engine.deadline import Deadline, Exempt, Timer
from engine.definition import Join
from engine.division import Chunk
from engine.errors import NotFound
from engine.events import Data, Event, Instance, Kind
from engine.footprint import WHOLE, Footprint, Share, footprint
from engine.heartbeat import Heartbeat
from engine.machine import Machine
from engine.population import Population, Tally
from engine.ports import NoticeItem, Tenure


class MemoryReader(MemoryLog):
    """An `engine.ports.Reader` on plain dictionaries."""

    def __init__(self, tables: Tables, now: datetime) -> None:
        """Read ``tables``; ``now`` is what guards in populations compare with."""
        self._tables = tables
        self.now = now

    def find(self, key: str) -> Instance | None:
        """Return the instance, if there is one."""
        return self._tables.instances.rows.get(key)

    def cycles(self) -> Sequence[Instance]:
        """Return every cycle, in order of opening."""
        bound = [self._require(key) for key in self._tables.bound.rows]
        return sorted(bound, key=lambda cycle: self._tables.positions.rows[cycle.key, 1])

    def plan(self, cycle: str) -> tuple[str, Data]:
        """Return edition and content of the plan under which ``cycle`` runs now."""
        edition = self._tables.bound.rows.get(cycle)
        if edition is None:
            raise NotFound(what="cycle", key=cycle, hint="duban status")
        return edition, self._tables.plans.rows[edition]

    def published_plan(self, edition: str) -> Data:
        """Return the content of a published plan edition."""
        found = self._tables.plans.rows.get(edition)
        if found is None:
            raise NotFound(what="plan_edition", key=edition, hint="duban status")
        return found

    def calendar(self, edition: str) -> Data:
        """Return the days of a published calendar edition; none for an unknown one."""
        return self._tables.calendars.rows.get(edition, {})

    def machine(self, edition: str) -> Machine:
        """Return the machine of a published edition."""
        machine = self._tables.machines.rows.get(edition)
        if machine is None:
            raise NotFound(what="workflow_edition", key=edition, hint="duban verify")
        return machine

    def machines(self, workflow: str) -> Sequence[Machine]:
        """Return the machines of every published edition of ``workflow``."""
        return [m for m in self._tables.machines.rows.values() if m.workflow.name == workflow]

    def select(self, population: Population, limit: int = 0, after: str = "") -> Sequence[Instance]:
        """Return the instances of ``population`` in order of key, those past ``after``."""
        found = selection.chosen(self._tables, population, self.now, after=after)
        return found[: limit or None]

    def count(self, population: Population) -> int:
        """Return how many there are."""
        return len(self.select(population))

    def cut(self, population: Population, size: int) -> Sequence[str]:
        """Return the last keys of all pieces of ``size`` but the last."""
        keys = [instance.key for instance in self.select(population)]
        return keys[size - 1 : -1 : size]

    def tally(self, population: Population, first: int = 20) -> Sequence[Tally]:
        """Return per owner how many there are and the keys of the first, in order of owner."""
        keys: dict[str, list[str]] = {}
        for instance in self.select(population):
            keys.setdefault(instance.owner, []).append(instance.key)
        return [
            Tally(owner=owner, count=len(mine), first=tuple(mine[:first]))
            for owner, mine in sorted(keys.items())
        ]

    def by_state(self, cycle: str, workflow: str) -> Mapping[str, int]:
        """Return how many instances of ``workflow`` stand in each state."""
        self._require(cycle)
        states = self._tables.instances.by_cycle.get((cycle, workflow), {})
        return {state: len(keys) for state, keys in states.items() if keys}

    def by_lamp(self, cycle: str) -> Mapping[str, int]:
        """Return how many instances of the cycle show each lamp, the dark ones left out."""
        return Counter(instance.lamp for instance in self._within(cycle) if instance.lamp)

    def joined(self, join: Join, instance: Instance) -> bool:
        """Return whether ``join`` holds for ``instance``: every counted child has arrived."""
        self._require(instance.key)
        return selection.joined(self._tables, join, instance, self.now)

    def awaited(self, join: Join, instance: Instance, limit: int = 0) -> Sequence[Instance]:
        """Return the counted children that have not arrived."""
        self._require(instance.key)
        return selection.awaited(self._tables, join, instance, self.now)[: limit or None]

    def count_arrived(self, join: Join, instance: Instance) -> int:
        """Return how many counted children have arrived."""
        self._require(instance.key)
        return selection.arrived(self._tables, join, instance, self.now)

    def count_awaited(self, join: Join, instance: Instance) -> int:
        """Return how many counted children have not arrived."""
        return len(self.awaited(join, instance))

    def history(self, key: str) -> Sequence[Event]:
        """Return every event of the instance, oldest first, texts included."""
        sequences = range(1, self._require(key).sequence + 1)
        positions = (self._tables.positions.rows[key, sequence] for sequence in sequences)
        return [self._tables.events.rows[position] for position in positions]

    def histories(self, cycle: str = "") -> Iterator[tuple[Instance, Sequence[Event]]]:
        """Yield every instance with its events, without texts; of all cycles when none is named."""
        for instance in self._within(cycle):
            events = self.history(instance.key)
            yield instance, [replace(event, texts={}) for event in events]

    def footprints(
        self, cycle: str = "", share: Share = WHOLE
    ) -> Iterator[tuple[Instance, Sequence[Footprint]]]:
        """Yield every instance with what replay needs of its events; or a share of them."""
        part, parts = share
        for number, (instance, events) in enumerate(self.histories(cycle)):
            if number % parts == part:
                yield instance, [footprint(event) for event in events]

    def event(self, position: int) -> Event | None:
        """Return the event at ``position``, texts included."""
        return self._tables.events.rows.get(position)

    def recorded(self, kinds: Collection[Kind], cycle: str = "") -> Iterator[Event]:
        """Yield the events of ``kinds`` in order of position; of one cycle or all."""
        if cycle:
            self._require(cycle)
        for _, event in sorted(self._tables.events.rows.items()):
            if event.kind in kinds and (not cycle or event.instance.partition("/")[0] == cycle):
                yield event

    def removed_texts(self, cycle: str = "") -> Sequence[tuple[int, str]]:
        """Return event and name of every text that is gone, in order; of one cycle or all."""
        if cycle:
            self._require(cycle)
        events, removed = self._tables.events.rows, self._tables.removed.rows
        return [
            (position, name)
            for position, names in sorted(removed.items())
            for name in sorted(names)
            if not cycle or events[position].instance.partition("/")[0] == cycle
        ]

    def last(self, key: str, trigger: str) -> Event | None:
        """Return the last move of the instance on ``trigger``."""
        for event in reversed(self.history(key)):
            if event.edition and event.trigger == trigger:
                return replace(event, texts={})
        return None

    def deadlines(
        self, cycle: str, step: str = "", *, instance: str | None = None, all_versions: bool = False
    ) -> Sequence[Deadline]:
        """Return the current deadlines: all, a step's, an instance's own (``""``: shared only)."""
        self._require(cycle)
        if instance:
            self._require(instance)
        known = self._tables.deadlines
        ids: Collection[str] = known.rows
        if step:
            ids = known.by_step.get((cycle, step), set())
        if instance is not None:
            own = known.by_instance.get((cycle, instance), set())
            ids = own & ids if isinstance(ids, set) else own
        found = (known.rows[deadline] for deadline in sorted(ids))
        return [d for d in found if d.cycle == cycle and (d.current or all_versions)]

    def timers(self, cycle: str = "", *, pending: bool = True) -> Sequence[Timer]:
        """Return timers in order of time."""
        known = self._tables.timers
        ids = [timer for _, timer in known.pending] if pending else list(known.rows)
        return self._in_order(ids, cycle)

    def timers_told(self, cycle: str) -> Mapping[str, tuple[str, int]]:
        """Return timer → instance and sequence of the first event that it brought about."""
        self._require(cycle)
        told: dict[str, tuple[str, int]] = {}
        for _, event in sorted(self._tables.events.rows.items()):
            if event.timer and event.instance.partition("/")[0] == cycle:
                told.setdefault(event.timer, (event.instance, event.sequence))
        return told

    def due(self, now: datetime, cycle: str = "") -> Sequence[Timer]:
        """Return pending timers that are due and not waiting for a retry, in order of time."""
        ids = []
        for moment, timer in self._tables.timers.pending:
            if moment > now:
                break
            ids.append(timer)
        return self._in_order(ids, cycle)

    def chunks(self, timer: str) -> Sequence[Chunk]:
        """Return what is still to do of a timer that has begun, in order."""
        rows = self._tables.chunks.rows
        return [rows[name] for name in sorted(rows) if name[0] == timer]

    def next_moment(self) -> datetime | None:
        """Return when the next pending timer fires or the next retry is due."""
        pending = self._tables.timers.pending
        return pending[0][0] if pending else None

    def exemptions(self, key: str) -> Mapping[str, Exempt]:
        """Return step → why it does not bind the instance as it binds the others."""
        self._require(key)
        return self._tables.exemptions.rows.get(key, {})

    def exempt(self, cycle: str, kind: Exempt) -> Sequence[tuple[str, str]]:
        """Return (instance, step) of every exemption of ``kind`` in the cycle."""
        self._require(cycle)
        rows = self._tables.exemptions.rows.items()
        pairs = ((key, step) for key, steps in rows for step in steps if steps[step] == kind)
        return sorted(pair for pair in pairs if self._require(pair[0]).cycle == cycle)

    def tenures(self, body: str = "", person: str = "") -> Sequence[Tenure]:
        """Return who holds which post, of one body (and of the database), or of one person."""
        return [
            tenure
            for _, tenure in sorted(self._tables.tenures.rows.items())
            if (not body or tenure.body in ("", body)) and (not person or tenure.person == person)
        ]

    def waiting_notices(self) -> Mapping[str, int]:
        """Return how many notice items are pending, held, failing or dead."""
        items, notices = self._tables.items, self._tables.notices
        waiting = Counter("held" if items.rows[i].item.held else "pending" for i in items.loose)
        for notice in notices.unsent:
            waiting[notices.rows[notice].state] += len(notices.rows[notice].items)
        return dict(waiting)

    def told(self, event: int) -> Sequence[NoticeItem]:
        """Return the items of the event at that position, by recipient and channel."""
        items = self._tables.items
        found = (items.rows[i].item for i in items.by_event.get(event, ()))
        return sorted(found, key=lambda item: (item.recipient, item.channel))

    def heartbeats(self) -> Sequence[Heartbeat]:
        """Return the daemons that ever ran here, the liveliest first."""
        beats = self._tables.heartbeats.rows.values()
        return sorted(beats, key=lambda beat: beat.last_tick, reverse=True)

    def setting(self, name: str) -> str:
        """Return a setting of the database, empty when it is not set."""
        return self._tables.settings.rows.get(name, "")

    def _require(self, key: str) -> Instance:
        instance = self.find(key)
        if instance is None:
            raise NotFound(what="instance", key=key, hint="duban list")
        return instance

    def _within(self, cycle: str) -> list[Instance]:
        """Return the instances of the cycle, of all when none is named, in order of creation."""
        if not cycle:
            return list(self._tables.instances.rows.values())
        self._require(cycle)
        return [i for i in self._tables.instances.rows.values() if i.cycle == cycle]

    def _in_order(self, ids: Sequence[str], cycle: str) -> list[Timer]:
        if cycle:
            self._require(cycle)
        found = (self._tables.timers.rows[timer] for timer in ids)
        mine = (timer for timer in found if not cycle or timer.cycle == cycle)
        return sorted(mine, key=lambda timer: (timer.fires_at, timer.rung, timer.id))
