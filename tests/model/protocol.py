"""The timer and claim protocol as a model: one timer, one notice, and daemons that may die.

Each step has the name that it has in the code (`engine/ports.py`, `workflows/running/tick.py`);
a test lets the real code run and compares. A unit's writes are kept apart until `commit`. On
SQLite and in memory units follow each other; with ``row_locks``, as on PostgreSQL, they overlap,
and what keeps them apart is that each holds its cycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.model.explorer import Stepped


@dataclass(frozen=True)
class Rules:
    """What the protocol relies on; a test takes away one at a time."""

    row_locks: bool = True
    """Units overlap; else each waits for the one before it."""
    holds_cycle: bool = True
    """A unit holds the cycle that it changes; a daemon that finds it held goes on."""
    desk_waits: bool = True
    """A person waits for whoever holds the cycle."""
    asks_again: bool = True
    """What is due is asked again under the lock."""
    claim_locks: bool = True
    claim_looks_at_state: bool = True
    claim_looks_at_clock: bool = True
    effect_is_unique: bool = True
    settles_with_effect: bool = True
    tells_with_effect: bool = True
    gathers_before_sending: bool = True
    settles_after_sending: bool = True


class Daemon(NamedTuple):
    """Where a daemon stands: before which step, and what its open unit would commit."""

    at: str = "due"
    locks: bool = False
    wrote: tuple[str, ...] = ()
    early: bool = False
    """Its unit's moment lies before that of the timer."""
    person: bool = False
    """Somebody who acts once, at a desk (`at_desk`), where what is due is fired first."""


class World(NamedTuple):
    """Everything durable, the clock, and where each daemon stands."""

    daemons: tuple[Daemon, ...]
    is_due: bool = False
    timer: str = "pending"
    effects: int = 0
    early: bool = False
    """An effect was recorded before its time."""
    items: int = 0
    notice: str = ""
    leased: bool = False
    """A daemon has taken the notice to send it; it saves work, and nothing relies on it."""
    received: int = 0
    """How often the notice arrived; more than twice counts as twice."""
    overtaken: bool = False
    """A person's act was recorded before what was due."""
    undurable: bool = False
    """Something arrived that no committed notice carries."""
    faults: int = 2
    """How much may still go wrong."""


CLAIMED = frozenset({"append", "tell", "settle_timer", "commit"})
IN_UNIT = frozenset({"due again", "claim", "act", *CLAIMED})
GONE = Daemon("gone", person=True)


def initial(daemons: int, faults: int = 2) -> World:
    """Return the world before the timer's moment: so many daemons, and one person."""
    person = Daemon("at_desk", person=True)
    return World(daemons=(*(Daemon(),) * daemons, person), faults=faults)


def steps(world: World, rules: Rules) -> Iterator[Stepped]:
    """Yield every step that can be next, with the world after it."""
    if not world.is_due:
        yield "time", world._replace(is_due=True)
    elif world.faults:
        yield "clock set back", world._replace(is_due=False, faults=world.faults - 1)
    if world.leased:
        yield "lease over", world._replace(leased=False)
    for number, daemon in enumerate(world.daemons):
        others = world.daemons[:number] + world.daemons[number + 1 :]
        for name, moved, after in _of(daemon, others, world, rules):
            # Which daemon is which does not matter: sorted, equal worlds are found equal.
            yield name, moved._replace(daemons=tuple(sorted((*others, after))))


def _of(
    daemon: Daemon, others: tuple[Daemon, ...], world: World, rules: Rules
) -> Iterator[tuple[str, World, Daemon]]:
    waits = not rules.row_locks and any(other.at in IN_UNIT for other in others)
    idle = GONE if daemon.person else Daemon()
    if world.faults and daemon != idle:
        yield "killed", world._replace(faults=world.faults - 1), idle
    if daemon.at in IN_UNIT:
        yield from _in_unit(daemon, others, world, rules)
        return
    match daemon.at:
        case "due":
            is_due = world.is_due and world.timer == "pending"
            yield "due", world, Daemon("hold" if is_due else "gather")
        case "hold" | "at_desk" if not waits:
            yield from _hold(daemon, others, world, rules)
        case "settle_timer apart" if not waits:
            yield "settle_timer", world._replace(timer="fired"), Daemon("gather")
        case "tell apart" if not waits:
            yield "tell", world._replace(items=1), Daemon("gather")
        case "postpone" if not waits:
            yield "postpone", world, Daemon("gather")  # still pending: due again in the next pass
        case "gather" if not waits:
            yield from _gathered(world, rules)
        case "send":
            undurable = world.undurable or not world.notice
            sent = world._replace(received=min(world.received + 1, 2), undurable=undurable)
            yield "send", sent, Daemon("settle_notice") if rules.settles_after_sending else Daemon()
            if world.faults:  # delivered, and the answer is lost: tried again
                yield "send", sent._replace(faults=world.faults - 1), Daemon()
        case "settle_notice" if not waits:
            settled = world._replace(notice="sent", leased=False)
            after = "gather" if rules.settles_after_sending else "send"
            yield "settle_notice", settled, Daemon(after)


