"""A store as one person may read it: what the plan does not let them read is not there.

Only reading is narrowed. Whoever acts does so by the rules of the act, which
ask for a role. Whoever can open the database's file reads it whole, whatever
this says; on a server its roles are the wall.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from engine.deadline import Deadline, Exempt, Timer
from engine.definition import Join
from engine.errors import NotFound
from engine.events import Data, Event, Instance, Kind
from engine.footprint import WHOLE as ALL
from engine.footprint import Footprint, Share, footprint
from engine.population import Population, Tally
from engine.ports import Reader, Store, UnitOfWork
from workflows import cycle as cycles
from workflows import office
from workflows.running.desk import Application
from workflows.running.lapse import PROPOSAL
from workflows.running.sight import (
    WHOLE,
    Scope,
    is_restricted,
    pared,
    pared_all,
    pared_register,
    scope_of,
)


def restricted(app: Application, person: str) -> Application:
    """Return the application as ``person`` may read through it; the same if that is all."""
    with app.store.reading() as reader:
        keys = [c.key for c in reader.cycles() if is_restricted(reader, c.key)]
        if all(scope_of(app, reader, key, person).everything for key in keys):
            return app
    return replace(app, store=cast("Store", RestrictedStore(app, person)))


class RestrictedStore:
    """An `engine.ports.Store` of which one person reads what their plan lets them."""

    def __init__(self, app: Application, person: str) -> None:
        """Narrow what is read through the application's store for ``person``."""
        self._app, self._person = app, person

    def unit_of_work(self, now: datetime) -> AbstractContextManager[UnitOfWork]:
        """Open a unit: acts are refused by their own rules."""
        return self._app.store.unit_of_work(now)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open a view for reading, narrowed."""
        with self._app.store.reading() as reader:
            yield self.narrowed(reader)

    def narrowed(self, reader: Reader) -> Reader:
        """Return ``reader`` without what the person may not read."""
        return cast("Reader", RestrictedReader(self._app, reader, self._person))


class RestrictedReader:
    """Answers what may be read, and of anything else that it is not there."""

    def __init__(self, app: Application, behind: Reader, person: str) -> None:
        self._app, self._behind, self._person = app, behind, person
        self._scopes: dict[str, Scope] = {}

    def __getattr__(self, name: str) -> Any:
        """Ask behind for what concerns no instance: machines, calendars, settings, the log."""
        return getattr(self._behind, name)

    @property
    def now(self) -> datetime:
        """Return the moment at which it is asked."""
        return self._behind.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._behind.now = moment

    def find(self, key: str) -> Instance | None:
        """Return the instance, if there is one that may be read."""
        found = self._behind.find(key)
        return found if found is not None and self._sees(found) else None

    def cycles(self) -> Sequence[Instance]:
        """Return the cycles that may be read."""
        return [c for c in self._behind.cycles() if not self._scope(c.key).nothing]

    def plan(self, cycle: str) -> tuple[str, Data]:
        """Return edition and content of the plan under which ``cycle`` runs."""
        found = self._behind.plan(cycle)
        self._require(cycle)
        return found

    def select(self, population: Population, limit: int = 0, after: str = "") -> Sequence[Instance]:
        """Return the instances of ``population`` that may be read, in order of key."""
        parts = self._parts(population)
        found = [i for p in parts for i in self._behind.select(p, limit, after)]
        found.sort(key=lambda i: i.key)
        return found[:limit] if limit else found

    def count(self, population: Population) -> int:
        """Return how many of them may be read."""
        return sum(self._behind.count(part) for part in self._parts(population))

    def tally(self, population: Population, first: int = 20) -> Sequence[Tally]:
        """Return per owner how many there are, of those that may be read."""
        found = [t for part in self._parts(population) for t in self._behind.tally(part, first)]
        return sorted(found, key=lambda t: t.owner)

    def by_state(self, cycle: str, workflow: str) -> Mapping[str, int]:
        """Return how many that may be read stand in each state."""
        if self._scope(cycle).everything:
            return self._behind.by_state(cycle, workflow)
        return Counter(i.state for i in self.select(Population(cycle=cycle, workflow=workflow)))

    def by_lamp(self, cycle: str) -> Mapping[str, int]:
        """Return how many that may be read show each lamp."""
        if self._scope(cycle).everything:
            return self._behind.by_lamp(cycle)
        names = [machine["name"] for machine in self.plan(cycle)[1]["machines"]]
        return Counter(
            instance.lamp
            for name in names
            for instance in self.select(Population(cycle=cycle, workflow=name))
            if instance.lamp
        )

    def awaited(self, join: Join, instance: Instance, limit: int = 0) -> Sequence[Instance]:
        """Return the counted children that have not arrived and may be read."""
        found = [i for i in self._behind.awaited(join, instance) if self._sees(i)]
        return found[:limit] if limit else found

    def count_awaited(self, join: Join, instance: Instance) -> int:
        """Return how many of them there are."""
        return len(self.awaited(join, instance))

    def history(self, key: str) -> Sequence[Event]:
        """Return every event of the instance; of a cycle without what they say of others."""
        found = self._readable(key)
        events = self._behind.history(key)
        if key == office.KEY:
            return self._register(events)
        return events if found.parent else pared_all(self._scope(key), events)

    def histories(self, cycle: str = "") -> Iterator[tuple[Instance, Sequence[Event]]]:
        """Yield every instance that may be read with its events, without texts."""
        for instance, events in self._behind.histories(cycle):
            if instance.key == office.KEY:
                yield instance, self._register(events)
            elif self._sees(instance):
                whole = bool(instance.parent)
                yield instance, events if whole else pared_all(self._scope(instance.key), events)

    def footprints(
        self, cycle: str = "", share: Share = ALL
    ) -> Iterator[tuple[Instance, Sequence[Footprint]]]:
        """Yield every instance that may be read with what replay needs of its events."""
        if not cycle or self._scope(cycle).everything:
            for instance, steps in self._behind.footprints(cycle, share):
                if self._sees(instance):
                    yield instance, steps
            return
        part, parts = share
        for number, (instance, events) in enumerate(self.histories(cycle)):
            if number % parts == part:
                yield instance, [footprint(event) for event in events]

    def event(self, position: int) -> Event | None:
        """Return the event at ``position``, if its instance may be read."""
        found = self._behind.event(position)
        if found is None or self.find(found.instance) is None:
            return None
        return self._pared(found)

    def recorded(self, kinds: Collection[Kind], cycle: str = "") -> Iterator[Event]:
        """Yield the events of ``kinds`` whose instances may be read."""
        if cycle:
            self._require(cycle)
        for event in self._behind.recorded(kinds, cycle):
            if self.find(event.instance) is not None:
                yield self._pared(event)

    def removed_texts(self, cycle: str = "") -> Sequence[tuple[int, str]]:
        """Return event and name of every text that is gone where it might have been read."""
        if cycle:
            self._require(cycle)
        gone = self._behind.removed_texts(cycle)
        return [(position, name) for position, name in gone if self.event(position) is not None]

    def last(self, key: str, trigger: str) -> Event | None:
        """Return the last move of the instance on ``trigger``."""
        self._readable(key)
        return self._behind.last(key, trigger)

    def deadlines(
        self, cycle: str, step: str = "", *, instance: str | None = None, all_versions: bool = False
    ) -> Sequence[Deadline]:
        """Return the deadlines, without those of instances that may not be read."""
        if instance:
            self._readable(instance)
        found = self._behind.deadlines(cycle, step, instance=instance, all_versions=all_versions)
        return [d for d in found if self._dates(d)]

    def timers(self, cycle: str = "", *, pending: bool = True) -> Sequence[Timer]:
        """Return the timers, without those of instances that may not be read."""
        return self._timers(self._behind.timers(cycle, pending=pending))

    def due(self, now: datetime, cycle: str = "") -> Sequence[Timer]:
        """Return the due timers, without those of instances that may not be read."""
        return self._timers(self._behind.due(now, cycle))

    def exemptions(self, key: str) -> Mapping[str, Exempt]:
        """Return step → why it does not bind the instance as it binds the others."""
        self._readable(key)
        return self._behind.exemptions(key)

    def exempt(self, cycle: str, kind: Exempt) -> Sequence[tuple[str, str]]:
        """Return (instance, step) of every exemption of ``kind`` that may be read."""
        return [(k, s) for k, s in self._behind.exempt(cycle, kind) if self.find(k) is not None]

    def _pared(self, event: Event) -> Event:
        if event.instance == office.KEY:
            (event,) = self._register([event])
            return event
        return event if "/" in event.instance else pared(self._scope(event.instance), event)

    def _register(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the office's events as the person may read them, whatever cycle lets them."""
        scopes = [self._scope(cycle.key) for cycle in self._behind.cycles()]
        if any(scope.everything for scope in scopes):
            return events
        return pared_register(events, names=not all(scope.nothing for scope in scopes))

    def _scope(self, key: str) -> Scope:
        cycle = key.partition("/")[0]
        if cycle not in self._scopes:
            known = {c.key for c in self._behind.cycles()}
            self._scopes[cycle] = (
                scope_of(self._app, self._behind, cycle, self._person) if cycle in known else WHOLE
            )
        return self._scopes[cycle]

    def _sees(self, instance: Instance) -> bool:
        return self._scope(instance.key).sees(instance)

    def _require(self, cycle: str) -> None:
        if self._scope(cycle).nothing:
            raise NotFound(what="cycle", key=cycle, hint="duban status")

    def _readable(self, key: str) -> Instance:
        found = self.find(key)
        if found is None:
            raise NotFound(what="instance", key=key, hint="duban list")
        return found

    def _parts(self, population: Population) -> Sequence[Population]:
        """Return what of a population may be read: a part for each owner."""
        scope = self._scope(population.cycle)
        if scope.everything or (population.workflow == cycles.NAME and not scope.nothing):
            return [population]
        if population.owner:
            return [population] if population.owner in scope.owners else []
        return [replace(population, owner=owner) for owner in sorted(scope.owners)]

    def _dates(self, deadline: Deadline) -> bool:
        if deadline.step == PROPOSAL:
            return self.event(int(deadline.occurrence)) is not None
        return not deadline.instance or self.find(deadline.instance) is not None

    def _timers(self, timers: Sequence[Timer]) -> list[Timer]:
        """Leave out timers of own dates that may not be read: their ids name the instance."""
        hidden: dict[str, set[str]] = {}
        for cycle in {t.cycle for t in timers if not self._scope(t.cycle).everything}:
            every = self._behind.deadlines(cycle, all_versions=True)
            hidden[cycle] = {d.id for d in every if not self._dates(d)}
        return [t for t in timers if t.deadline not in hidden.get(t.cycle, ())]
