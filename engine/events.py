"""Events: immutable records of what happened, and what each does to its instance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import rfc8785

from engine.facts import NO_FACTS, Facts, to_text

if TYPE_CHECKING:
    from engine.persons import Persons

Data: TypeAlias = Mapping[str, Any]
"""JSON data: text, integers, booleans, lists and maps of them; codes and parameters, no prose."""

NOTHING: Data = MappingProxyType({})

DAEMON = "daemon"
"""The actor of what time brings about."""


class Kind(StrEnum):
    """What can happen to an instance."""

    OPENED = "opened"
    MOVED = "moved"
    RECORDED = "recorded"
    CORRECTED = "corrected"
    AMENDED = "amended"
    ASSIGNED = "assigned"
    WINDOW_OPENED = "window_opened"
    WINDOW_CLOSED = "window_closed"
    REMINDED = "reminded"
    FOLDED = "folded"
    LATE = "late"
    LAMP = "lamp"
    SLIP = "slip"
    PROPOSED = "proposed"
    DEADLINE_SET = "deadline_set"
    EXCUSED = "excused"
    EXTENDED = "extended"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_REFUSED = "extension_refused"
    ENTERED = "entered"
    """A rung was entered by hand."""
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    TENURE = "tenure"
    CALENDAR = "calendar"
    UPGRADED = "upgraded"
    SETTING = "setting"
    KEY = "key"
    """A key signs the log from here on."""
    ACT_PROPOSED = "act_proposed"
    """An act that needs a second person was proposed, with what it would bring about."""
    ACT_CONFIRMED = "act_confirmed"
    ACT_DECLINED = "act_declined"
    ACT_LAPSED = "act_lapsed"
    """Nobody decided on it within the time that the plan gives."""
    GLASS_BROKEN = "glass_broken"
    """One person did alone what needs two; a fact of the cycle until an auditor has noted it."""
    NOTED = "noted"
    REDACTED = "redacted"
    """Free text of an event, or a file of evidence, was removed by law; it acts on nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one instance; recorded once, never changed."""

    instance: str
    """Key of the instance."""
    sequence: int
    """1 for the first event of an instance, then without gaps."""
    kind: Kind
    actor: str
    """Account of the person who did it, or ``daemon``."""
    occurred_at: datetime
    """When it took effect in the world, UTC."""
    recorded_at: datetime
    """When it was recorded, UTC."""
    edition: str = ""
    """Edition of the machine; a move has it, nothing else does. So with the next three."""
    trigger: str = ""
    source: str = ""
    target: str = ""
    acting_for: str = ""
    """The post, or the person, on whose behalf the actor acted."""
    authority: str = ""
    """The document that the act rests on."""
    cause: int | None = None
    """Position of the event that brought this one about."""
    timer: str = ""
    """The timer that fired it."""
    part: str = ""
    """Which effect of that timer this is."""
    data: Data = field(default_factory=lambda: NOTHING)
    texts: Mapping[str, str] = field(default_factory=dict)
    """Free text and personal data, kept apart so that a redaction can remove them."""
    position: int = 0
    """Place in the order of recording over all instances; 0 until recorded."""

    @property
    def forced(self) -> bool:
        """Return whether this is a forced move."""
        return self.trigger.startswith("force:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One running machine, as its events have made it."""

    key: str
    """A path that people can type: ``qz-2024``, ``qz-2024/T-017``, ``qz-2024/T-017/F-2``."""
    workflow: str
    edition: str
    state: str
    sequence: int = 0
    owner: str = ""
    """The section or post that owes what is owed on it."""
    origin: str = ""
    """The deadline that created it, for an assignment."""
    lamp: str = ""
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    moved_at: datetime | None = None
    """When its last move took effect; no move may take effect before that."""

    @property
    def cycle(self) -> str:
        """Return the key of the cycle it belongs to; its own for a cycle."""
        return self.key.partition("/")[0]

    @property
    def parent(self) -> str:
        """Return the key of its parent; empty for a cycle."""
        return self.key.rpartition("/")[0]


def apply(instance: Instance, event: Event) -> Instance:
    """Return ``instance`` as ``event`` leaves it.

    The only place where an event acts on a state; every store and every
    replay goes through the same effects: the move's target and moment, facts
    set and unset, the owner, the lamp, and the edition to which it is amended.
    """
    data = event.data
    if event.kind is Kind.AMENDED and "machine" in data:
        instance = replace(instance, edition=data["machine"], state=data["state"])
    facts = instance.facts
    if "unset" in data or "set" in data:
        gone = data.get("unset", ())
        facts = {k: v for k, v in facts.items() if k not in gone} | data.get("set", {})
    return replace(
        instance,
        sequence=event.sequence,
        state=event.target or instance.state,
        facts=facts,
        owner=data.get("owner", instance.owner),
        lamp=data.get("lamp", instance.lamp),
        moved_at=event.occurred_at if event.kind is Kind.MOVED else instance.moved_at,
    )


def canonical(event: Event, salts: Mapping[str, str], persons: Persons) -> bytes:
    """Return the bytes that stand for ``event`` in the log (RFC 8785).

    A text enters as the hash of its salt and itself, so that it can be
    removed by law while every proof still verifies; a person likewise, so that
    the whole can be shown without a name. The position is left out: it orders
    recording, and is not part of what happened.
    """
    hashes = {name: text_hash(salts[name], text) for name, text in event.texts.items()}
    return sealed_form(event, hashes, persons)


def sealed_form(event: Event, texts: Mapping[str, str], persons: Persons) -> bytes:
    """Return the bytes of `canonical`, given the hashes of the texts, be they removed or not."""
    event = persons.event(event)
    return rfc8785.dumps(
        {
            "acting_for": event.acting_for,
            "actor": event.actor,
            "authority": event.authority,
            "cause": event.cause,
            "data": _plain(event.data),
            "edition": event.edition,
            "instance": event.instance,
            "kind": str(event.kind),
            "occurred_at": to_text(event.occurred_at),
            "part": event.part,
            "recorded_at": to_text(event.recorded_at),
            "sequence": event.sequence,
            "source": event.source,
            "target": event.target,
            "texts": dict(texts),
            "timer": event.timer,
            "trigger": event.trigger,
        }
    )


def text_hash(salt: str, text: str) -> str:
    """Return the salted hash under which a removable text stands in the log."""
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value
