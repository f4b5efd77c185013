"""Auditing the log of a database: with the keys that its own office has recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from engine.checkpoint_chain import LOG, Audit, KeyPeriod, broken
from engine.entries import UNREADABLE
from engine.errors import N_, EngineError
from engine.log import Sealed, Stamp
from engine.log_verification import verify_log
from engine.note import Note, Verifies
from engine.ports import Reader
from engine.replay import Break
from workflows import office
from workflows.running.sealing import known_keys
from workflows.running.settings_audit import audit_settings
from workflows.running.tenure_audit import audit_tenures

StampCheck: TypeAlias = Callable[[Stamp, Sealed], object]
"""Looks at a time stamp of a checkpoint, and raises where it is not worth anything."""


def audit_stamps(reader: Reader, check: StampCheck) -> Iterator[Break]:
    """Yield every time stamp that is not one of its checkpoint."""
    for stamp in reader.stamps():
        sealed = reader.checkpoint(stamp.size)
        at = f"{LOG} {stamp.size}"
        if sealed is None:
            yield broken("time-stamp", N_("the checkpoint of a time stamp is not there"), at=at)
            continue
        try:
            check(stamp, sealed)
        except EngineError as error:
            problem = N_("a time stamp is not one of this checkpoint")
            yield broken("time-stamp", problem, str(error), at=at)


def audit_log(
    reader: Reader,
    verifies: Verifies,
    outside: Iterable[Note] = (),
    audit: Audit | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Break]:
    """Yield everything that is wrong with the log, checkpoints kept elsewhere included.

    And with tenures and settings, which decide who may do what and when, and follow from the same
    events.
    """
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
        yield from audit_tenures(reader)
        yield from audit_settings(reader)
        yield from verify_log(reader, keys, verifies, outside, audit, progress)
    except (LookupError, AttributeError, *UNREADABLE) as error:
        problem = N_("what is stored cannot be read")
        yield broken("unreadable", problem, f"{type(error).__name__}: {error}", at=LOG)
