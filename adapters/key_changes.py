"""Giving the log a key, and putting another in its place: the file and its event go together."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.keys import KeyRing, load, new_name
from engine.events import Event
from engine.note import VerifierKey
from workflows.running.desk import Application
from workflows.running.log_keys import may_change_keys, record_key
from workflows.running.sealing import Done, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Why a key is given to the log, and by whom."""

    actor: str
    reason: str = ""
    authority: str = ""


def begin(
    app: Application, ring: KeyRing, change: Change, name: str = "", public: str = ""
) -> VerifierKey:
    """Give the log its first key: one that is made now, or whose public half is given.

    A file that is there already is taken: it is left from a database before, or came from a safe.

    Raises:
        EngineError: somebody may not, there is one, or the file cannot be written.

    """
    may_change_keys(app, change.actor, first=True)
    if public:
        key = VerifierKey.parse(public)
    elif ring.file is not None and ring.file.exists():
        key = load(ring.file).key
    else:
        key = ring.make(name or new_name())
    _record(app, key, change, first=True)
    return key


def rotate(
    app: Application, ring: KeyRing, change: Change, *, public: str = "", lost: bool = False
) -> tuple[VerifierKey, Done]:
    """Put a new key in the place of the log's present one, and let both sign that.

    ``lost``: the old one cannot sign any more, and the event says so.

    Raises:
        EngineError: somebody may not, there is none yet, or the old key is not at hand.

    """
    name = may_change_keys(app, change.actor, reason=change.reason, first=False)
    if public:
        key, lost = VerifierKey.parse(public), True
    else:
        if not lost:
            with app.store.reading() as reader:
                ring.signers(reader)  # refuses while the present key is not at hand
        key = ring.make_next(name)
    _record(app, key, change, first=False, lost=lost)
    done = seal(app, ring.signers, thorough=True)
    with app.store.reading() as reader:
        ring.signers(reader)  # the log has been told: the old file gives way
    return key, done


def _record(
    app: Application, key: VerifierKey, change: Change, *, first: bool, lost: bool = False
) -> Event:
    return record_key(
        app,
        key,
        change.actor,
        first=first,
        lost=lost,
        reason=change.reason,
        authority=change.authority,
    )
