"""Entries: the bytes that the leaves of the log stand for.

An event's entry is `engine.events.canonical`; here it is made of the event as
it is stored, a hundred thousand in a second. A property test holds the two
together. What was published has entries of its own, for the names of editions are
too short to stand for their content; so have notice items and notices that were
sent, so that who was told of what, and when, is as fixed as what happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple

import rfc8785

from engine.events import text_hash
from engine.persons import Persons


class Entry(StrEnum):
    """What a leaf stands for."""

    EDITION = "edition"
    """A plan, a machine or a calendar as it was published."""
    EVENT = "event"
    TOLD = "told"
    """A notice item: that somebody is to be told of an event."""
    SENT = "sent"
    """A notice that was sent: when, and which events it told."""


PLAN = "plan"
"""The kind of edition that names persons."""


class StoredEvent(NamedTuple):
    """One event as it is stored: moments and kinds as text, data as JSON text."""

    instance: str
    sequence: int
    kind: str
    edition: str | None
    trigger: str | None
    source: str | None
    target: str | None
    actor: str
    acting_for: str
    authority: str
    occurred_at: str
    recorded_at: str
    cause: int | None
    timer: str | None
    part: str
    data: str


class KeptText(NamedTuple):
    """A removable text of an event, as it is stored."""

    salt: str
    hash: str
    text: str | None
    """Nothing, once it was redacted."""

    @property
    def holds(self) -> bool:
        """Return whether the text is the one that was hashed; a redacted one cannot be another."""
        return self.text is None or text_hash(self.salt, self.text) == self.hash


Texts = Mapping[str, KeptText]

NO_TEXTS: Texts = {}

UNREADABLE = (ValueError, TypeError, RecursionError)
"""What making an entry of something that was tampered with may raise."""


def event_entry(event: Sequence[Any], persons: Persons, texts: Texts = NO_TEXTS) -> bytes:
    """Return the entry of a stored event, given as a `StoredEvent` or a row in its order.

    Raises:
        UNREADABLE: what is stored could not have been recorded.

    """
    # Unpacked, because every field of a named tuple costs a look-up, a million times.
    instance, sequence, kind, edition, trigger, source, target, actor, *more = event
    acting_for, authority, occurred_at, recorded_at, cause, timer, part, data = more
    hashes = ""
    if texts:
        names = sorted(texts, key=_utf16)
        hashes = ",".join(f"{quoted(name)}:{quoted(texts[name].hash)}" for name in names)
    return (
        f'{{"acting_for":{quoted(persons.chain(acting_for))},"actor":{quoted(persons.of(actor))},'
        f'"authority":{quoted(authority)},"cause":{"null" if cause is None else int(cause)},'
        f'"data":{data if data == "{}" else persons.data(data)},"edition":{quoted(edition or "")},'
        f'"instance":{quoted(instance)},"kind":{quoted(kind)},'
        f'"occurred_at":{quoted(occurred_at)},"part":{quoted(part)},'
        f'"recorded_at":{quoted(recorded_at)},"sequence":{int(sequence)},'
        f'"source":{quoted(source or "")},"target":{quoted(target or "")},'
        f'"texts":{{{hashes}}},"timer":{quoted(timer or "")},'
        f'"trigger":{quoted(trigger or "")}}}'
    ).encode()


def edition_entry(
    kind: str, edition: str, content: Any, published_at: str, persons: Persons
) -> bytes:
    """Return the entry of something published: a plan, a workflow, a calendar."""
    return rfc8785.dumps(
        {
            "content": persons.within(content) if kind == PLAN else content,
            "edition": edition,
            "entry": str(Entry.EDITION),
            "kind": kind,
            "published_at": published_at,
        }
    )


def told_entry(
    event: int, recipient: str, channel: str, about: Sequence[str], persons: Persons
) -> bytes:
    """Return the entry of a notice item: whom an event is told to, and by which channel."""
    return rfc8785.dumps(
        {
            "about": list(about),
            "channel": channel,
            "entry": str(Entry.TOLD),
            "event": event,
            "recipient": persons.recipient(recipient),
        }
    )


def sent_entry(
    *,
    key: str,
    recipient: str,
    channel: str,
    created_at: str,
    sent_at: str,
    events: Iterable[int],
    persons: Persons,
) -> bytes:
    """Return the entry of a notice that was sent, with the events that it told."""
    told = persons.recipient(recipient)
    named = key.startswith(f"{recipient}/")
    return rfc8785.dumps(
        {
            "channel": channel,
            "created_at": created_at,
            "entry": str(Entry.SENT),
            "events": sorted(events),
            "key": told + key[len(recipient) :] if named else key,
            "recipient": told,
            "sent_at": sent_at,
        }
    )


def _utf16(name: str) -> bytes:
    """Return what RFC 8785 orders names by."""
    return name.encode("utf-16-be")
