"""How the log of events is doing: signed, by a key that is at hand, and sealed in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from adapters.keys import KeyRing
from adapters.sql.examination import Examined
from engine.errors import N_, EngineError
from engine.ports import Reader
from workflows.running.sealing import known_keys

SEALED_WITHIN = timedelta(minutes=5)
"""A daemon that lives has sealed what is older."""


def seals_late(reader: Reader, *, alive: bool) -> bool:
    """Return whether events wait that a living daemon should have sealed."""
    _, oldest = reader.count_unsealed()
    return alive and oldest is not None and reader.now - oldest > SEALED_WITHIN


def examine_log(reader: Reader, ring: KeyRing, *, alive: bool) -> Iterator[Examined]:
    """Yield what is right and wrong with the log, without hashing it."""
    try:
        known = known_keys(reader)
        yield Examined(
            subject=N_("log is signed"),
            sound=bool(known),
            found=str(known[-1].key) if known else "",
            mend=N_("Make a key with: duban key new"),
        )
        ring.signers(reader)
        yield Examined(subject=N_("key of the log"), sound=True)
    except EngineError as error:
        yield Examined(subject=N_("key of the log"), sound=False, error=error)
    unsealed, _ = reader.count_unsealed()
    yield Examined(
        subject=N_("log is sealed"),
        sound=not seals_late(reader, alive=alive),
        found=str(unsealed) if unsealed else "",
        mend=N_("The daemon does not seal; see its log, then: duban seal"),
    )
    failing = [posted for posted in reader.posts().values() if posted.last_error]
    yield Examined(
        subject=N_("checkpoints outside"),
        sound=not failing,
        found="; ".join(f"{posted.destination}: {posted.last_error}" for posted in failing),
        mend=N_("They are tried again; see docs/auditing.md and the channels file."),
    )
