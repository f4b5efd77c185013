"""The machine of something that must be handed in and is no state of a target."""

from __future__ import annotations

from engine.definition import Field, RecordKind, Transition, Workflow
from engine.facts import FactType
from engine.guards import Known
from workflows.roles import GROUP_OFFICE, OWNER

NAME = "assignment"

OPEN = "open"
SUBMITTED = "submitted"
ACCEPTED = "accepted"
RETURNED = "returned"
EXCUSED = "excused"

ASSIGNMENT = Workflow(
    name=NAME,
    states=(OPEN, SUBMITTED, ACCEPTED, RETURNED, EXCUSED),
    initial=OPEN,
    line=(OPEN, SUBMITTED, ACCEPTED),
    final=(ACCEPTED, EXCUSED),
    void=(EXCUSED,),
    transitions=(
        Transition(
            trigger="submit",
            sources=(OPEN, RETURNED),
            target=SUBMITTED,
            guard=Known("handed_in"),
            by=(OWNER, GROUP_OFFICE),
            automatic=True,
        ),
        Transition(trigger="accept", sources=(SUBMITTED,), target=ACCEPTED, by=(GROUP_OFFICE,)),
        Transition(
            trigger="return",
            sources=(SUBMITTED,),
            target=RETURNED,
            by=(GROUP_OFFICE,),
            needs_reason=True,
            clears=("handed_in", "handed_in.document"),
        ),
        Transition(
            trigger="excuse",
            sources=(OPEN, RETURNED),
            target=EXCUSED,
            by=(GROUP_OFFICE,),
            needs_reason=True,
        ),
    ),
    forcible=(OPEN, SUBMITTED, ACCEPTED),
    records=(
        RecordKind(
            kind="handed_in",
            by=(OWNER, GROUP_OFFICE),
            fields=(Field("document"), Field("note", personal=True)),
            states=(OPEN, RETURNED),
        ),
        RecordKind(kind="start", by=(OWNER, GROUP_OFFICE), fields=(Field("document"),)),
        RecordKind(
            kind="absence",
            by=(OWNER, GROUP_OFFICE),
            fields=(Field("first", FactType.DAY, required=True), Field("last", FactType.DAY)),
        ),
        RecordKind(
            kind="evidence",
            by=(OWNER, GROUP_OFFICE),
            fields=(Field("sha256", required=True), Field("name")),
        ),
    ),
    facts=(("title", FactType.TEXT), ("step", FactType.TEXT), ("gate", FactType.TEXT)),
)
