"""`duban replay`: a state rebuilt from the events, as of any moment, step by step if wanted."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from adapters.commands.moments import MOMENT, json_option
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.json_shapes import dump, event_shape, instance_shape
from adapters.terminal.history import Step, show_replayed, show_steps
from engine.errors import N_, HistoryBroken
from engine.events import Event, Instance
from engine.ports import Reader
from engine.replay import as_of as at_moment
from engine.replay import replay as rebuild
from engine.replay import walk


@command(
    "replay",
    N_(
        "Rebuild the state of INSTANCE from its events; of a cycle, also of all below it.\n\n"
        "--as-of tells what was true at a moment, --known-at what was known then: "
        "what was entered later is left out. Ends with 3 where a history breaks."
    ),
)
@click.argument("instance", required=False)
@option("--as-of", type=MOMENT, metavar="WHEN", help=N_("What was true then; a day means its end."))
@option("--known-at", type=MOMENT, metavar="WHEN", help=N_("As far as was recorded then."))
@option("--step", is_flag=True, help=N_("Event by event; on a terminal a key goes on."))
@json_option
@pass_session
def replay(
    session: Session,
    instance: str | None,
    as_of: date | datetime | None,
    known_at: date | datetime | None,
    step: bool,
    as_json: bool,
) -> None:
    """Replay histories."""
    key = session.the_cycle(None) if instance is None else instance
    moment = session.instant(as_of, key, end=True)
    known = session.instant(known_at, key, end=True)
    zone = session.zone(key)
    with session.app.store.reading() as reader:
        if reader.find(key) is None:
            raise unknown(reader, key)
        if step:
            _step(session, reader, key, moment, known, zone, as_json=as_json)
            return
        found = list(_replayed(reader, key, moment, known))
    if as_json:
        shapes = [instance_shape(then, zone) for then, _ in found]
        click.echo(dump(shapes[0] if len(shapes) == 1 else {"instances": shapes}))
    else:
        show_replayed(session.marked_screen, found, zone)


def _replayed(
    reader: Reader, key: str, moment: datetime | None, known: datetime | None
) -> Iterator[tuple[Instance, Instance]]:
    """Yield each instance as it was, and as it is stored now."""
    for stored, events in _histories(reader, key):
        if moment is None and known is None:
            yield rebuild(stored.key, events, reader.machine), stored
            continue
        then = at_moment(events, reader.machine, moment, known)
        if then is not None and _was_there(events, moment):
            yield then, stored


def _was_there(events: Sequence[Event], moment: datetime | None) -> bool:
    """Return whether the instance had been opened, or something had happened to it, by then."""
    return moment is None or any(e.occurred_at <= moment for e in events)


def _histories(reader: Reader, key: str) -> Iterator[tuple[Instance, Sequence[Event]]]:
    if "/" in key or key not in {c.key for c in reader.cycles()}:
        found = reader.find(key)
        if found is not None:
            yield found, reader.history(key)
        return
    yield from reader.histories(key)


def _step(
    session: Session,
    reader: Reader,
    key: str,
    moment: datetime | None,
    known: datetime | None,
    zone: ZoneInfo,
    *,
    as_json: bool,
) -> None:
    events = [
        e
        for e in reader.history(key)
        if (moment is None or e.occurred_at <= moment) and (known is None or e.recorded_at <= known)
    ]
    walked = zip(events, walk(events, reader.machine), strict=False)
    steps = [Step(event, after, broken) for event, (broken, after) in walked]
    if as_json:
        shapes = [
            {"event": event_shape(s.event, zone), "state": s.after.state if s.after else None}
            for s in steps
        ]
        click.echo(dump(shapes))
    elif sys.stdin.isatty() and sys.stdout.isatty():
        for number, one in enumerate(steps):
            show_steps(session.marked_screen, [one], zone)
            if number < len(steps) - 1:
                click.pause("")
    else:
        show_steps(session.marked_screen, steps, zone)
    broken = next((s.broken for s in steps if s.broken), None)
    if broken is not None and moment is None and known is None:
        raise HistoryBroken(key=key, sequence=broken.sequence, problem=broken.problem)
