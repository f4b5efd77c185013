"""`duban audit`: what an auditor has to look at, and the note that it was looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from adapters.commands.looking_back import past_options
from adapters.commands.moments import Said, json_option, writing_options
from adapters.commands.session import Session, pass_session
from adapters.commands.words import group, option
from adapters.json_past import anomaly_shape
from adapters.json_shapes import dump, event_shape
from adapters.terminal.acts import show_acts
from adapters.terminal.anomalies import show_anomalies
from adapters.terminal.proposals import rows_alone
from adapters.terminal.screen import GOOD
from adapters.terminal.times import Times
from engine.errors import N_, NotFound
from workflows.running.anomalies import Limits, Unusual, anomalies
from workflows.running.confirming import note as write_note
from workflows.running.proposals import unnoted

ONLY = N_("Only of this kind; may be repeated.")
BACK_DATED = N_("Back-dated: recorded so many days after it took effect; as the plan says, else 1.")
NEAR = N_("Close to the date: within so many minutes before or after; as the plan says, else 30.")
BURST = N_("Many at once: so many acts of one person; as the plan says, else 20 …")
WITHIN = N_("… within so many minutes; as the plan says, else 10.")


@group("audit", N_("What an auditor has to look at, and the note that it was looked at."))
def audit() -> None:
    """Audits."""


@audit.part("alone", N_("What one person did alone, and no auditor has noted yet."))
@click.argument("cycle", required=False)
@json_option
@pass_session
@past_options
def alone(session: Session, cycle: str | None, as_json: bool) -> None:
    """List what was done alone."""
    shapes: list[dict[str, Any]] = []
    shown = 0
    for key in session.chosen(cycle):
        with session.reading(key) as at:
            found = unnoted(at)
            shapes += [event_shape(e, at.zone) | session.moments(key) for e in found]
            if not as_json:
                session.say_past(at)
            if found and not as_json:
                screen = session.marked_screen
                screen.table((), rows_alone(screen, found, Times(screen.words, at.zone)))
            shown += len(found)
    if as_json:
        click.echo(dump(shapes))
    elif not shown:
        text = session.words.text("Nothing was done alone that an auditor has not noted.")
        session.marked_screen.line((text, GOOD))


@audit.part(
    "anomalies",
    N_(
        "Acts of CYCLE that the rules allow and that are worth a look: forced moves, what was done "
        "alone, back-dated, within minutes of a date, by the same person or post on both sides, "
        "released after the date, re-opened, and many at once; each with its reason and authority."
    ),
)
@click.argument("cycle", required=False)
@option("--kind", "kinds", multiple=True, type=click.Choice([str(u) for u in Unusual]), help=ONLY)
@option("--back-dated", type=click.IntRange(min=0), metavar="DAYS", help=BACK_DATED)
@option("--near", type=click.IntRange(min=0), metavar="MINUTES", help=NEAR)
@option("--burst", type=click.IntRange(min=2), metavar="ACTS", help=BURST)
@option("--within", type=click.IntRange(min=1), metavar="MINUTES", help=WITHIN)
@json_option
@pass_session
@past_options
def list_anomalies(  # noqa: PLR0917 - click hands over what was typed
    session: Session,
    cycle: str | None,
    kinds: tuple[str, ...],
    back_dated: int | None,
    near: int | None,
    burst: int | None,
    within: int | None,
    as_json: bool,
) -> None:
    """List what is worth a look."""
    typed = {
        "back_dated_days": back_dated,
        "near_minutes": near,
        "burst": burst,
        "burst_minutes": within,
    }
    changes: dict[str, Any] = {name: value for name, value in typed.items() if value is not None}
    shapes: list[dict[str, Any]] = []
    for key in session.chosen(cycle):
        with session.reading(key) as at:
            limits = Limits.of(replace(at.plan.anomalies, **changes))
            found = [a for a in anomalies(at, limits) if not kinds or a.kind in kinds]
            shapes += [anomaly_shape(a, at.zone, limits) | session.moments(key) for a in found]
            if not as_json:
                session.say_past(at)
                show_anomalies(session.marked_screen, at.plan, found, limits)
    if as_json:
        click.echo(dump(shapes))


@audit.part("note", N_("Note EVENT, which one person did alone; for auditors."))
@click.argument("event", type=click.IntRange(min=1))
@writing_options(occurred_at=False)
@pass_session
def note(session: Session, event: int, *, said: Said) -> None:
    """Note what was done alone."""
    with session.app.store.reading() as reader:
        found = reader.event(event)
    if found is None:
        raise NotFound(what="event", key=event, hint="duban audit alone")
    grounds = session.grounds(found.instance, said)
    noted = write_note(session.app, event, session.who(said.acting_for), grounds)
    show_acts(session.screen, [noted], session.zone(noted.instance))
