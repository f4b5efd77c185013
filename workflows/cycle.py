"""The machine of a whole year of one body (R-28)."""

from __future__ import annotations

from engine.definition import Cascade, Counted, Field, Join, RecordKind, Transition, Workflow
from engine.facts import FactType
from engine.guards import ALWAYS, All, AnyOf, Compare, Joined, Known, Not
from workflows import assignment, finding, target
from workflows.roles import DAEMON, GROUP_OFFICE, LEADING_GROUP, OWNER

NAME = "cycle"

DRAFTING = "drafting"
DRAFTED = "drafted"
PEER_REVIEWED = "peer_reviewed"
APPROVED = "approved"
PUBLISHED = "published"
SELF_ASSESSED = "self_assessed"
EVALUATED = "evaluated"
RECTIFIED = "rectified"

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

OFFICE = (GROUP_OFFICE,)
DOCUMENT = Field("document")
NOTE = Field("note", personal=True)
ANSWER = Field("result", choices=("approved", "returned"))

ALL_SELF_ASSESSED = "all_self_assessed"
NO_OPEN_FINDING = "no_open_finding"

GATE = "gate"
"""Fact of an assignment: the state of the cycle that waits for it."""

AFTER_PUBLICATION = LINE[LINE.index(PUBLISHED) :]
"""There is nothing to evaluate, and no result to circulate, before the plan is public."""

RECORDS = (
    RecordKind(
        kind="peer_opinion",
        by=OFFICE,
        per="peer",
        fields=(
            Field("peer", required=True),
            Field("opinion", required=True, personal=True),
            Field(
                "disposition",
                required=True,
                choices=("adopted", "partly_adopted", "not_adopted", "no_opinion"),
            ),
            Field("grounds", personal=True, needed_with=("disposition", "not_adopted")),
        ),
    ),
    RecordKind(
        kind="submitted_for_decision", by=OFFICE, fields=(DOCUMENT,), states=(PEER_REVIEWED,)
    ),
    RecordKind(
        kind="decision",
        by=OFFICE,
        fields=(DOCUMENT, ANSWER),
        states=(PEER_REVIEWED,),
        answers="submitted_for_decision",
    ),
    RecordKind(kind="submitted_for_reply", by=OFFICE, fields=(DOCUMENT,), states=(PEER_REVIEWED,)),
    RecordKind(
        kind="reply",
        by=OFFICE,
        fields=(Field("document", required=True), ANSWER),
        states=(PEER_REVIEWED,),
        answers="submitted_for_reply",
    ),
    RecordKind(
        kind="publication",
        by=OFFICE,
        per="channel",
        fields=(Field("channel", required=True), Field("proof", required=True)),
        states=(APPROVED, PUBLISHED),
    ),
    RecordKind(kind="internal_plan", by=OFFICE, fields=(DOCUMENT,)),
    RecordKind(kind="filing", by=OFFICE, fields=(DOCUMENT, Field("receipt"))),
    RecordKind(
        kind="leader_evaluation", by=OFFICE, fields=(DOCUMENT, NOTE), states=AFTER_PUBLICATION
    ),
    RecordKind(
        kind="public_evaluation", by=OFFICE, fields=(DOCUMENT, NOTE), states=AFTER_PUBLICATION
    ),
    RecordKind(
        kind="peer_result_review", by=OFFICE, fields=(DOCUMENT, NOTE), states=AFTER_PUBLICATION
    ),
    RecordKind(
        kind="onsite_assessment", by=OFFICE, fields=(DOCUMENT, NOTE), states=AFTER_PUBLICATION
    ),
    RecordKind(
        kind="same_type_recheck", by=OFFICE, fields=(DOCUMENT, NOTE), states=AFTER_PUBLICATION
    ),
    RecordKind(kind="spot_verification", by=OFFICE, fields=(DOCUMENT, Field("body"), NOTE)),
    RecordKind(
        kind="evaluation_result",
        by=OFFICE,
        fields=(Field("document", required=True), Field("method"), Field("grade"), NOTE),
        states=(SELF_ASSESSED, EVALUATED),
    ),
    RecordKind(
        kind="external_result",
        by=OFFICE,
        per="block",
        fields=(Field("block", required=True), Field("document", required=True), Field("result")),
    ),
    RecordKind(
        kind="circular",
        by=OFFICE,
        fields=(Field("document", required=True),),
        states=AFTER_PUBLICATION,
    ),
    RecordKind(
        kind="receipt",
        by=(OWNER, GROUP_OFFICE),
        per="section",
        fields=(Field("section", required=True),),
    ),
    RecordKind(kind="request", by=OFFICE, fields=(DOCUMENT, NOTE)),
    RecordKind(kind="response", by=OFFICE, fields=(DOCUMENT, NOTE), answers="request"),
    RecordKind(kind="minutes", by=OFFICE, fields=(DOCUMENT, NOTE)),
    RecordKind(kind="evidence", by=OFFICE, fields=(Field("sha256", required=True), Field("name"))),
)


