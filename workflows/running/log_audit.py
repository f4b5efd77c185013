"""Auditing the log of a database: with the keys that its own office has recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from engine.checkpoint_chain import LOG, Audit, KeyPeriod, broken
from engine.entries import UNREADABLE
from engine.errors import N_, EngineError
from engine.log_verification import verify_log
from engine.note import Note, Verifies
from engine.ports import Reader
from engine.replay import Break
from workflows import office
from workflows.running.sealing import known_keys


def audit_log(
    reader: Reader,
    verifies: Verifies,
    outside: Iterable[Note] = (),
    audit: Audit | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Break]:
    """Yield everything that is wrong with the log, checkpoints kept elsewhere included."""
    keys: Sequence[KeyPeriod] = ()
    try:
        keys = [
            KeyPeriod(one.key, one.event.position, bool(one.event.data.get("lost")))
            for one in known_keys(reader)
        ]
    except (EngineError, LookupError, AttributeError, *UNREADABLE) as error:
        problem = N_("the keys of the log cannot be read from its events")
        yield broken("keys", problem, f"{type(error).__name__}: {error}", at=office.KEY)
    try:
        yield from verify_log(reader, keys, verifies, outside, audit, progress)
    except (LookupError, AttributeError, *UNREADABLE) as error:
        problem = N_("what is stored cannot be read")
        yield broken("unreadable", problem, f"{type(error).__name__}: {error}", at=LOG)
