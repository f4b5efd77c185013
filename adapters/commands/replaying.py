"""`duban replay`: a state rebuilt from the events, as of any moment, step by step if wanted."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import click

from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.json_shapes import dump, event_shape, instance_shape
from adapters.terminal.history import Step, show_replayed, show_steps
from adapters.terminal.stepping import walk_through
from engine.errors import N_, HistoryBroken
from engine.events import Event, Instance
from engine.past import as_of, visible
from engine.ports import Reader
from engine.replay import replay as rebuild
from engine.replay import walk
from workflows import office


@command(
    "replay",
    N_(
        "Rebuild the state of INSTANCE from its events; of a cycle, also of all below it.\n\n"
        "--as-of tells what was true at a moment, --known-at what was known then: "
        "what was entered later is left out. Ends with 3 where a history breaks."
    ),
)
@click.argument("instance", required=False)
@option(
    "--step",
    is_flag=True,
    help=N_(
        "Event by event; on a terminal forward and back by keys, with the machine drawn: "
        "n, p, g, G, q or the arrow keys."
    ),
)
@json_option
@pass_session
@past_options
def replay(session: Session, instance: str | None, step: bool, as_json: bool) -> None:
    """Replay histories."""
    key = session.the_cycle(None) if instance is None else instance
    zone = session.zone(key)
    with session.app.store.reading() as reader:
        if reader.find(key) is None:
            raise unknown(reader, key)
        if step:
            _step(session, reader, key, zone, as_json=as_json)
            return
        found = list(_replayed(session, reader, key))
    if as_json:
        shapes = [instance_shape(then, zone) | session.moments(key) for then, _ in found]
        click.echo(dump(shapes[0] if len(shapes) == 1 else {"instances": shapes}))
        return
    screen = session.marked_screen
    session.say_past_of(key, zone)
    show_replayed(screen, found, zone)


def _replayed(session: Session, reader: Reader, key: str) -> Iterator[tuple[Instance, Instance]]:
    """Yield each instance as its events give it, as it was if that is asked; and as it is now."""
    if session.past is None:
        for stored, events in _histories(reader, key):
            yield rebuild(stored.key, events, reader.machine), stored
        return
    if key.partition("/")[0] == office.KEY:
        kept = as_of(key, reader.history(key), session.past.horizon(key))
        then = [kept] if kept else []
    else:
        session.app_of(key)  # which says so where there was nothing yet
        there = session.past.store(key).past.instances
        then = [i for i in there if "/" not in key or i.key == key]
    for instance in then:
        now = reader.find(instance.key)
        if now is not None:
            yield instance, now


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
    zone: ZoneInfo,
    *,
    as_json: bool,
) -> None:
    events = reader.history(key)
    if session.past is not None:
        events = visible(events, session.past.horizon(key))
    numbered = [replace(event, sequence=n) for n, event in enumerate(events, start=1)]
    joined = events if session.past is None else numbered  # what is left out leaves a gap behind
    walked = zip(events, walk(joined, reader.machine), strict=False)
    steps = [Step(event, after, broken) for event, (broken, after) in walked]
    if as_json:
        shapes = [
            {
                "event": event_shape(s.event, zone),
                "state": s.after.state if s.after else None,
                **session.moments(key),
            }
            for s in steps
        ]
        click.echo(dump(shapes))
    elif steps and sys.stdin.isatty() and sys.stdout.isatty():
        stored = reader.find(key)
        if stored is not None:
            walk_through(session.screen, steps, reader.machine(stored.edition), zone)
    else:
        screen = session.marked_screen
        session.say_past_of(key, zone)
        show_steps(screen, steps, zone)
    broken = next((s.broken for s in steps if s.broken), None)
    if broken is not None and session.past is None:
        raise HistoryBroken(key=key, sequence=broken.sequence, problem=broken.problem)
