"""The machine of an appeal against a result."""

from __future__ import annotations

from engine.definition import Transition, Workflow
from engine.facts import FactType
from workflows.roles import GROUP_OFFICE, LEADING_GROUP

NAME = "appeal"

LODGED = "lodged"
EXAMINED = "examined"
UPHELD = "upheld"
CHANGED = "changed"

APPEAL = Workflow(
    name=NAME,
    states=(LODGED, EXAMINED, UPHELD, CHANGED),
    initial=LODGED,
    line=(LODGED, EXAMINED),
    final=(UPHELD, CHANGED),
    transitions=(
        Transition(trigger="examine", sources=(LODGED,), target=EXAMINED, by=(GROUP_OFFICE,)),
        Transition(
            trigger="uphold",
            sources=(EXAMINED,),
            target=UPHELD,
            by=(GROUP_OFFICE, LEADING_GROUP),
            needs_reason=True,
        ),
        Transition(
            trigger="change",
            sources=(EXAMINED,),
            target=CHANGED,
            by=(GROUP_OFFICE, LEADING_GROUP),
            needs_reason=True,
        ),
    ),
    forcible=(UPHELD, CHANGED),
    facts=(("title", FactType.TEXT),),
)
