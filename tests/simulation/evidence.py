"""Evidence: what a run left in the tables, the same for every store, for a checker to judge."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from adapters.memory.store import MemoryStore
from engine.facts import to_text

TIMER_COLUMNS = ("deadline", "rung", "fires_at", "state", "cursor", "attempts")


@dataclass(frozen=True)
class Happened:
    """One row of the event table."""

    position: int
    key: str
    sequence: int
    kind: str
    edition: str
    trigger: str
    source: str
    target: str
    actor: str
    authority: str
    occurred_at: str
    recorded_at: str
    cause: int
    timer: str
    part: str
    data: Mapping[str, Any]
    reason: str


@dataclass(frozen=True)
class Evidence:
    """The rows that a checker reads; moments are text that sorts as they do."""

    events: Sequence[Happened]
    instances: Mapping[str, Mapping[str, Any]]
    """Key → state, sequence, owner, lamp, facts, workflow, origin, moved_at."""
    deadlines: Mapping[str, Mapping[str, Any]]
    """Id → step, occurrence, instance, version, current, event (that set it)."""
    timers: Mapping[str, Mapping[str, Any]]
    """Id → deadline, rung, fires_at, state, attempts."""
    items: Sequence[tuple[int, str, int]]
    """Event, recipient and the notice that carries it, 0 for none."""
    notices: Mapping[int, tuple[str, str]]
    """Id → key and state."""
    edges: frozenset[tuple[str, str, str, str]]


def of_memory(store: MemoryStore) -> Evidence:
    """Read the tables of a store in memory."""
    tables = store._tables
    events = [
        Happened(
            position=position,
            key=e.instance,
            sequence=e.sequence,
            kind=str(e.kind),
            edition=e.edition,
            trigger=e.trigger,
            source=e.source,
            target=e.target,
            actor=e.actor,
            authority=e.authority,
            occurred_at=to_text(e.occurred_at),
            recorded_at=to_text(e.recorded_at),
            cause=e.cause or 0,
            timer=e.timer,
            part=e.part,
            data=e.data,
            reason=e.texts.get("reason", ""),
        )
        for position, e in sorted(tables.events.rows.items())
    ]
    instances = {
        i.key: {
            "workflow": i.workflow,
            "state": i.state,
            "sequence": i.sequence,
            "owner": i.owner,
            "origin": i.origin,
            "lamp": i.lamp,
            "facts": dict(i.facts),
            "moved_at": to_text(i.moved_at) if i.moved_at else None,
        }
        for i in tables.instances.rows.values()
    }
    return Evidence(
        events=events,
        instances=instances,
        deadlines={
            d.id: {
                "step": d.step,
                "occurrence": d.occurrence,
                "instance": d.instance,
                "version": d.version,
                "current": d.current,
                "event": d.event,
            }
            for d in tables.deadlines.rows.values()
        },
        timers={
            t.id: {
                "deadline": t.deadline,
                "rung": str(t.rung),
                "fires_at": to_text(t.fires_at),
                "state": str(t.state),
                "cursor": t.cursor,
                "attempts": t.attempts,
            }
            for t in tables.timers.rows.values()
        },
        items=[(k.item.event, k.item.recipient, k.notice) for k in tables.items.rows.values()],
        notices={n.id: (n.key, n.state) for n in tables.notices.rows.values()},
        edges=frozenset(
            (edition, m.trigger, m.source, m.target)
            for edition, machine in tables.machines.rows.items()
            for m in machine.moves()
        ),
    )


def of_database(engine: Engine) -> Evidence:
    """Read the tables of a database, by plain SQL and nothing of the adapters."""

    def rows(query: str) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in connection.execute(text(query))]

    with engine.connect() as opened:
        # One moment of the database: an event and its reason are in different tables.
        if engine.dialect.name == "sqlite":
            connection = opened
            connection.exec_driver_sql("BEGIN")
        else:
            connection = opened.execution_options(isolation_level="REPEATABLE READ")
        names = {row["id"]: row["key"] for row in rows("SELECT id, key FROM instance")}
        reasons = {
            row["event"]: row["text"] or ""
            for row in rows("SELECT event, text FROM event_text WHERE name = 'reason'")
        }
        events = [
            Happened(
                position=row["position"],
                key=names[row["instance_id"]],
                sequence=row["sequence"],
                kind=row["kind"],
                **{
                    name: row[name] or ""
                    for name in ("edition", "trigger", "source", "target", "timer", "part")
                },
                actor=row["actor"],
                authority=row["authority"] or "",
                occurred_at=row["occurred_at"],
                recorded_at=row["recorded_at"],
                cause=row["cause"] or 0,
                data=_json(row["data"]),
                reason=reasons.get(row["position"], ""),
            )
            for row in rows("SELECT * FROM event ORDER BY position")
        ]
        instances = {
            row["key"]: {
                **{n: row[n] for n in ("workflow", "state", "sequence", "owner", "origin")},
                "lamp": row["lamp"],
                "facts": _json(row["facts"]),
                "moved_at": row["moved_at"],
            }
            for row in rows("SELECT * FROM instance")
        }
        deadlines = {
            row["id"]: {
                "step": row["step"],
                "occurrence": row["occurrence"],
                "instance": names.get(row["instance_id"], ""),
                "version": row["version"],
                "current": bool(row["current"]),
                "event": row["event"] or 0,
            }
            for row in rows("SELECT * FROM deadline")
        }
        timers = {
            row["id"]: {n: row[n] for n in TIMER_COLUMNS} for row in rows("SELECT * FROM timer")
        }
        items = [
            (row["event"], row["recipient"], row["notice"] or 0)
            for row in rows("SELECT * FROM notice_item ORDER BY id")
        ]
        notices = {row["id"]: (row["key"], row["state"]) for row in rows("SELECT * FROM notice")}
        edges = frozenset(
            (row["edition"], row["trigger"], row["source"], row["target"])
            for row in rows("SELECT * FROM legal_move")
        )
    return Evidence(events, instances, deadlines, timers, items, notices, edges)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