def _in_unit(
    daemon: Daemon, others: tuple[Daemon, ...], world: World, rules: Rules
) -> Iterator[tuple[str, World, Daemon]]:
    """Yield what can be next within a unit of work; until its commit, nobody sees it."""
    match daemon.at:
        case "due again":
            pending = world.timer == "pending" or not (rules.asks_again or daemon.person)
            nothing = _without(daemon)
            is_due = pending and not (daemon.person and daemon.early)
            yield "due", world, daemon._replace(at="claim") if is_due else nothing
        case "claim":
            yield "claim", world, _claimed(daemon, others, world, rules)
        case "append":
            if rules.effect_is_unique and world.effects:  # the database refuses: all is undone
                yield "append", world, GONE if daemon.person else Daemon("postpone")
            else:
                after = (
                    "tell" if rules.tells_with_effect or daemon.person else _settling(daemon, rules)
                )
                yield "append", world, daemon._replace(at=after, wrote=(*daemon.wrote, "effect"))
        case "tell":
            wrote = (*daemon.wrote, "item")
            yield "tell", world, daemon._replace(at=_settling(daemon, rules), wrote=wrote)
        case "settle_timer":
            wrote = (*daemon.wrote, "fired")
            after = "act" if daemon.person else "commit"
            yield "settle_timer", world, daemon._replace(at=after, wrote=wrote)
        case "act":
            wrote = (*daemon.wrote, "act")
            yield "act", world, daemon._replace(at="commit", wrote=wrote)
        case _:
            yield from _commit(daemon, world, rules)


def _hold(
    daemon: Daemon, others: tuple[Daemon, ...], world: World, rules: Rules
) -> Iterator[tuple[str, World, Daemon]]:
    """Yield what follows when a unit is opened; who waits for the cycle takes no step."""
    opened = daemon._replace(at="due again", locks=True, early=not world.is_due)
    if not (rules.holds_cycle and any(other.locks for other in others)):
        yield "hold", world, opened
    elif not daemon.person:
        yield "hold", world, Daemon("gather")
    elif not rules.desk_waits:
        yield "hold", world, opened._replace(locks=False)


def _claimed(daemon: Daemon, others: tuple[Daemon, ...], world: World, rules: Rules) -> Daemon:
    if rules.claim_locks and any(other.at in CLAIMED for other in others):
        return _without(daemon)
    if rules.claim_looks_at_state and world.timer != "pending":
        return _without(daemon)
    if rules.claim_looks_at_clock and daemon.early:
        return _without(daemon)
    return daemon._replace(at="append")


def _without(daemon: Daemon) -> Daemon:
    """Return who found nothing to fire: a person acts in the same unit, a daemon's unit ends."""
    return daemon._replace(at="act") if daemon.person else Daemon("gather")


def _settling(daemon: Daemon, rules: Rules) -> str:
    if rules.settles_with_effect or daemon.person:
        return "settle_timer"
    return "commit"


def _commit(daemon: Daemon, world: World, rules: Rules) -> Iterator[tuple[str, World, Daemon]]:
    wrote = daemon.wrote
    failed = GONE if daemon.person else Daemon("postpone")
    if rules.effect_is_unique and world.effects and "effect" in wrote:  # another was first
        yield "commit", world, failed
        return
    effects = min(world.effects + ("effect" in wrote), 2)
    done = world._replace(
        effects=effects,
        early=world.early or ("effect" in wrote and daemon.early),
        items=1 if "item" in wrote else world.items,
        timer="fired" if "fired" in wrote else world.timer,
        overtaken=world.overtaken or ("act" in wrote and not daemon.early and not effects),
    )
    after = GONE if daemon.person else Daemon("gather")
    if not daemon.person and not rules.settles_with_effect:
        after = Daemon("settle_timer apart")
    elif not daemon.person and not rules.tells_with_effect:
        after = Daemon("tell apart")
    yield "commit", done, after
    if world.faults:
        less = world.faults - 1
        yield "commit fails", world._replace(faults=less), failed
        yield "answer lost", done._replace(faults=less), failed


def _gathered(world: World, rules: Rules) -> Iterator[tuple[str, World, Daemon]]:
    if not world.items or world.notice == "sent" or world.leased:
        yield "gather", world, Daemon()
        return
    if not rules.gathers_before_sending:
        yield "gather", world, Daemon("send")
        return
    first = "send" if rules.settles_after_sending else "settle_notice"
    yield "gather", world._replace(notice="pending", leased=True), Daemon(first)


def breach(world: World) -> str:
    """Return which promise does not hold in ``world``."""
    if world.effects > 1:
        return "3: the timer took effect twice"
    if world.timer == "fired" and not world.effects:
        return "3: the timer counts as fired and is lost"
    if world.early:
        return "4: the timer took effect early"
    if world.overtaken:
        return "10: a person's act came before what was due"
    if world.undurable:
        return "6: a notice was sent before it was durable"
    if world.items and not world.effects:
        return "6: a notice without its cause"
    return ""


def at_rest(world: World) -> bool:
    """Return whether all has been done that had to be: once, told, and delivered."""
    done = world.timer == "fired" and world.effects == 1
    return done and world.items == 1 and world.notice == "sent" and world.received > 0
