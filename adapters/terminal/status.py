"""The year on one screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.terminal.coming import show_coming
from adapters.terminal.daemons import show_daemons
from adapters.terminal.names import Names
from adapters.terminal.picture import bar, line_of_states
from adapters.terminal.proposals import rows_alone, rows_of
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen, Span
from adapters.terminal.sealing import sealed_line
from adapters.terminal.times import Times
from engine.definition import Workflow
from engine.heartbeat import Heartbeat
from engine.log import Sealed
from engine.population import Tally
from workflows.running.overview import Overview, Owed

SHOWN = 8
"""Lines of one section on the screen; how many there are besides is said."""
FIRST = 3
"""Keys of one owner that are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a status says besides the cycle: the installation around it."""

    trial: bool = False
    moment_asked: bool = False
    """Somebody asked for another moment than now."""
    past: bool = False
    """It is the past that is shown: nothing is said of the installation, nor what to do."""
    alive: Sequence[Heartbeat] = ()
    last: Heartbeat | None = None
    """The daemon that was alive last, alive or not."""
    wall: datetime | None = None
    """The moment by which daemons live."""
    notices: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Who answers for an owner."""
    sealed: Sealed | None = None
    """The last checkpoint of the log."""


def show_status(
    screen: Screen, found: Overview, machines: Mapping[str, Workflow], around: Surroundings
) -> None:
    """Print where a cycle stands."""
    view = _View(screen, found, around)
    view.head()
    line_of_states(screen, machines["cycle"], found.cycle.state)
    view.counts("targets", found.targets, machines["target"])
    view.lamps()
    view.owed(screen.words.text("Late"), found.late, BAD)
    view.outside()
    view.owed(screen.words.text("Due soon"), found.soon, WARN)
    view.unrecorded()
    view.held_up(machines["cycle"])
    view.held_back()
    view.second_person()
    show_coming(screen, found)
    view.foot()


