"""`duban show`: one instance, and what can be done with it now."""

from __future__ import annotations

from dataclasses import asdict

import click

from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.json_shapes import (
    dump,
    event_shape,
    instance_shape,
    obligation_shape,
)
from adapters.prospect import Prospect, prospects
from adapters.terminal.instance import Portrait, show_instance
from adapters.terminal.kinds import recordable
from engine.errors import N_
from engine.events import Instance
from engine.population import Population
from workflows.running.conduct import conduct
from workflows.running.obligations import obligations
from workflows.running.proposals import Outcome, open_proposals
from workflows.running.slips import SLIP, slips_about

LAST = 8


@command(
    "show",
    N_(
        "One instance: where it stands, what it owes, which moves are possible now and for whom, "
        "what can be recorded, and its last events."
    ),
)
@click.argument("instance")
@option("--events", default=LAST, type=click.IntRange(0), help=N_("How many of the last events."))
@json_option
@pass_session
@past_options
def show(session: Session, instance: str, events: int, as_json: bool) -> None:
    """Show an instance."""
    with session.reading(instance) as at:
        there = at.unit.find(instance) is not None
        history = list(at.unit.history(instance)[-events:]) if there and events else []
    with session.foreseeing(instance) as at:
        found = at.unit.find(instance)
        if found is None:
            raise unknown(at.unit, instance)
        workflow = at.unit.machine(found.edition).workflow
        kinds = [w.name for w in at.plan.machines]
        below = {
            name: at.unit.count(Population(cycle=at.key, workflow=name, parent=instance))
            for name in kinds
        }
        portrait = Portrait(
            instance=found,
            workflow=workflow,
            plan=at.plan,
            zone=at.zone,
            obligations=list(obligations(at, found)),
            moves=prospects(at, found),
            events=history,
            below={name: count for name, count in below.items() if count},
            trial=session.trial,
            conduct=conduct(at, found),
            slips=slips_about(at, instance),
            proposals=[p for p in open_proposals(at, instance) if p.outcome is Outcome.OPEN],
        )
        if not as_json:
            session.say_past(at)
            show_instance(session.screen, portrait)
            return
    shape = {
        **instance_shape(portrait.instance, portrait.zone),
        "obligations": [obligation_shape(o, portrait.zone) for o in portrait.obligations],
        "moves": [_move_shape(m) for m in portrait.moves],
        "records": [
            {
                "kind": r.kind,
                "now": recordable(workflow, r, portrait.instance),
                "by": list(r.by),
                "required": [f.name for f in r.fields if f.required],
                "optional": [f.name for f in r.fields if not f.required],
            }
            for r in workflow.records
        ],
        "below": portrait.below,
        "conduct": asdict(portrait.conduct),
        "slips": [_slip_shape(slip) for slip in portrait.slips],
        "proposals": [p.event.position for p in portrait.proposals],
        "events": [event_shape(e, portrait.zone) for e in portrait.events],
        **session.moments(instance),
    }
    click.echo(dump(shape))


def _slip_shape(slip: Instance) -> dict[str, object]:
    return {
        "key": slip.key,
        "number": slip.facts[SLIP],
        "state": slip.state,
        "owner": slip.owner,
        "step": slip.facts["step"],
    }


def _move_shape(move: Prospect) -> dict[str, object]:
    return {
        "trigger": move.trigger,
        "target": move.target,
        "possible": move.possible,
        "by": list(move.by),
        "people": list(move.people),
        "automatic": move.automatic,
        "needs_reason": move.needs_reason,
    }
