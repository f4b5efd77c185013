"""Random ladders, what people do meanwhile, and when daemons pass: the lives that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from engine.guards import ALWAYS, Guard, Known, Not
from engine.ladder import Action, Ladder, Rung, Unit
from tests.property.ladder_oracle import ZONE, Office
from workflows.deadlines.parse import parse
from workflows.plan.model import Dates, Plan
from workflows.plan.read import read_plan

OPENED = datetime(2025, 3, 17, 9, tzinfo=ZONE)
END = datetime(2025, 7, 15, 9, tzinfo=ZONE)

PLAN = """\
duban: 1
id: rungs
body: rungs
key: rungs
name: 阶梯
year: 2025
sections: [{id: a, name: 甲科}, {id: b, name: 乙科}, {id: c, name: 丙科}]
posts:
  - {id: leaders, name: 领导小组, roles: [leading_group], holders: [{person: chief}]}
  - {id: deputy, name: 分管领导, roles: [vice_leader], in_charge_of: [a, b],
     holders: [{person: deputy}]}
  - {id: bureau, name: 办公室, roles: [group_office], holders: [{person: clerk}]}
  - {id: a-head, name: 甲科科长, section: a, holders: [{person: ann}]}
  - {id: b-head, name: 乙科科长, section: b, holders: [{person: bob}]}
  - {id: c-head, name: 丙科科长, section: c, holders: [{person: cat}, {person: clerk}]}
ladders:
  drawn: [{at: 0, do: late, tell: [owner]}]
steps:
  - {id: s, name: 报送, on: sections, hand_in: true, due: 04-10, ladder: drawn}
"""


@dataclass(frozen=True)
class Life:
    """A ladder, a date, what people do, and when a daemon passes."""

    rungs: tuple[Rung, ...]
    answers: tuple[Rung, ...]
    due: date
    cutoff: str
    acts: tuple[tuple[datetime, str, int, int], ...]
    """When, what, which of the things that are owed, and by how many days."""
    ticks: tuple[datetime, ...]
    silence: tuple[datetime, timedelta] | None
    """From when and for how long a daemon is down that else passes every eight hours."""

    def agenda(self) -> Sequence[tuple[datetime, str, int, int]]:
        """Return all that happens, in order; passes of a daemon have no name."""
        passes = list(self.ticks)
        if self.silence is not None:
            begins, lasts = self.silence
            every = [OPENED + timedelta(hours=8 * n) for n in range(1, 360)]
            passes += [tick for tick in every if not begins <= tick <= begins + lasts]
        return sorted([*self.acts, *((tick, "", 0, 0) for tick in passes)])

    def plan(self) -> Plan:
        plan = read_plan(PLAN.encode()).plan
        assert plan is not None
        text = self.due.isoformat()
        step = replace(plan.steps[0], due=parse(text), due_text=text)
        ladders = (
            Ladder(name="drawn", rungs=self.rungs),
            Ladder(name="answers", rungs=self.answers),
        )
        dates = Dates(cutoff=self.cutoff)
        return replace(plan, steps=(step,), ladders=ladders, dates=dates)

    def office(self) -> Office:
        ends = timedelta(hours=17, minutes=30) if self.cutoff else timedelta(days=1)
        return Office(self.rungs, self.answers, self.due, ends, OPENED)


units = st.sampled_from(Unit)
conditions: st.SearchStrategy[Guard] = st.sampled_from([ALWAYS, ALWAYS, Not(Known("evidence"))])
roles = st.lists(
    st.sampled_from(["owner", "vice_leader", "group_office", "leading_group"]), unique=True
).map(tuple)


@st.composite
def rungs(draw: st.DrawFn, *, lowest: int = -8, resets: bool = False) -> Rung:
    offset = draw(st.integers(1, 6)) if resets else draw(st.integers(lowest, 10))
    actions = [Action.REMIND, Action.PROPOSE, Action.SLIP]
    if offset >= 0 and not resets:
        actions += [Action.LATE, Action.LATE]
    action = draw(st.sampled_from(actions))
    slips = action is Action.SLIP and draw(st.booleans())
    return Rung(
        offset=offset,
        unit=draw(units),
        action=action,
        lamp=draw(st.sampled_from(["", "黄", "红"])),
        recipients=draw(roles),
        when=draw(conditions),
        after_previous=resets,
        reply=draw(st.integers(3, 6)) if slips else 0,
        reply_unit=draw(units),
        reply_ladder=draw(st.sampled_from(["", "answers"])) if slips else "",
    )


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Rung, ...]:
    """Draw up to four rungs at offsets, each with up to two on re-set dates behind it."""
    found: list[Rung] = []
    for rung in draw(st.lists(rungs(), max_size=4)):
        found += [rung, *draw(st.lists(rungs(resets=True), max_size=2))]
    return tuple(found)


answers = st.lists(rungs(lowest=-1), max_size=2).map(tuple)
minutes = st.integers(1, int((END - OPENED).total_seconds()) // 60 - 1)
moments = minutes.map(lambda n: OPENED + timedelta(minutes=n))
ACTS = ["hand in", "return", "excuse", "void", "suspend", "resume", "extend", "ask", "prove"]


silences = st.tuples(moments, st.integers(0, 40).map(lambda n: timedelta(days=n)))
lives = st.builds(
    Life,
    rungs=ladders(),
    answers=answers,
    due=st.integers(0, 45).map(lambda n: date(2025, 3, 24) + timedelta(days=n)),
    cutoff=st.sampled_from(["", "", "17:30"]),
    acts=st.lists(
        st.tuples(moments, st.sampled_from(ACTS), st.integers(0, 5), st.integers(1, 30)),
        max_size=12,
    ).map(tuple),
    ticks=st.lists(moments, max_size=12).map(tuple),
    silence=st.none() | silences,
)
