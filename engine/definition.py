"""What a machine is: states, moves, records, cascades and joins, as immutable data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

import rfc8785

from engine.facts import FactType
from engine.guards import ALWAYS, Guard

ADMINISTRATOR = "administrator"
"""The one role that may force a move."""

FORCE = "force"
"""Trigger of every forced move, followed by ``:`` and the state it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One trigger, leading from any of its sources to one target."""

    trigger: str
    sources: tuple[str, ...]
    target: str
    guard: Guard = ALWAYS
    by: tuple[str, ...] = ()
    """Roles that may make it; empty for one that only the engine makes."""
    automatic: bool = False
    """Made by the engine as soon as its guard holds, without anybody asking."""
    needs_reason: bool = False
    not_by_maker_of: str = ""
    """A trigger: who made it last on this instance may not make this one (doer is not verifier)."""
    clears: tuple[str, ...] = ()
    """Facts that this move makes void, because the work has to be done again."""


@dataclass(frozen=True, slots=True)
class Move:
    """One edge: the unit that is legal, executed, recorded and replayed."""

    trigger: str
    source: str
    target: str
    guard: Guard = ALWAYS
    by: tuple[str, ...] = ()
    automatic: bool = False
    forced: bool = False
    needs_reason: bool = False
    not_by_maker_of: str = ""
    clears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a record."""

    name: str
    type: FactType = FactType.TEXT
    required: bool = False
    personal: bool = False
    """Kept in the removable text table, never as a fact."""
    choices: tuple[str, ...] = ()
    needed_with: tuple[str, ...] = ()
    """Another field, then those of its values with which this one is required too."""

    def needed(self, values: Mapping[str, Any]) -> bool:
        """Return whether a record with ``values`` must have this field."""
        other, *with_these = self.needed_with or ("",)
        return self.required or values.get(other) in with_these


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """A thing that is handed in or noted down: a report, a reply, a publication.

    Recording it sets the fact of its name to the moment at which it happened,
    and a fact ``kind.field`` for each field that is not personal. With
    ``per`` the name of a field, each value of that field is a thing of its
    own: a publication per channel sets ``publication:website``.
    """

    kind: str
    by: tuple[str, ...]
    fields: tuple[Field, ...] = ()
    states: tuple[str, ...] = ()
    """States in which it may be recorded; empty for all that are not final."""
    per: str = ""
    answers: str = ""
    """The record that this one answers; until it comes, the matter lies outside."""

    def fact(self, values: dict[str, Any]) -> str:
        """Return the name of the fact that a record with ``values`` sets."""
        return f"{self.kind}:{values[self.per]}" if self.per else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """When the parent makes ``trigger``, its children make ``child_trigger``."""

    trigger: str
    child: str
    """Name of the children's workflow."""
    child_trigger: str
    refuses_stragglers: bool = True
    """Whether the parent waits for children that cannot follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The children that a join counts."""

    workflow: str
    arrived: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """States in which a child does not count at all: withdrawn, excused."""
    when: Guard = ALWAYS
    """Which children count, by their facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Holds when every counted child has arrived.

    Children of a cycle are all instances within it; of any other instance,
    those directly below it.
    """

    name: str
    counted: tuple[Counted, ...]
    may_be_empty: bool = False


@dataclass(frozen=True, kw_only=True)  # no slots: the edition is cached in the instance's dict
class Workflow:
    """A complete machine definition; a published edition never changes."""

    name: str
    states: tuple[str, ...]
    """Along the main line, in order, then the states beside it."""
    initial: str
    line: tuple[str, ...]
    """The main line: having come to one of these means having passed those before it."""
    final: tuple[str, ...]
    void: tuple[str, ...] = ()
    """States in which nothing is owed any more: withdrawn, excused."""
    transitions: tuple[Transition, ...]
    forcible: tuple[str, ...] = ()
    records: tuple[RecordKind, ...] = ()
    facts: tuple[tuple[str, FactType], ...] = ()
    """Facts beside those that records set."""
    cascades: tuple[Cascade, ...] = ()
    joins: tuple[Join, ...] = ()

    def moves(self) -> Iterator[Move]:
        """Yield one move per source of each transition, then every forced move."""
        for t in self.transitions:
            for source in t.sources:
                yield Move(
                    trigger=t.trigger,
                    source=source,
                    target=t.target,
                    guard=t.guard,
                    by=t.by,
                    automatic=t.automatic,
                    needs_reason=t.needs_reason,
                    not_by_maker_of=t.not_by_maker_of,
                    clears=t.clears,
                )
        for target in self.forcible:
            for source in self.states:
                if source != target:
                    yield Move(
                        trigger=f"{FORCE}:{target}",
                        source=source,
                        target=target,
                        by=(ADMINISTRATOR,),
                        forced=True,
                        needs_reason=True,
                    )

    @cached_property
    def edition(self) -> str:
        """Return the name of this edition: the workflow and the hash of its content."""
        digest = hashlib.sha256(rfc8785.dumps(_plain(self))).hexdigest()
        return f"{self.name}@{digest[:16]}"

    def done(self, state: str) -> tuple[str, ...]:
        """Return the states in which ``state`` has been reached, ``state`` itself among them."""
        if state in self.line:
            return self.line[self.line.index(state) :]
        return (state,)

    def record(self, kind: str) -> RecordKind | None:
        """Return the record of that kind, if this machine has one."""
        return next((r for r in self.records if r.kind == kind), None)

    def join(self, name: str) -> Join | None:
        """Return the join of that name, if this machine has one."""
        return next((j for j in self.joins if j.name == name), None)

    def as_data(self) -> Any:
        """Return the definition as JSON data: what is stored and exported."""
        return _plain(self)


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON data; a dataclass also tells its type, for guards are unions."""
    if is_dataclass(value) and not isinstance(value, type):
        data = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {"is": type(value).__name__, **data}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value
