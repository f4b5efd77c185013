"""What ladders must do, told from their data alone: the oracle of `test_every_rung_once`.

Nothing here calls the engine: days are counted with `chinese_calendar`, who falls short is kept
in plain sets. One step asks each of three sections to hand something in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chinese_calendar import is_workday

from engine.guards import ALWAYS
from engine.ladder import Action, Rung, Unit

ZONE = ZoneInfo("Asia/Shanghai")
STEP = "s"
SECTIONS = ("a", "b", "c")

HEADS = {"a": {"ann"}, "b": {"bob"}, "c": {"cat", "clerk"}}
VICE = {"a": {"deputy"}, "b": {"deputy"}, "c": set[str]()}
WHOM = {"group_office": {"clerk"}, "leading_group": {"chief"}}

Number = tuple[str, str, str, int]
"""A date's step, occurrence, own instance and version."""


def shift(day: date, count: int, unit: Unit) -> date:
    """Return the day so many days on, or back."""
    if unit is Unit.CALENDAR_DAY:
        return day + timedelta(days=count)
    one = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += one
        left -= bool(is_workday(day))
    return day


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def granted(now: datetime, count: int, unit: Unit) -> date:
    """Return the last of so many days granted now; one off duty moves on to the next on duty."""
    last = shift(now.astimezone(ZONE).date(), count, unit)
    while not is_workday(last):
        last += timedelta(days=1)
    return last


def in_order(drawn: Sequence[Rung]) -> list[Rung]:
    """Return the rungs by offset, re-set ones behind their own, with lateness at 0 at the least."""
    if not any(rung.action is Action.LATE for rung in drawn):
        drawn = [*drawn, Rung(offset=0, action=Action.LATE)]
    groups: list[list[Rung]] = []
    for rung in drawn:
        if rung.after_previous and groups:
            groups[-1].append(rung)
        else:
            groups.append([rung])
    return [rung for group in sorted(groups, key=lambda g: g[0].offset) for rung in group]


