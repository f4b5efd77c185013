"""The shapes of proposals that `--json` prints; described in docs/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from adapters.json_shapes import Shape, moment
from workflows.running.alterations import Alteration
from workflows.running.proposals import Proposal


def proposal_shape(found: Proposal, zone: ZoneInfo, people: Sequence[str]) -> Shape:
    """Return what one person asks for; ``people`` may decide on it."""
    event, decided = found.event, found.decided
    return {
        "proposal": event.position,
        "instance": event.instance,
        "act": event.data["act"],
        "with": dict(event.data["with"]),
        "proposed_by": event.actor,
        "acting_for": event.acting_for,
        "proposed_at": moment(event.recorded_at, zone),
        "reason": event.texts.get("reason", ""),
        "authority": event.authority,
        "outcome": str(found.outcome),
        "lapses_at": moment(found.lapses_at, zone),
        "decided_by": decided.actor if decided else None,
        "decided_at": moment(decided.occurred_at, zone) if decided else None,
        "people": list(people),
        "effects": dict(event.data["effects"]),
    }


def alteration_shape(one: Alteration) -> Shape:
    """Return one thing that a new plan says otherwise."""
    return {
        "part": one.part,
        "name": one.name,
        "what": one.what,
        "before": one.before,
        "after": one.after,
        "count": one.count,
        "owners": [
            {"owner": t.owner, "count": t.count, "instances": list(t.first)} for t in one.touched
        ],
    }
