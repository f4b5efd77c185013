"""The machine of one target: a goal with a section that is responsible for it."""

from __future__ import annotations

from engine.definition import Counted, Field, Join, RecordKind, Transition, Workflow
from engine.facts import FactType
from engine.guards import All, Joined, Known, ParentIn, ParentKnows
from workflows import finding
from workflows.roles import GROUP_OFFICE, LEADING_GROUP, OWNER

NAME = "target"

DRAFTING = "drafting"
DRAFTED = "drafted"
PEER_REVIEWED = "peer_reviewed"
APPROVED = "approved"
PUBLISHED = "published"
SELF_ASSESSED = "self_assessed"
EVALUATED = "evaluated"
RECTIFIED = "rectified"
WITHDRAWN = "withdrawn"

LINE = (
    DRAFTING,
    DRAFTED,
    PEER_REVIEWED,
    APPROVED,
    PUBLISHED,
    SELF_ASSESSED,
    EVALUATED,
    RECTIFIED,
)

NO_OPEN_FINDING = "no_open_finding"

WORK_PLAN = "work_plan"
"""The section's implementation plan (实施计划): pace, quality and date (R-36)."""


PROGRESS = "progress"
PERCENT = f"{PROGRESS}.percent"
"""How far it is by what was last recorded."""


def excused(what: str) -> str:
    """Return the fact of a target that owes ``what`` no more, a state or a record: excused."""
    return f"excused:{what}"


def _parent_past(state: str) -> ParentIn:
    return ParentIn(LINE[LINE.index(state) :])


TARGET = Workflow(
    name=NAME,
    states=(*LINE, WITHDRAWN),
    initial=DRAFTING,
    line=LINE,
    final=(RECTIFIED, WITHDRAWN),
    void=(WITHDRAWN,),
    transitions=(
        Transition(trigger="draft", sources=(DRAFTING,), target=DRAFTED, by=(OWNER, GROUP_OFFICE)),
        Transition(
            trigger="peer_review",
            sources=(DRAFTED,),
            target=PEER_REVIEWED,
            guard=_parent_past(PEER_REVIEWED),
            by=(GROUP_OFFICE,),
        ),
        Transition(
            trigger="approve",
            sources=(PEER_REVIEWED,),
            target=APPROVED,
            guard=_parent_past(APPROVED),
            by=(GROUP_OFFICE,),
        ),
        Transition(
            trigger="publish",
            sources=(APPROVED,),
            target=PUBLISHED,
            guard=All(
                (
                    _parent_past(PUBLISHED),
                    Known(f"{WORK_PLAN}.pace"),
                    Known(f"{WORK_PLAN}.quality"),
                    Known(f"{WORK_PLAN}.finish_by"),
                )
            ),
            by=(GROUP_OFFICE,),
        ),
        Transition(
            trigger="self_assess",
            sources=(PUBLISHED,),
            target=SELF_ASSESSED,
            guard=Known("self_report"),
            by=(OWNER, GROUP_OFFICE),
            automatic=True,
        ),
        Transition(
            trigger="evaluate",
            sources=(SELF_ASSESSED,),
            target=EVALUATED,
            guard=_parent_past(EVALUATED),
            by=(GROUP_OFFICE,),
        ),
        Transition(
            trigger="rectify",
            sources=(EVALUATED,),
            target=RECTIFIED,
            guard=All((ParentKnows("circular"), Joined(NO_OPEN_FINDING))),
            by=(GROUP_OFFICE,),
            automatic=True,
        ),
        Transition(
            trigger="send_back",
            sources=(DRAFTED, PEER_REVIEWED, APPROVED),
            target=DRAFTING,
            by=(GROUP_OFFICE, LEADING_GROUP),
            needs_reason=True,
        ),
        Transition(
            trigger="return_report",
            sources=(SELF_ASSESSED,),
            target=PUBLISHED,
            by=(GROUP_OFFICE,),
            needs_reason=True,
            clears=("self_report", "self_report.completion", "self_report.document"),
        ),
        Transition(
            trigger="reopen",
            sources=(EVALUATED,),
            target=SELF_ASSESSED,
            by=(GROUP_OFFICE,),
            needs_reason=True,
        ),
        Transition(
            trigger="withdraw",
            sources=LINE[:-1],
            target=WITHDRAWN,
            by=(GROUP_OFFICE,),
            needs_reason=True,
        ),
    ),
    forcible=LINE,
    records=(
        RecordKind(
            kind=WORK_PLAN,
            by=(OWNER, GROUP_OFFICE),
            fields=(
                Field("pace", required=True),
                Field("quality", required=True),
                Field("finish_by", FactType.DAY, required=True),
            ),
        ),
        RecordKind(
            kind="self_report",
            by=(OWNER, GROUP_OFFICE),
            states=(PUBLISHED,),
            fields=(
                Field("completion", FactType.INTEGER),
                Field("document"),
                Field("shortfall", personal=True),
                Field("improvement", personal=True),
            ),
        ),
        RecordKind(
            kind=PROGRESS,
            by=(OWNER, GROUP_OFFICE),
            fields=(
                Field("percent", FactType.INTEGER, required=True),
                Field("expected", FactType.INTEGER),
                Field("note", personal=True),
            ),
        ),
        RecordKind(
            kind="evaluation_result",
            by=(GROUP_OFFICE,),
            per="method",
            fields=(
                Field(
                    "method",
                    required=True,
                    choices=(
                        "goal_assessment",
                        "leader_evaluation",
                        "public_evaluation",
                        "positive_incentive",
                        "spot_verification",
                    ),
                ),
                Field("document"),
                Field("result"),
            ),
        ),
        RecordKind(
            kind="evidence",
            by=(OWNER, GROUP_OFFICE),
            fields=(Field("sha256", required=True), Field("name")),
        ),
        RecordKind(kind="start", by=(OWNER, GROUP_OFFICE), fields=(Field("document"),)),
        RecordKind(
            kind="absence",
            by=(OWNER, GROUP_OFFICE),
            fields=(Field("first", FactType.DAY, required=True), Field("last", FactType.DAY)),
        ),
        RecordKind(
            kind="no_overlap",
            by=(GROUP_OFFICE,),
            fields=(Field("because", required=True, personal=True),),
        ),
    ),
    facts=(
        ("title", FactType.TEXT),
        ("category", FactType.TEXT),
        ("sources", FactType.TEXT),
        ("basis", FactType.TEXT),
        (excused(SELF_ASSESSED), FactType.BOOLEAN),
        (excused("self_report"), FactType.BOOLEAN),
    ),
    joins=(
        Join(
            name=NO_OPEN_FINDING,
            counted=(Counted(workflow=finding.NAME, arrived=(finding.CLOSED,)),),
            may_be_empty=True,
        ),
    ),
)
