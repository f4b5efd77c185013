"""The past of a cycle: all that its screens read, as of a moment, as far as was known at another.

Made from the events alone, and from the deadlines, each of which names the
event that set it. What a daemon had not carried out by then is still due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.deadline import Deadline, Exempt, Timer, TimerState
from engine.events import Instance, Kind
from engine.facts import to_text
from engine.footprint import Footprint, changes_of
from engine.past import Happened, Horizon, fold, known
from engine.ports import Reader, Tenure
from workflows import office
from workflows.running.desk import CALENDAR

_RELEASES = {
    str(Kind.EXCUSED): Exempt.EXCUSED,
    str(Kind.SUSPENDED): Exempt.SUSPENDED,
    str(Kind.RESUMED): None,
}


@dataclass(slots=True, kw_only=True)
class Past:
    """A cycle and its office, as they were."""

    horizon: Horizon
    instances: list[Instance] = field(default_factory=list)
    """In order of creation; empty where the cycle was not there yet."""
    office: Instance | None = None
    deadlines: Sequence[Deadline] = ()
    timers: Sequence[Timer] = ()
    exemptions: Mapping[str, Mapping[str, Exempt]] = field(default_factory=dict)
    tenures: Sequence[Tenure] = ()
    calendar: str = ""
    """The edition of the imported working days that counted."""


@dataclass(slots=True)
class _Life:
    """One instance while the past is gathered."""

    instance: Instance
    opened: str
    """When its opening was recorded."""
    opening: int
    earliest: str
    releases: dict[str, Exempt]


def past_of(reader: Reader, cycle: str, horizon: Horizon) -> Past:
    """Return how ``cycle`` was."""
    past = Past(horizon=horizon)
    _office(reader, past)
    gathering = _Gathering(reader, cycle, horizon)
    past.instances = [life.instance for life in gathering.there()]
    if past.instances:
        past.deadlines = gathering.deadlines()
        past.timers = list(gathering.timers(past.deadlines))
        past.exemptions = gathering.exemptions(past.deadlines)
    return past


class _Gathering:
    """The histories of one cycle, read once."""

    def __init__(self, reader: Reader, cycle: str, horizon: Horizon) -> None:
        self._as_of, self._known_at = to_text(horizon.as_of), to_text(horizon.known_at)
        self._horizon, self._cycle = horizon, cycle
        self._stored = reader.deadlines(cycle, all_versions=True)
        self._timers = reader.timers(cycle, pending=False)
        self._wanted = {d.event for d in self._stored if d.event}
        self._seen: set[int] = set()
        """Positions of those that set deadlines, and had taken effect."""
        self._fired: set[str] = set()
        """Timers of which an event was known."""
        self._fires: set[str] = set()
        """Timers of which there is an event at all."""
        self._lives: dict[str, _Life] = {}
        for stored, steps in reader.footprints(cycle):
            life = self._life(stored.key, steps)
            if life is not None:
                self._lives[stored.key] = life
        self._there = self._present()

    def there(self) -> Iterable[_Life]:
        """Return the instances that were there."""
        return self._there.values()

    def deadlines(self) -> list[Deadline]:
        """Return every version that had been set, the last of each in force.

        One of which the event was not kept yet stands from the opening on.
        """
        openings = {life.opening for life in self._there.values()}
        set_by = openings | self._seen
        found = [
            d
            for d in self._stored
            if (d.instance or self._cycle) in self._there and (not d.event or d.event in set_by)
        ]
        last: dict[tuple[str, str, str], int] = {}
        for d in found:
            place = (d.step, d.occurrence, d.instance)
            last[place] = max(last.get(place, 0), d.version)
        return [
            replace(d, current=d.version == last[d.step, d.occurrence, d.instance]) for d in found
        ]

    def timers(self, deadlines: Iterable[Deadline]) -> Iterator[Timer]:
        """Yield the timers of what had been set, each as it stood."""
        in_force = {d.id: d.current for d in deadlines}
        for timer in self._timers:
            current = in_force.get(timer.deadline)
            if current is None:
                continue
            state = TimerState.PENDING
            if self._has_fired(timer):
                state = TimerState.FIRED
            elif not current:
                state = TimerState.CANCELLED
            yield replace(timer, state=state, attempts=0, next_attempt_at=None, last_error="")

    def exemptions(self, deadlines: Iterable[Deadline]) -> Mapping[str, Mapping[str, Exempt]]:
        """Return instance → step → why the step did not bind it as it bound the others."""
        found: dict[str, dict[str, Exempt]] = {}
        for deadline in deadlines:
            if deadline.instance:
                found.setdefault(deadline.instance, {})[deadline.step] = Exempt.OWN_DATE
        for key, life in self._there.items():
            if life.releases:
                found.setdefault(key, {}).update(life.releases)
        return found

    def _life(self, key: str, steps: Sequence[Footprint]) -> _Life | None:
        for step in steps:
            if step.timer:
                self._fires.add(step.timer)
        seen = list(known(steps, self._known_at))
        if not seen:
            return None
        effective: list[Happened] = []
        releases: dict[str, Exempt] = {}
        earliest = seen[0].moment
        for number, happened in enumerate(seen):
            step, moment, data, _ = happened
            earliest = min(earliest, moment)
            if step.timer:
                self._fired.add(step.timer)
            if number and moment > self._as_of:
                continue
            effective.append(happened)
            if number and step.position in self._wanted:
                self._seen.add(step.position)
            if step.kind in _RELEASES:
                kind, of = _RELEASES[step.kind], str(changes_of(data)["step"])
                if kind is None:
                    releases.pop(of, None)
                else:
                    releases[of] = kind
        instance = fold(key, effective)
        opening = seen[0].footprint
        if instance is None:
            return None
        return _Life(instance, opening.recorded_at, opening.position, earliest, releases)

    def _present(self) -> dict[str, _Life]:
        """Return those that were there: what was loaded together, from its first event on."""
        root = self._lives.get(self._cycle)
        if root is None:
            return {}
        loaded = [life for life in self._lives.values() if life.opened == root.opened]
        begun = min(life.earliest for life in loaded)
        there: dict[str, _Life] = {}
        for key, life in self._lives.items():
            since = begun if life.opened == root.opened else life.earliest
            parent = life.instance.parent
            if since <= self._as_of and (not parent or parent in there):
                there[key] = life
        return there

    def _has_fired(self, timer: Timer) -> bool:
        if timer.fires_at > self._horizon.as_of or timer.fires_at > self._horizon.known_at:
            return False
        if timer.id in self._fired:
            return True
        # One that concerned nobody left no event; it is taken to have fired in time.
        return timer.state is TimerState.FIRED and timer.id not in self._fires


def _office(reader: Reader, past: Past) -> None:
    """Fold the office: who held which post as far as was known, and which calendar counted."""
    as_of, known_at = to_text(past.horizon.as_of), to_text(past.horizon.known_at)
    past.calendar = reader.setting(CALENDAR)
    for stored, steps in reader.footprints(office.KEY) if reader.find(office.KEY) else ():
        seen = list(known(steps, known_at))
        effective = [h for n, h in enumerate(seen) if not n or h.moment <= as_of]
        past.office = fold(stored.key, effective)
        past.tenures = _tenures(seen)
        adopted = [changes_of(s.data) for s in steps if s.kind == str(Kind.CALENDAR)]
        if adopted:
            past.calendar = str(adopted[0]["before"])
        for step, _, data, _ in effective:
            if step.kind == str(Kind.CALENDAR):
                past.calendar = str(changes_of(data)["edition"])


def _tenures(seen: Iterable[Happened]) -> list[Tenure]:
    """Return the tenures that were known; their own days say when they held."""
    found: dict[int, Tenure] = {}
    for step, _, data, _ in seen:
        if step.kind != str(Kind.TENURE):
            continue
        said = changes_of(data)
        last = said.get("until_before", said.get("until", ""))
        for ended in said.get("ends", ()):
            if ended in found:
                found[ended] = replace(found[ended], until=last)
        if "post" in said:
            found[step.position] = Tenure(
                body=said["body"],
                post=said["post"],
                person=said["person"],
                since=said["since"],
                until=said["until"],
                deputy=said["deputy"],
                event=step.position,
            )
    return list(found.values())


def plan_then(reader: Reader, cycle: str, horizon: Horizon) -> str:
    """Return the plan edition under which ``cycle`` ran: no amendment reaches back."""
    edition, _ = reader.plan(cycle)
    amended = [e for e in reader.history(cycle) if e.kind is Kind.AMENDED and "plan" in e.data]
    for event in reversed(amended):
        if event.occurred_at > horizon.as_of or event.recorded_at > horizon.known_at:
            edition = str(event.data["before"])
    return edition
