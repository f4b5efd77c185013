"""`duban due --explain`: how a date came about, in one paragraph, and what was done to it since."""

from __future__ import annotations

import click

from adapters.commands.session import Session, unknown
from adapters.json_calendars import change_shape
from adapters.json_shapes import deadline_shape, dump
from adapters.terminal.explanation import Explanation, paragraph, show_explanation
from engine.errors import NotFound
from workflows.plan.names import nearest
from workflows.running.own_clocks import has_own_clock, own_resolution
from workflows.running.pro_rata import expected_now
from workflows.running.provenance import behind, changes, current
from workflows.running.schedule import resolution_of

MOST_CHANGES = 40
"""Things done to a date that are told; a year of own clocks has thousands."""


def explain_step(session: Session, cycle: str | None, step_id: str, *, as_json: bool) -> None:
    """Explain the date of a step; of one instance where ``cycle`` is the key of one.

    Raises:
        NotFound: there is no such cycle, instance or step.

    """
    given = cycle or session.the_cycle(None)
    with session.foreseeing(given) as at:
        key = given if "/" in given else ""
        instance = at.unit.find(key) if key else None
        if key and instance is None:
            raise unknown(at.unit, key)
        step = at.plan.step(step_id)
        if step is None:
            near = nearest(step_id, [s.id for s in at.plan.steps])
            hint = f"duban due --explain {near[0]}" if near else f"duban due {at.key}"
            raise NotFound(what="step", key=step_id[:80], hint=hint)
        resolved, kept = resolution_of(at, step), current(at, step)
        if instance is not None and step.due is not None and has_own_clock(step):
            resolved = step.due, own_resolution(at, instance, step)
            kept = at.unit.deadlines(at.key, step.id, instance=key) or kept
        done = list(changes(at, step, key))
        found = Explanation(
            step=step,
            zone=at.zone,
            plan=at.plan,
            resolved=resolved,
            kept=kept,
            edition=at.calendar.edition,
            behind=behind(at, step),
            changes=done[:MOST_CHANGES],
            more=len(done) - len(done[:MOST_CHANGES]),
            expected=expected_now(at, step, kept),
        )
    if not as_json:
        screen = session.marked_screen
        session.say_past(at)
        show_explanation(screen, found)
        return
    shape = {
        "cycle": at.key,
        "step": step.id,
        "clause": step.clause,
        "rule": step.due_text,
        "text": paragraph(session.words, found),
        "calendar": found.edition,
        "dates": [
            {
                "occurrence": d.occurrence,
                "version": d.version,
                "last_day": d.last_day,
                "calendar": d.calendar_edition,
                "waits_for": list(d.waits_for),
                "reasons": list(d.reasons),
                **deadline_shape(d, at.zone),
            }
            for d in found.kept
        ],
        "changes": [change_shape(change, at.zone) for change in done],
        **session.moments(at.key),
    }
    click.echo(dump(shape))