@dataclass(eq=False)
class Clock:
    """One version of a date, and the rungs that it still has before it."""

    number: Number
    ladder: Sequence[Rung]
    due: datetime
    last: date
    ahead: dict[int, datetime] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what stands for it where two dates have the same moment."""
        step, occurrence, instance, version = self.number
        parts = (step, f"@{occurrence}" * bool(occurrence), f"!{instance}" * bool(instance))
        return f"{''.join(parts)}#{version}"

    def moment(self, rung: Rung) -> datetime:
        if rung.offset == 0:
            return self.due
        found = midnight(shift(self.last, rung.offset, rung.unit))
        return max(found, self.due) if rung.offset > 0 else found

    def arm(self, after: datetime, *, at_once: bool = False) -> None:
        """Arm every rung that lies ahead; ``at_once``: also late, and the one that now stands."""
        passed = []
        for n, rung in enumerate(self.ladder):
            if rung.after_previous:
                continue
            if self.moment(rung) > after:
                self.ahead[n] = self.moment(rung)
            else:
                passed.append(n)
        if at_once:
            late = [n for n in passed if self.ladder[n].action is Action.LATE]
            self.ahead |= dict.fromkeys({*late[:1], *passed[-1:]}, after)


@dataclass
class Owed:
    """One thing that is owed, and what is known of it."""

    key: str
    owner: str
    step: str = STEP
    occurrence: str = ""
    done: bool = False
    void: bool = False
    evidence: bool = False
    excused: bool = False
    suspended: bool = False
    asked: bool = False
    own: Clock | None = None
    was_late: set[Number] = field(default_factory=set)

    @property
    def owes(self) -> bool:
        return not self.done and not self.void


def applies(rung: Rung, thing: Owed) -> bool:
    """Return whether the rung is for the thing at all: every condition drawn asks for no proof."""
    return rung.when == ALWAYS or not thing.evidence


@dataclass(frozen=True, order=True)
class Climbed:
    """A rung had its effect: nominal and actual moment, on whom, and who was told of whose."""

    number: Number
    rung: int
    nominal: datetime
    actual: datetime
    speaks: bool
    told: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, order=True)
class Marked:
    """A mark on one instance."""

    key: str
    kind: str
    lamp: str
    nominal: datetime
    actual: datetime
    number: Number
    rung: int


class Office:
    """The world as the ladder's words make it."""

    def __init__(
        self,
        drawn: Sequence[Rung],
        answers: Sequence[Rung],
        last: date,
        ends: timedelta,
        loaded: datetime,
    ) -> None:
        self.ends = ends
        """How long after its midnight the last day of a date that people set is over."""
        self.answers = {"": in_order(()), "answers": in_order(answers)}
        self.things = {f"{STEP}-{s}": Owed(f"{STEP}-{s}", s) for s in SECTIONS}
        first = Clock((STEP, "", "", 1), in_order(drawn), midnight(last) + ends, last)
        self.shared = [first]
        self.shared[0].arm(loaded)
        self.own: list[Clock] = []
        self.climbed: list[Climbed] = []
        self.marked: list[Marked] = []
        self.slips: list[tuple[str, str, str, datetime]] = []

    # time

    def passes(self, now: datetime, *, until_quiet: bool) -> None:
        """Let time do what is due; an act first waits until nothing more is."""
        while due := sorted(
            (
                (moment, n, clock)
                for clock in (*self.shared, *self.own)
                for n, moment in clock.ahead.items()
                if moment <= now
            ),
            key=lambda found: (*found[:2], found[2].name),
        ):
            for moment, n, clock in due:
                later = [clock.ladder[k] for m, k, c in due if c is clock and (m, k) > (moment, n)]
                del clock.ahead[n]
                self._climb(clock, n, moment, now, later)
            if not until_quiet:
                return

    def _climb(
        self, clock: Clock, n: int, nominal: datetime, now: datetime, later: Sequence[Rung]
    ) -> None:
        rung = clock.ladder[n]
        if n + 1 < len(clock.ladder) and clock.ladder[n + 1].after_previous:
            following = clock.ladder[n + 1]
            last = granted(now, following.offset, following.unit)
            clock.ahead[n + 1] = midnight(last) + self.ends
        concerned = [thing for thing in self._bound(clock) if thing.owes and applies(rung, thing)]
        if not concerned:
            return
        spoken_to = [t for t in concerned if not any(applies(other, t) for other in later)]
        told = self._told(rung, spoken_to)
        about = tuple(sorted((who, tuple(sorted(of))) for who, of in told.items()))
        self.climbed.append(Climbed(clock.number, n, nominal, now, bool(spoken_to), about))
        for thing in concerned:
            kind = {Action.LATE: "late", Action.SLIP: "slip", Action.PROPOSE: "proposed"}
            if rung.action in kind:
                self._mark(thing, kind[rung.action], "", clock.number, n, nominal, now)
            if rung.lamp:
                self._mark(thing, "lamp", rung.lamp, clock.number, n, nominal, now)
            if rung.action is Action.LATE:
                thing.was_late.add(clock.number)
        if rung.action is Action.SLIP and rung.reply and "+r" not in clock.number[0]:
            self._issue(clock, n, rung, concerned, now)

    def _mark(
        self,
        thing: Owed,
        kind: str,
        lamp: str,
        number: Number,
        n: int,
        nominal: datetime,
        now: datetime,
    ) -> None:
        self.marked.append(Marked(thing.key, kind, lamp, nominal, now, number, n))

    def _issue(
        self, clock: Clock, n: int, rung: Rung, concerned: Sequence[Owed], now: datetime
    ) -> None:
        """Issue a slip to each; its days count from now, when it is really issued."""
        _, occurrence, instance, version = clock.number
        label = ".".join(part for part in (occurrence, instance, f"v{version}") if part)
        last = granted(now, rung.reply, rung.reply_unit)
        due = midnight(last) + self.ends
        number = (f"{clock.number[0]}+r{n}", label, "", 1)
        reply = Clock(number, self.answers[rung.reply_ladder], due, last)
        reply.arm(now)
        self.shared.append(reply)
        for thing in concerned:
            key = f"S-{len(self.slips) + 1:04}"
            self.slips.append((key, thing.key, thing.owner, due))
            self.things[key] = Owed(key, thing.owner, number[0], label)

    def _bound(self, clock: Clock) -> Iterator[Owed]:
        step, occurrence, instance, _ = clock.number
        for thing in sorted(self.things.values(), key=lambda t: t.key):
            mine = thing.own is clock
            if not instance:
                mine = (thing.step, thing.occurrence, thing.own) == (step, occurrence, None)
            if mine and not (thing.excused or thing.suspended):
                yield thing

    @staticmethod
    def _told(rung: Rung, concerned: Sequence[Owed]) -> dict[str, set[str]]:
        told: dict[str, set[str]] = {}
        for thing in concerned:
            for role in rung.recipients:
                whom = {"owner": HEADS, "vice_leader": VICE}.get(role, {}).get(thing.owner)
                for person in WHOM[role] if whom is None else whom:
                    told.setdefault(person, set()).add(thing.owner)
        return told

    # people

    def binding(self, thing: Owed) -> Clock:
        if thing.own is not None:
            return thing.own
        return next(c for c in self.shared if c.number[:2] == (thing.step, thing.occurrence))

    def falls_short(self, thing: Owed, now: datetime) -> None:
        """Begin to owe again what is past: late at once, by the rung that now stands."""
        clock = self.binding(thing)
        if clock.due <= now and not (thing.excused or thing.suspended):
            self.new_date(thing, clock.last, now, clock.due)

    def new_date(self, thing: Owed, last: date, now: datetime, due: datetime | None = None) -> None:
        """Give the thing a date of its own; ``due`` where it is the one that it had."""
        old = self.binding(thing)
        version = 1
        if thing.own is not None:
            version = old.number[3] + 1
            self.own.remove(old)
        due = due or midnight(last) + self.ends
        thing.own = Clock((thing.step, thing.occurrence, thing.key, version), old.ladder, due, last)
        thing.own.arm(now, at_once=due <= now)
        self.own.append(thing.own)
