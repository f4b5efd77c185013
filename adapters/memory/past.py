"""The past as a store: the present screens look at it through the same code.

It holds one cycle and its office as they were. What is done in it is foresight
and is forgotten; what happened is read from the store behind it, as far as it
had taken effect and was known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice

from adapters.memory.reader import MemoryReader
from adapters.memory.tables import Tables
from adapters.memory.unit import MemoryUnit
from engine.events import Data, Event, Instance, Kind
from engine.heartbeat import Heartbeat
from engine.machine import Machine
from engine.past import Horizon, visible
from engine.population import CHANGES, Population
from engine.ports import NoticeItem, Reader
from workflows.running.desk import CALENDAR
from workflows.running.past import Past, past_of, plan_then


class PastReader(MemoryReader):
    """An `engine.ports.Reader` of what was: projections made anew, events from the store behind."""

    def __init__(self, tables: Tables, past: Past, behind: Reader) -> None:
        """Answer from ``tables``, which hold ``past``; events come from ``behind``."""
        super().__init__(tables, past.horizon.as_of)
        self._past = past
        self._behind = behind

    @property
    def horizon(self) -> Horizon:
        """Return the two moments between which this looks."""
        return self._past.horizon

    def cycles(self) -> Sequence[Instance]:
        """Return the cycle, if it was there."""
        return [i for i in self._past.instances[:1] if not i.parent]

    def calendar(self, edition: str) -> Data:
        """Return the days of a published calendar edition; none for an unknown one."""
        return self._behind.calendar(edition)

    def machine(self, edition: str) -> Machine:
        """Return the machine of a published edition."""
        return self._behind.machine(edition)

    def machines(self, workflow: str) -> Sequence[Machine]:
        """Return the machines of every published edition of ``workflow``."""
        return self._behind.machines(workflow)

    def select(self, population: Population, limit: int = 0, after: str = "") -> Sequence[Instance]:
        """Return the instances of ``population`` in order of key, those past ``after``."""
        since = population.changed_since
        if not since:
            return super().select(population, limit, after)
        found = super().select(replace(population, changed_since=0), after=after)
        changed = (
            instance
            for instance in found
            if any(e.position > since and e.kind in CHANGES for e in self.history(instance.key))
        )
        return list(islice(changed, limit or None))

    def history(self, key: str) -> Sequence[Event]:
        """Return the events that had taken effect and were known, and those of this foresight."""
        self._require(key)
        own = [e for e in self._tables.events.rows.values() if e.instance == key]
        if self._behind.find(key) is None:
            return own
        return [*visible(self._behind.history(key), self.horizon), *own]

    def histories(self, cycle: str = "") -> Iterator[tuple[Instance, Sequence[Event]]]:
        """Yield every instance with its events, without texts."""
        for instance in self._within(cycle):
            yield instance, [replace(event, texts={}) for event in self.history(instance.key)]

    def event(self, position: int) -> Event | None:
        """Return the event at ``position``, texts included."""
        return super().event(position) or self._behind.event(position)

    def recorded(self, kinds: Collection[Kind], cycle: str = "") -> Iterator[Event]:
        """Yield the events of ``kinds`` that had taken effect and were known, in their order."""
        for event in self._behind.recorded(kinds, cycle):
            known = event.recorded_at <= self.horizon.known_at
            if known and event.occurred_at <= self.horizon.as_of:
                yield event

    def told(self, event: int) -> Sequence[NoticeItem]:
        """Return the items of the event at that position, by recipient and channel."""
        return self._behind.told(event)

    def waiting_notices(self) -> Mapping[str, int]:
        """Return nothing: how far deliveries had got by then is not kept."""
        return {}

    def heartbeats(self) -> Sequence[Heartbeat]:
        """Return nothing: a daemon leaves only its last sign of life."""
        return ()

    def setting(self, name: str) -> str:
        """Return a setting; the calendar's edition as it was."""
        if name == CALENDAR:
            return self._past.calendar
        return super().setting(name) or self._behind.setting(name)


class PastUnit(PastReader, MemoryUnit):
    """A unit of work on the past, for foresight; nothing of it lasts."""


class PastStore:
    """An `engine.ports.Store` of one cycle as it was."""

    def __init__(self, behind: Reader, cycle: str, horizon: Horizon) -> None:
        """Gather the past of ``cycle`` from ``behind``, which stays open while this is used."""
        self._behind = behind
        self.past = past_of(behind, cycle, horizon)
        self._tables = _tables(behind, cycle, self.past)

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[PastUnit]:
        """Open a unit at the moment ``now``; whatever happens in it is taken back."""
        tables = self._tables.copy()
        unit = PastUnit(tables, self.past, self._behind)
        unit.now = now
        yield unit

    @contextmanager
    def reading(self) -> Iterator[PastReader]:
        """Open a view for reading."""
        yield PastReader(self._tables, self.past, self._behind)


def _tables(behind: Reader, cycle: str, past: Past) -> Tables:
    tables = Tables()
    tables.before = LAST_POSITION
    if past.office is not None:
        tables.instances.restore(past.office.key, past.office)
    for instance in past.instances:
        tables.instances.restore(instance.key, instance)
    for deadline in past.deadlines:
        tables.deadlines.restore(deadline.id, deadline)
    for timer in past.timers:
        tables.timers.restore(timer.id, timer)
    for key, exempt in past.exemptions.items():
        tables.exemptions.restore(key, exempt)
    for tenure in past.tenures:
        tables.tenures.restore(tenure.event, tenure)
    if past.instances:
        edition = plan_then(behind, cycle, past.horizon)
        tables.plans.restore(edition, behind.published_plan(edition))
        tables.bound.restore(cycle, edition)
    return tables


LAST_POSITION = 2**40
"""Events of a foresight are numbered from here on: no event that happened has such a number."""
