"""Sending checkpoints out: the newest one, to each place when its time has come, tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from adapters.notify.outside import Outside
from adapters.outbox import FIRST_RETRY, LONGEST_RETRY
from engine.errors import EngineError
from engine.log import Posted, Sealed, Stamp
from engine.ports import Reader
from workflows.running.desk import Application

log = structlog.get_logger(__name__)

LONGEST_ERROR = 400


def post_checkpoints(app: Application, places: Sequence[Outside]) -> int:
    """Hand the newest checkpoint to every place that waits for one; return to how many.

    Whoever has the newest needs none before it, so none is sent late.
    """
    if not places:
        return 0
    with app.store.reading() as reader:
        last = reader.checkpoint()
        waiting = [(p, _posted(reader, p)) for p in places]
        now = reader.now
    if last is None:
        return 0
    told = 0
    for place, before in waiting:
        if before.size >= last.size:
            continue
        if before.next_attempt_at is not None and now < before.next_attempt_at:
            continue
        if before.sent_at is not None and now < before.sent_at + place.every:
            continue
        told += _tell(app, place, before, last)
    return told


def _posted(reader: Reader, place: Outside) -> Posted:
    return reader.posts().get(place.name) or Posted(destination=place.name)


def _tell(app: Application, place: Outside, before: Posted, last: Sealed) -> bool:
    stamp: Stamp | None = None
    error = ""
    try:
        stamp = place.tell(last, before.attempts)
    except EngineError as refused:
        error = str(refused.values.get("problem", refused)) or type(refused).__name__
    except Exception as broken:  # noqa: BLE001 - its text may hold a secret; one place stops no other
        error = type(broken).__name__
    with app.store.unit_of_work(app.clock.now()) as unit:
        if error:
            delay = min(FIRST_RETRY * 2 ** min(before.attempts, 10), LONGEST_RETRY)
            unit.set_post(
                replace(
                    before,
                    attempts=before.attempts + 1,
                    next_attempt_at=unit.now + delay,
                    last_error=error[:LONGEST_ERROR],
                )
            )
        else:
            if stamp is not None:
                unit.keep_stamp(replace(stamp, received_at=unit.now))
            unit.set_post(Posted(destination=place.name, size=last.size, sent_at=unit.now))
    if error:
        log.warning("checkpoint.not_sent", place=place.name, size=last.size, error=error)
    else:
        log.info("checkpoint.sent", place=place.name, size=last.size)
    return not error