class _View:
    def __init__(self, screen: Screen, found: Overview, around: Surroundings) -> None:
        self.screen, self.found, self.around = screen, found, around
        self.t = screen.words
        self.times = Times(self.t, ZoneInfo(found.plan.zone))
        self.names = Names(self.t, found.plan)

    def head(self) -> None:
        """Print which cycle this is, and when."""
        t, plan = self.t, self.found.plan
        now = self.times.full(self.found.moment)
        mark: list[Span] = [(f"{t.text('TRIAL')}  ", WARN)] if self.around.trial else []
        asked = t.text("as of {now}", now=now) if self.around.moment_asked else now
        self.screen.line(
            *mark, (self.found.cycle.key, STRONG), f"  {plan.name.in_language(t.language)}"
        )
        document = f"{plan.document.number}  " if plan.document.number else ""
        self.screen.line((f"{document}{asked}", FAINT))
        self.screen.gap()

    def counts(self, _name: str, states: Mapping[str, int], machine: Workflow) -> None:
        """Print how many targets stand where, as bars."""
        t, whole = self.t, sum(states.values())
        self.screen.heading(t.text("Targets"), t.text("{count} in all", count=whole))
        order = [s for s in machine.states if states.get(s)]
        rows: list[Sequence[Cell]] = []
        for state in order:
            style = FAINT if state in machine.void else GOOD
            word = t.word("state", state, machine.name)
            rows.append((word, str(states[state]), (bar(states[state], whole), style)))
        self.screen.table((), rows, indent=2, right=(1,))

    def lamps(self) -> None:
        """Print how many instances show which lamp."""
        if self.found.lamps:
            shown = "  ".join(f"{lamp} {n}" for lamp, n in sorted(self.found.lamps.items()))
            self.screen.line(self.t.text("Lamps: {lamps}", lamps=shown), indent=2)

    def owed(self, title: str, owed: Sequence[Owed], style: str) -> None:
        """Print what is owed: until when, by whom, what exactly."""
        if not owed:
            return
        count = sum(o.count for o in owed)
        self.screen.heading(title, str(count))
        lateness = any(o.days_late for o in owed)
        rows = [
            (self.times.due(o.deadline), *self._late(o, style)[:lateness], *self._whose(o, tally))
            for o in owed
            for tally in o.tallies
        ]
        self.screen.table((), rows[:SHOWN], indent=2)
        self._more(len(rows))

    def _late(self, owed: Owed, style: str) -> Sequence[Cell]:
        """Return the one cell that says how late; it is empty until a working day has passed."""
        late = self.t.text("{days} working days late", days=owed.days_late)
        if owed.days_late == 1:
            late = self.t.text("1 working day late")
        return [(late if owed.days_late else "", style)]

    def _whose(self, owed: Owed, tally: Tally) -> Sequence[Cell]:
        t = self.t
        people = self.around.people.get(tally.owner, ())
        whom = t.shown(list(people)) if people else t.text("no holder")
        owner = f"{self.names.owner(tally.owner)} ({whom})"
        name = f"{self.names.step(owed.step.id)} {owed.deadline.occurrence}".rstrip()
        return (owner, name, (self._keys(tally), FAINT))

    def _keys(self, tally: Tally) -> str:
        if tally.first == (self.found.cycle.key,):
            return ""
        short = [key.rpartition("/")[2] for key in tally.first[:FIRST]]
        more = tally.count - len(short)
        shown = " ".join(short)
        return f"{shown} +{more}" if more > 0 else shown

    def outside(self) -> None:
        """Print what lies with bodies outside, and since when."""
        t, found = self.t, self.found.outside
        if not found:
            return
        self.screen.heading(t.text("With bodies outside"), str(len(found)))
        rows = [
            (
                self.names.owner(matter.body),
                t.text("since {day}", day=self.times.moment(matter.since)[:10])
                if matter.since
                else "",
                self.names.step(matter.step.id),
                ("" if matter.instance == self.found.cycle.key else matter.instance, FAINT),
            )
            for matter in found
        ]
        self.screen.table((), rows[:SHOWN], indent=2)
        self._more(len(rows))

    def unrecorded(self) -> None:
        """Print what was past when the plan was loaded and nobody has entered."""
        t, found = self.t, self.found.unrecorded
        if not found:
            return
        key = self.found.cycle.key
        more = t.text("enter them with: {command}", command=f"duban backfill {key}")
        self.screen.heading(t.text("Unrecorded (未补录)"), f"{len(found)}  {more}")
        rows = [
            (self.times.due(o.deadline), self.names.step(o.step.id), (o.step.id, FAINT))
            for o in found
        ]
        self.screen.table((), rows[:SHOWN], indent=2)
        self._more(len(rows))

    def held_up(self, machine: Workflow) -> None:
        """Print who holds up the next move of the cycle."""
        found = self.found
        if not found.held_up_count:
            return
        line = machine.line
        after = line[line.index(found.cycle.state) + 1 :] if found.cycle.state in line else ()
        target = self.t.word("state", after[0], machine.name) if after else ""
        names = [key.rpartition("/")[2] for key in found.held_up]
        more = found.held_up_count - len(names)
        tail = f" +{more}" if more > 0 else ""
        text = self.t.text(
            "Before {state} can be reached, {count} are awaited: {names}",
            state=target,
            count=found.held_up_count,
            names=names,
        )
        self.screen.gap()
        self.screen.line(text + tail)

    def held_back(self) -> None:
        """Print that the cycle was forced back, and how it goes on."""
        if self.found.held_back:
            text = self.t.text(
                "Forced back, it stays until something changes, or until: "
                "duban move {key} {trigger}",
                key=self.found.cycle.key,
                trigger=self.found.held_back,
            )
            self.screen.gap()
            self.screen.line((text, WARN))

    def second_person(self) -> None:
        """Print what waits for a second person, and what one did alone."""
        t, found = self.t, self.found
        if found.proposals:
            count = str(len(found.proposals))
            self.screen.heading(t.text("Waits for a second person"), f"{count}  duban proposals")
            rows = rows_of(self.screen, found.proposals, self.times)
            self.screen.table((), rows[:SHOWN], indent=2)
        if found.alone:
            more = f"{len(found.alone)}  duban audit note N"
            self.screen.heading(t.text("Done alone, not noted by an auditor yet"), more)
            rows = rows_alone(self.screen, found.alone, self.times)
            self.screen.table((), rows[:SHOWN], indent=2)

    def foot(self) -> None:
        """Print how the installation is: daemon, notices, timers."""
        t, screen, around = self.t, self.screen, self.around
        if around.past:
            return
        screen.gap()
        if around.wall is not None:
            show_daemons(screen, around.alive, around.last, self.times, around.wall)
        if self.found.undone:
            text = t.text(
                "{count} dated effects are due and not carried out yet; see: duban daemon --plan",
                count=self.found.undone,
            )
            screen.line((text, WARN))
        for timer in self.found.failing[:FIRST]:
            text = t.text(
                "Timer {timer} failed {attempts} times: {error}",
                timer=timer.id,
                attempts=timer.attempts,
                error=timer.last_error,
            )
            screen.line((text, BAD))
        for kind, count in around.notices.items():
            sentence = _notice_sentence(self, kind, count)
            if sentence:
                screen.line((sentence, WARN))
        if around.sealed:
            screen.line((sealed_line(screen, around.sealed), FAINT))

    def _more(self, rows: int) -> None:
        if rows > SHOWN:
            text = self.t.text("and {count} more; see: duban due", count=rows - SHOWN)
            self.screen.line((text, FAINT), indent=2)


def _notice_sentence(view: _View, kind: str, count: int) -> str:
    t = view.t
    if kind == "held":
        return t.text(
            "{count} notices are held after a long silence; let them go with: duban daemon --apply",
            count=count,
        )
    if kind == "failing":
        return t.text("{count} notices could not be delivered yet; see: duban notices", count=count)
    if kind == "dead":
        return t.text("{count} notices were given up; see: duban notices", count=count)
    return ""
