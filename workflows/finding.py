"""The machine of a finding: what an evaluation or an inspection found (R-41 to R-43)."""

from __future__ import annotations

from engine.definition import Field, RecordKind, Transition, Workflow
from engine.facts import FactType
from workflows.roles import GROUP_OFFICE, OWNER, REVIEWER

NAME = "finding"

RAISED = "raised"
ASSIGNED = "assigned"
RECTIFYING = "rectifying"
SUBMITTED = "submitted"
VERIFIED = "verified"
CLOSED = "closed"
REOPENED = "reopened"
REFERRED = "referred"

FINDING = Workflow(
    name=NAME,
    states=(RAISED, ASSIGNED, RECTIFYING, SUBMITTED, VERIFIED, CLOSED, REOPENED, REFERRED),
    initial=RAISED,
    line=(RAISED, ASSIGNED, RECTIFYING, SUBMITTED, VERIFIED, CLOSED),
    final=(CLOSED,),
    transitions=(
        Transition(trigger="assign", sources=(RAISED,), target=ASSIGNED, by=(GROUP_OFFICE,)),
        Transition(trigger="begin", sources=(RAISED, ASSIGNED), target=RECTIFYING, by=(OWNER,)),
        Transition(
            trigger="submit",
            sources=(RAISED, ASSIGNED, RECTIFYING, REOPENED, REFERRED),
            target=SUBMITTED,
            by=(OWNER, GROUP_OFFICE),
        ),
        Transition(
            trigger="verify",
            sources=(SUBMITTED,),
            target=VERIFIED,
            by=(GROUP_OFFICE, REVIEWER),
            not_by_maker_of="submit",
        ),
        Transition(
            trigger="reopen",
            sources=(SUBMITTED, VERIFIED),
            target=REOPENED,
            by=(GROUP_OFFICE, REVIEWER),
            needs_reason=True,
        ),
        Transition(
            trigger="refer",
            sources=(RAISED, ASSIGNED, RECTIFYING, SUBMITTED, REOPENED),
            target=REFERRED,
            by=(GROUP_OFFICE,),
            needs_reason=True,
        ),
        Transition(trigger="close", sources=(VERIFIED,), target=CLOSED, by=(GROUP_OFFICE,)),
    ),
    forcible=(RAISED, SUBMITTED, CLOSED),
    records=(
        RecordKind(
            kind="evidence",
            by=(OWNER, GROUP_OFFICE),
            fields=(Field("sha256", required=True), Field("name")),
        ),
    ),
    facts=(("title", FactType.TEXT), ("method", FactType.TEXT), ("document", FactType.TEXT)),
)