def cycle(
    channels: tuple[str, ...] = ("website", "notice_board"),
    publishes_by_date: bool = False,
    silence_approves: bool = False,
) -> Workflow:
    """Return the cycle machine as a plan asks for it.

    Args:
        channels: where the plan must be published, each with proof (R-21).
        publishes_by_date: whether a step may publish on its date by itself.
        silence_approves: whether a reply that does not come in time counts as
            given (deemed consent); the move that says so is its own.

    """
    approvals = All(
        (
            Compare("decision.result", "==", "approved"),
            Compare("reply.result", "==", "approved"),
        )
    )
    proofs = All(tuple(Known(f"publication:{channel}") for channel in channels))
    transitions: tuple[Transition, ...] = (
        Transition(trigger="draft", sources=(DRAFTING,), target=DRAFTED, by=OFFICE),
        Transition(trigger="peer_review", sources=(DRAFTED,), target=PEER_REVIEWED, by=OFFICE),
        Transition(
            trigger="approve",
            sources=(PEER_REVIEWED,),
            target=APPROVED,
            guard=approvals,
            by=OFFICE,
            automatic=True,
        ),
        Transition(
            trigger="publish",
            sources=(APPROVED,),
            target=PUBLISHED,
            guard=ALWAYS if publishes_by_date else proofs,
            by=(*OFFICE, DAEMON) if publishes_by_date else OFFICE,
            automatic=not publishes_by_date,
        ),
        Transition(
            trigger="self_assess",
            sources=(PUBLISHED,),
            target=SELF_ASSESSED,
            guard=Joined(ALL_SELF_ASSESSED),
            by=OFFICE,
            automatic=True,
        ),
        Transition(
            trigger="evaluate",
            sources=(SELF_ASSESSED,),
            target=EVALUATED,
            guard=Known("evaluation_result"),
            by=OFFICE,
            automatic=True,
        ),
        Transition(
            trigger="rectify",
            sources=(EVALUATED,),
            target=RECTIFIED,
            guard=All((Known("circular"), Joined(NO_OPEN_FINDING))),
            by=OFFICE,
            automatic=True,
        ),
        Transition(
            trigger="send_back",
            sources=(DRAFTED, PEER_REVIEWED),
            target=DRAFTING,
            by=(GROUP_OFFICE, LEADING_GROUP),
            needs_reason=True,
            clears=(
                "submitted_for_decision",
                "submitted_for_decision.document",
                "decision",
                "decision.document",
                "decision.result",
                "submitted_for_reply",
                "submitted_for_reply.document",
                "reply",
                "reply.document",
                "reply.result",
            ),
        ),
    )
    if silence_approves:
        transitions += (
            Transition(
                trigger="deem_approved",
                sources=(PEER_REVIEWED,),
                target=APPROVED,
                guard=All((Known("submitted_for_reply"), Not(Known("reply")))),
                by=(DAEMON,),
            ),
        )
    return Workflow(
        name=NAME,
        states=LINE,
        initial=DRAFTING,
        line=LINE,
        final=(RECTIFIED,),
        transitions=transitions,
        forcible=LINE,
        records=RECORDS,
        facts=(("title", FactType.TEXT), ("year", FactType.INTEGER)),
        cascades=(
            Cascade(trigger="draft", child=target.NAME, child_trigger="draft"),
            Cascade(trigger="peer_review", child=target.NAME, child_trigger="peer_review"),
            Cascade(trigger="approve", child=target.NAME, child_trigger="approve"),
            *(
                (Cascade(trigger="deem_approved", child=target.NAME, child_trigger="approve"),)
                if silence_approves
                else ()
            ),
            Cascade(trigger="publish", child=target.NAME, child_trigger="publish"),
            Cascade(
                trigger="send_back",
                child=target.NAME,
                child_trigger="send_back",
                refuses_stragglers=False,
            ),
            Cascade(
                trigger="evaluate",
                child=target.NAME,
                child_trigger="evaluate",
                refuses_stragglers=False,
            ),
        ),
        joins=(
            Join(
                name=ALL_SELF_ASSESSED,
                counted=(
                    Counted(
                        workflow=target.NAME,
                        arrived=LINE[LINE.index(SELF_ASSESSED) :],
                        left_out=(target.WITHDRAWN,),
                        when=Not(
                            AnyOf(
                                (
                                    Known(target.excused(SELF_ASSESSED)),
                                    Known(target.excused("self_report")),
                                )
                            )
                        ),
                    ),
                    Counted(
                        workflow=assignment.NAME,
                        arrived=(assignment.SUBMITTED, assignment.ACCEPTED),
                        left_out=(assignment.EXCUSED,),
                        when=Compare(GATE, "==", SELF_ASSESSED),
                    ),
                ),
            ),
            Join(
                name=NO_OPEN_FINDING,
                counted=(Counted(workflow=finding.NAME, arrived=(finding.CLOSED,)),),
                may_be_empty=True,
            ),
        ),
    )
