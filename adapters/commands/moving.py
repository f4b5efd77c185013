"""`duban move`: one legal move, of one instance or of many."""

from __future__ import annotations

from collections.abc import Sequence

import click

from adapters.commands.lazy import show_error
from adapters.commands.moments import Said, writing_options
from adapters.commands.session import Session, pass_session, unknown
from adapters.commands.words import command, option
from adapters.terminal.acts import show_acts
from adapters.terminal.screen import WARN
from engine.errors import N_, EngineError
from engine.events import Event
from engine.guards import StateIn
from engine.population import Population
from workflows import target
from workflows.running.requests import move as make


@command(
    "move",
    N_(
        "Make one legal move, of one instance or of several: INSTANCE... TRIGGER.\n\n"
        "With --all and --state, of every target of CYCLE in that state: CYCLE TRIGGER. "
        "Of several, each is a move of its own; the first that is refused ends it, "
        "unless --keep-going, and what was done is said."
    ),
)
@click.argument("words", nargs=-1, required=True, metavar="INSTANCE... TRIGGER")
@option("--all", "everything", is_flag=True, help=N_("Every instance in --state of the cycle."))
@option("--state", metavar="STATE", help=N_("With --all: those in this state."))
@option(
    "--kind",
    type=click.Choice(("target", "assignment", "finding")),
    default=target.NAME,
    show_default=True,
    help=N_("With --all: instances of this machine."),
)
@option("--leave-behind", is_flag=True, help=N_("Leave behind what cannot follow."))
@option("--keep-going", is_flag=True, help=N_("Go on with the next after a refusal."))
@writing_options(alone=True)
@pass_session
def move(
    session: Session,
    words: tuple[str, ...],
    everything: bool,
    state: str | None,
    kind: str,
    leave_behind: bool,
    keep_going: bool,
    *,
    said: Said,
) -> None:
    """Move instances."""
    t = session.words
    *keys, trigger = words
    if everything != bool(state):
        raise click.UsageError(t.text("--all and --state go together."))
    if everything:
        keys = _all(session, keys[0] if keys else None, state or "", kind)
        if not keys:
            session.screen.line(t.text("Nothing is in that state; nothing was done."))
            return
    if not keys:
        message = t.text("Name the instance and the trigger: duban move INSTANCE TRIGGER")
        raise click.UsageError(message)
    done: list[str] = []
    refused: list[str] = []
    for key in keys:
        try:
            show_moves(
                session,
                key,
                _make(session, key, trigger, said, leave_behind=leave_behind),
            )
            done.append(key)
        except EngineError as error:
            if len(keys) == 1:
                raise
            show_error(error)
            refused.append(key)
            if not keep_going:
                break
    _summary(session, keys, done, refused)


def _make(
    session: Session,
    key: str,
    trigger: str,
    said: Said,
    *,
    leave_behind: bool,
) -> Sequence[Event]:
    require_instance(session, key)
    return make(
        session.app,
        key,
        trigger,
        session.who(said.acting_for),
        session.grounds(key, said),
        leave_behind=leave_behind,
    )


def require_instance(session: Session, key: str) -> None:
    """Refuse a key that is none, with what may have been meant."""
    with session.reading(key) as at:
        if at.unit.find(key) is None:
            raise unknown(at.unit, key)


def show_moves(session: Session, key: str, events: Sequence[Event]) -> None:
    """Print what happened, and where it has brought the children."""
    with session.reading(key) as at:
        show_acts(session.screen, events, at.zone)
        cycle = at.unit.find(at.key)
        if cycle is None or key != at.key:
            return
        counts = at.unit.by_state(at.key, target.NAME)
        states = {w: n for w, n in counts.items() if n}
        if states:
            t = session.words
            shown = t.shown([f"{t.word('state', s, target.NAME)} {n}" for s, n in states.items()])
            session.screen.line(t.text("Targets now: {states}", states=shown), indent=2)


def _all(session: Session, cycle: str | None, state: str, kind: str) -> list[str]:
    key = session.the_cycle(cycle)
    with session.reading(key) as at:
        machine = at.plan.machine(kind)
        if state not in machine.states:
            t = session.words
            message = t.text(
                "There is no state {state}; there are: {known}",
                state=state[:40],
                known=list(machine.states),
            )
            raise click.UsageError(message)
        found = at.unit.select(Population(cycle=key, workflow=kind, where=StateIn((state,))))
        return [instance.key for instance in found]


def _summary(
    session: Session, keys: Sequence[str], done: Sequence[str], refused: Sequence[str]
) -> None:
    if len(keys) == 1:
        return
    t = session.words
    left = len(keys) - len(done) - len(refused)
    text = t.text(
        "Moved: {done}; refused: {refused}; not tried: {left}.",
        done=len(done),
        refused=len(refused),
        left=left,
    )
    session.screen.line((text, WARN) if refused else text)
    if refused:
        raise click.exceptions.Exit(1)
