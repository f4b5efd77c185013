"""Set-based acts: one INSERT … SELECT per edge, then one UPDATE for all that moved.

All events of an act are recorded before any instance changes, so that none
can move twice in one act; the UPDATE then follows the events it finds one
sequence number ahead of their instance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from adapters.sql.guards import Setting, compile_guard
from adapters.sql.tables import EVENT, INSTANCE
from adapters.sql.types import Json, Moment
from engine.definition import Move
from engine.events import Data, Kind
from engine.guards import ALWAYS, Joined, leaves
from engine.kinship import move_data
from engine.machine import Machine
from engine.population import Stamp


def advance(
    connection: Connection,
    machine: Machine,
    trigger: str,
    chosen: ColumnElement[bool],
    setting: Setting,
    stamp: Stamp,
) -> int:
    """Make ``trigger`` in every chosen instance where it is legal; return how many moved."""
    before = _last_position(connection)
    moved = 0
    chosen = _once(chosen, stamp)
    cleared: dict[str, tuple[str, ...]] = {}
    for move in machine.moves(trigger):
        movable = and_(
            chosen,
            INSTANCE.c.edition == machine.workflow.edition,
            INSTANCE.c.state == move.source,
        )
        if move.guard != ALWAYS:
            movable = and_(movable, compile_guard(move.guard, setting))
        cleared[move.source] = move.clears
        joined = [leaf.join for leaf in leaves(move.guard) if isinstance(leaf, Joined)]
        moved += connection.execute(
            _events(movable, stamp, Kind.MOVED, move_data(move, setting.parent, joined), move)
        ).rowcount
    if moved:
        values = {"state": EVENT.c.target, "moved_at": EVENT.c.occurred_at}
        _follow(connection, before, values, cleared)
    return moved


def mark(
    connection: Connection,
    chosen: ColumnElement[bool],
    kind: Kind,
    data: Data,
    stamp: Stamp,
) -> int:
    """Record the same event, no move, in every chosen instance; return how many."""
    before = _last_position(connection)
    chosen = _once(chosen, stamp)
    marked = connection.execute(_events(chosen, stamp, kind, data, None)).rowcount
    if marked:
        values = {"lamp": literal(data["lamp"], String())} if "lamp" in data else {}
        _follow(connection, before, values, {})
    return marked


def _once(chosen: ColumnElement[bool], stamp: Stamp) -> ColumnElement[bool]:
    """Leave out those that have an event of this timer's part already."""
    if not stamp.timer:
        return chosen
    fired = select(EVENT.c.position).where(
        EVENT.c.timer == stamp.timer,
        EVENT.c.instance_id == INSTANCE.c.id,
        EVENT.c.part == stamp.part,
    )
    # Looked up for each, by the index. Said as NOT EXISTS, a server whose statistics do not know
    # of this timer's events yet would compare each instance with each of them.
    return and_(chosen, fired.limit(1).scalar_subquery().is_(None))


def _moment(stamp: Stamp, move: Move | None) -> Any:
    """Return when the event takes effect; a move, never before the instance's last one."""
    moment = literal(stamp.occurred_at, Moment())
    if move is None:
        return moment
    return case((INSTANCE.c.moved_at > moment, INSTANCE.c.moved_at), else_=moment)


def _last_position(connection: Connection) -> int:
    return connection.scalar(select(func.max(EVENT.c.position))) or 0


def _events(
    chosen: ColumnElement[bool], stamp: Stamp, kind: Kind, data: Data, move: Move | None
) -> Any:
    def text(value: str) -> Any:
        return literal(value, String()) if value else null()

    columns: Mapping[str, Any] = {
        "instance_id": INSTANCE.c.id,
        "sequence": INSTANCE.c.sequence + 1,
        "kind": literal(str(kind), String()),
        "edition": INSTANCE.c.edition if move else null(),
        "trigger": text(move.trigger if move else ""),
        "source": INSTANCE.c.state if move else null(),
        "target": text(move.target if move else ""),
        "actor": literal(stamp.actor, String()),
        "acting_for": literal(stamp.acting_for, String()),
        "authority": literal(stamp.authority, String()),
        "occurred_at": _moment(stamp, move),
        "recorded_at": literal(stamp.recorded_at, Moment()),
        "cause": null() if stamp.cause is None else literal(stamp.cause, Integer()),
        "timer": text(stamp.timer),
        "part": literal(stamp.part, String()),
        "data": literal(dict(data), Json),
    }
    # In order of key: whichever store ran, the same act gives the same order of events.
    # What moves leaves one state, whose index is in that order; what is marked may be
    # few of very many, and sorting them is better than passing over the others.
    order = INSTANCE.c.key if move else INSTANCE.c.key.concat("")
    chosen_rows = select(*columns.values()).where(chosen).order_by(order)
    events = insert(EVENT).from_select(list(columns), chosen_rows, include_defaults=False)
    return events.execution_options(preserve_rowcount=True)  # else it is told on SQLite only


def _follow(
    connection: Connection,
    before: int,
    values: Mapping[str, Any],
    cleared: Mapping[str, Sequence[str]],
) -> None:
    """Bring every instance to the event that stands one sequence number ahead of it.

    ``cleared`` tells, by the state that was left, which facts the move made void.
    """
    changes: dict[str, Any] = {**values, "sequence": EVENT.c.sequence}
    voided = [
        (EVENT.c.source == source, _without(connection, facts))
        for source, facts in cleared.items()
        if facts
    ]
    if voided:
        changes["facts"] = case(*voided, else_=INSTANCE.c.facts)
    connection.execute(
        update(INSTANCE)
        .where(
            EVENT.c.position > before,
            EVENT.c.instance_id == INSTANCE.c.id,
            EVENT.c.sequence == INSTANCE.c.sequence + 1,
        )
        .values(changes)
    )


def _without(connection: Connection, cleared: Sequence[str]) -> Any:
    """Return the facts without those ``cleared``; each database has its own word for it."""
    if connection.dialect.name == "sqlite":
        # A merge patch (RFC 7396): null removes, whatever characters the name has.
        return func.json_patch(INSTANCE.c.facts, json.dumps(dict.fromkeys(cleared)))
    facts: Any = INSTANCE.c.facts
    for fact in sorted(cleared):
        facts = facts.op("-")(cast(literal(fact), String()))
    return facts
