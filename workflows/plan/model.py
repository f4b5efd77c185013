"""A plan as frozen values: what the loader makes of a plan file, and what is stored.

Every element may carry the ``clause`` of the issued document that it stands
for. Texts that people read are `Text`, Chinese first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from engine.definition import Workflow
from engine.facts import Value
from engine.ladder import Ladder
from workflows.deadlines.rule import Rule
from workflows.plan.oversight import AnomalyLimits, FourEyes, LogHash, ReadingRule


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese, and in English where the plan gives it."""

    zh: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """Return the text for a reader of ``language``, Chinese when there is no other."""
        return self.en if language.startswith("en") and self.en else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The document by which the plan was issued (R-01); the number is kept verbatim."""

    number: str = ""
    index: str = ""
    issuer: Text = Text("")
    issued: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a post, from and until which day (both included)."""

    person: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post: duties belong to posts, posts have holders (R-04)."""

    id: str
    name: Text
    roles: tuple[str, ...] = ()
    section: str = ""
    """The section that the post heads or works for; makes it the ``owner`` of what is due there."""
    in_charge_of: tuple[str, ...] = ()
    """Sections that a vice leader looks after (R-35)."""
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section (科室) of the body."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A body outside that approves, replies or inspects; no user of the system."""

    id: str
    name: Text
    duty: Text = Text("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document item from which targets are taken (R-09)."""

    id: str
    name: Text
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A leaf or a branch of the content tree (R-08)."""

    id: str
    name: Text
    parent: str = ""
    dynamic: bool = False
    """Targets here are added after the plan was issued, with a triggering document (R-11)."""


REPLY = "+r"
"""Between the id of a step and the number of the rung whose slip asks for an answer."""


class Scope(StrEnum):
    """Whom a step concerns."""

    CYCLE = "cycle"
    TARGETS = "targets"
    SECTIONS = "sections"
    """One assignment per section."""
    OFFICE = "office"
    """One assignment for the group office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The answer of an outside body that a submission waits for (outside clock)."""

    body: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """When and how a step was done before the plan was loaded."""

    on: datetime | date
    document: str = ""
    by: str = ""
    record: str = ""
    """Which of the step's records, or the answer that it waits for; empty for its first."""
    values: tuple[tuple[str, Value], ...] = ()
    """Further fields of the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who must bring what to which state, or hand in which record, by when.

    Exactly one of ``brings``, ``records``, ``hand_in`` and ``attend`` says
    what is owed.
    """

    id: str
    name: Text
    clause: str = ""
    scope: Scope = Scope.CYCLE
    owner: str = ""
    """A section, a post or a role; empty: the instance's owner, the group office on a cycle."""
    brings: str = ""
    """The state that the instance must have reached."""
    records: tuple[str, ...] = ()
    """Record facts that must be there, such as ``reply`` or ``publication:website``."""
    hand_in: bool = False
    """An assignment must be submitted; for the scopes ``sections`` and ``office``."""
    attend: bool = False
    """Nothing is to be handed in (cooperate); never late."""
    gate: str = ""
    """State of the cycle that waits for these assignments."""
    due: Rule | None = None
    """A step marked undated has a rule that says so; None is only for steps made in code."""
    due_text: str = ""
    after: tuple[str, ...] = ()
    wait: Wait | None = None
    ladder: str = ""
    proof: Text = Text("")
    """What on paper shows that it was done, where no record does."""
    takes: int = 0
    """Working days that it needs; only `check` reads it."""
    fires: str = ""
    """Trigger that the due moment fires by itself; the machine must allow it to time."""
    done: tuple[Done, ...] = ()
    note: Text = Text("")
    line: int = field(default=0, compare=False)
    """Line of the plan file, for diagnostics; no part of what the plan says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A goal with a responsible section."""

    id: str
    name: Text
    category: str
    section: str
    sources: tuple[str, ...] = ()
    basis: str = ""
    """The document that brought a dynamic target about."""
    pace: str = ""
    quality: str = ""
    finish_by: date | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """Above which size notices wait for a person after a long silence."""

    working_days: int = 3
    notices: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """When nobody is told anything; notices wait, dates never do. As it stands: no such time."""

    begins: str = ""
    """``HH:MM`` in the plan's zone; past midnight where ``ends`` is not later. Empty: no hours."""
    ends: str = ""
    working_days_only: bool = False
    """On days off nobody is told anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTexts:
    """What a plan says in its own words; an empty text leaves it to the words that ship."""

    subject: Text = Text("")
    heading: Text = Text("")
    overdue: Text = Text("")
    """Above what is overdue."""
    coming: Text = Text("")
    """Above what falls due on one day."""
    matter: Text = Text("")
    """One thing that is owed."""
    matter_late: Text = Text("")
    """The same, when it is overdue."""
    closing: Text = Text("")

    def of(self, key: str, language: str) -> str:
        """Return the template of ``key`` for a reader of ``language``; empty where there is none.

        Whoever reads English and finds no English template reads the words that ship.
        """
        text: Text = getattr(self, key)
        return text.en if language.startswith("en") else text.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRules:
    """Which files are taken as evidence."""

    largest_mb: int = 100
    """Megabytes (of 1024 × 1024 bytes) that one file may have."""
    types: tuple[str, ...] = ()
    """Endings of file names, ``pdf``; empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChoice:
    """Which working calendar counts."""

    base: str = "china"
    overrides: tuple[tuple[date, bool, str], ...] = ()
    """Day, whether it is worked, and where that is written."""


class Counting(StrEnum):
    """What 日 counts where a text says no more."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """How the plan reads its dates; the questions of requirements.md section 5."""

    inclusive: bool = True
    cutoff: str = ""
    """``HH:MM`` local time; empty for the end of the day."""
    roll_fixed: bool = False
    roll_relative: bool = True
    days: Counting = Counting.CALENDAR
    """Which days a period of plain days counts, in deadlines and ladders."""
    extended_by: tuple[str, ...] = ("group_office", "leading_group")
    """Roles that may grant a later date."""


OFFICE_EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "批复": "reply",
        "书面批复": "reply",
        "通报": "circular",
        "结果通报": "circular",
        "考核结果通报": "circular",
        "审定": "decision",
        "批示": "decision",
    }
)
"""What offices call the records of the machines that ship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One body's year."""

    id: str
    body: str
    """The body whose posts these are; tenures carry over from plan to plan."""
    key: str
    """Key of the cycle, ``qz-2024``."""
    name: Text
    year: int
    zone: str = "Asia/Shanghai"
    document: Document = Document()
    basis: tuple[str, ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    """How the plan's dates call an event, and the record or state that it is."""
    posts: tuple[Post, ...] = ()
    sections: tuple[Section, ...] = ()
    outside: tuple[Outside, ...] = ()
    categories: tuple[Category, ...] = ()
    sources: tuple[Source, ...] = ()
    methods: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    targets: tuple[Target, ...] = ()
    machines: tuple[Workflow, ...] = ()
    """The machines of this cycle: cycle, target, assignment, finding, appeal."""
    calendar: CalendarChoice = CalendarChoice()
    dates: Dates = Dates()
    catch_up: CatchUp = field(default_factory=CatchUp)
    quiet: Quiet = Quiet()
    notices: NoticeTexts = field(default_factory=NoticeTexts)
    four_eyes: FourEyes = field(default_factory=FourEyes)
    reading: ReadingRule = field(default_factory=ReadingRule)
    amends: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Machine → old state → new state: what becomes of those that run when this plan comes."""
    evidence: EvidenceRules = field(default_factory=EvidenceRules)
    anomalies: AnomalyLimits = field(default_factory=AnomalyLimits)
    log_hash: LogHash = LogHash.ANY

    def machine(self, name: str) -> Workflow:
        """Return the machine of that name.

        Raises:
            KeyError: the plan has none; `check` refuses such a plan.

        """
        for workflow in self.machines:
            if workflow.name == name:
                return workflow
        raise KeyError(name)

    def step(self, step_id: str) -> Step | None:
        """Return the step of that id; also the answer to a slip, which a rung brings about."""
        stem, mark, number = step_id.partition(REPLY)
        found = next((s for s in self.steps if s.id == stem), None)
        if not mark or found is None:
            return found
        ladder = self.ladder(found.ladder)
        return Step(
            id=step_id,
            name=Text(f"{found.name.zh}（督办单回复）", f"{found.name.en} (answer to a slip)"),
            clause=found.clause,
            scope=Scope.SECTIONS,
            hand_in=True,
            ladder=_reply_ladder(ladder, int(number)),
        )

    def event_names(self) -> dict[str, str]:
        """Return by what names dates may call events: those of offices, and the plan's own."""
        return {**OFFICE_EVENTS, **dict(self.events)}

    def ladder(self, name: str) -> Ladder | None:
        """Return the ladder of that name."""
        return next((ladder for ladder in self.ladders if ladder.name == name), None)


def _reply_ladder(ladder: Ladder | None, number: int) -> str:
    """Return the ladder on which an answer is chased; none if the slip's rung was amended away."""
    if ladder is None or number >= len(ladder.rungs):
        return ""
    return ladder.rungs[number].reply_ladder
