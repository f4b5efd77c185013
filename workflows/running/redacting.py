"""What the law wants gone: free text and files are removed, and an event says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import (
    N_,
    AuthorityRequired,
    NotFound,
    NotPermitted,
    ReasonRequired,
    Refused,
)
from engine.events import Event, Kind
from engine.facts import clean_text
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.evidence import kept, removals
from workflows.running.desk import Application
from workflows.running.people import is_administrator
from workflows.running.requests import Grounds, Who, at_desk


class RemovedByLaw(Refused):
    """A file that was removed by law does not come back."""

    code = "removed-by-law"
    template = N_(
        "The file {sha256} was removed by law, see event {event} of {key}; it is not kept again."
    )


class NoSuchText(Refused):
    """The event has no text of that name, or none any more."""

    code = "no-such-text"
    template = N_("Event {event} has no text {name} that could be removed; it has: {known}.")


class OfTheRedaction(Refused):
    """Why something was removed has to stay."""

    code = "of-the-redaction"
    template = N_("Event {event} says why something was removed; that has to stay.")


def redact(
    app: Application, position: int, names: Collection[str], who: Who, grounds: Grounds
) -> Event:
    """Remove free text of an event; an event of the same instance says what, why and by what right.

    The event, its other fields and every proof stay as they are.

    Raises:
        NotFound: there is no such event.
        NotPermitted: the person is no administrator.
        ReasonRequired, AuthorityRequired: one of the two texts is missing.
        NoSuchText: there is nothing of that name to remove.
        OfTheRedaction: the event is itself a removal.

    """
    with app.store.reading() as reader:
        event = reader.event(position)
    if event is None:
        raise NotFound(what="event", key=position, hint="duban history INSTANCE")
    with _at(app, event.instance) as unit:
        _require(unit, who, grounds, f"{event.instance} #{event.sequence}")
        if event.kind is Kind.REDACTED:
            raise OfTheRedaction(event=position)
        there = unit.event(position)
        known = sorted(there.texts) if there is not None else []
        missing = sorted(set(names) - set(known))
        if missing or not known:
            raise NoSuchText(event=position, name=", ".join(missing), known=known)
        gone = unit.redact(position, names)
        return _say(unit, event.instance, who, grounds, {"event": position, "texts": list(gone)})


def remove_file(app: Application, sha256: str, who: Who, grounds: Grounds) -> Sequence[Event]:
    """Record that a file is removed by law, on every instance whose history speaks of it.

    The file itself is taken away afterwards; where that was interrupted, asking
    again records nothing new.

    Raises:
        NotFound: no event speaks of such a file.
        NotPermitted: the person is no administrator.
        ReasonRequired, AuthorityRequired: one of the two texts is missing.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        _require(unit, who, grounds, sha256)
        found = kept(unit).get(sha256)
        if not found:
            raise NotFound(what="file", key=sha256, hint="duban evidence list")
        gone = unit.recorded([Kind.REDACTED])
        said = {event.instance for event in gone if event.data.get("file") == sha256}
        keys = dict.fromkeys(piece.event.instance for piece in found)
        return [_say(unit, k, who, grounds, {"file": sha256}) for k in keys if k not in said]


def require_not_removed(reader: Reader, sha256: str) -> None:
    """Refuse a file that was removed by law.

    Raises:
        RemovedByLaw: it was.

    """
    event = removals(reader).get(sha256)
    if event is not None:
        raise RemovedByLaw(sha256=sha256, event=event.position, key=event.instance)


@contextmanager
def _at(app: Application, key: str) -> Iterator[UnitOfWork]:
    """Open a unit for an instance of a cycle, with everything fired that is due, or the office."""
    if key == office.KEY:
        with app.store.unit_of_work(app.clock.now()) as unit:
            yield unit
    else:
        with at_desk(app, key) as at:
            yield at.unit


def _require(unit: UnitOfWork, who: Who, grounds: Grounds, key: str) -> None:
    if not is_administrator(unit, who.person, unit.now.date()):
        raise NotPermitted(person=who.person, act="redact", key=key, allowed=[ADMINISTRATOR])
    if not grounds.reason.strip():
        raise ReasonRequired(act="redact", key=key)
    if not grounds.authority.strip():
        raise AuthorityRequired(act="redact", key=key)


def _say(unit: UnitOfWork, key: str, who: Who, grounds: Grounds, data: Mapping[str, Any]) -> Event:
    act = Act(
        actor=who.person,
        occurred_at=unit.now,
        acting_for=ADMINISTRATOR,
        reason=clean_text("reason", grounds.reason),
        authority=clean_text("authority", grounds.authority, 400),
    )
    return unit.append(replace(act.on(unit, unit.load(key), Kind.REDACTED), data=data))
