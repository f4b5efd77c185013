"""Replay: the state that a history leads to, and where one stops making sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from engine.errors import N_, HistoryBroken
from engine.events import Event, Instance, Kind, apply
from engine.machine import Machine

Machines = Callable[[str], Machine]
"""Returns the machine of an edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One place where a history or a projection is not what it must be."""

    instance: str
    sequence: int
    """The event at which it breaks; 0 for a projection."""
    code: str
    problem: str
    found: str = ""
    expected: str = ""


def replay(key: str, events: Iterable[Event], machines: Machines) -> Instance:
    """Return the instance that ``events`` lead to.

    Guards are not decided again here: they were decided on the facts of their
    moment. What is checked is that the history begins with its opening, that
    numbers have no gap, that every edge is one of its edition, and that edges join.

    Raises:
        HistoryBroken: the events could not have been recorded like this.

    """
    instance: Instance | None = None
    for broken, after in walk(events, machines):
        if broken is not None:
            raise HistoryBroken(key=key, sequence=broken.sequence, problem=broken.problem)
        instance = after
    if instance is None:
        raise HistoryBroken(key=key, sequence=0, problem=N_("it has no events"))
    return instance


def walk(
    events: Iterable[Event], machines: Machines
) -> Iterator[tuple[Break | None, Instance | None]]:
    """Yield, event by event, what is wrong with it (or nothing) and the instance after it."""
    instance: Instance | None = None
    for expected, event in enumerate(events, start=1):
        broken = None
        if event.sequence != expected:
            broken = _broken(
                event, "gap", N_("the numbers have a gap"), str(event.sequence), str(expected)
            )
        elif instance is None:
            instance = opened(event)
            if instance is None:
                broken = _broken(
                    event, "no-opening", N_("it does not begin with an opening"), event.kind, ""
                )
                yield broken, None
                return
        else:
            broken = _edge(instance, event, machines)
            instance = apply(instance, event)
        yield broken, instance


def opened(event: Event) -> Instance | None:
    """Return the instance as its opening event says that it starts."""
    data = event.data
    if event.kind is not Kind.OPENED or "machine" not in data:
        return None
    return Instance(
        key=event.instance,
        workflow=data["workflow"],
        edition=data["machine"],
        state=data["state"],
        sequence=event.sequence,
        owner=data["owner"],
        origin=data["origin"],
        facts=dict(data["set"]),
    )


def compare(stored: Instance, replayed: Instance) -> Iterator[Break]:
    """Yield every way in which a projection differs from what its history gives."""
    for name in ("workflow", "edition", "state", "sequence", "owner", "origin", "lamp", "moved_at"):
        found, expected = getattr(stored, name), getattr(replayed, name)
        if found != expected:
            yield Break(
                instance=stored.key,
                sequence=0,
                code="projection",
                problem=N_("the projection differs from the history"),
                found=f"{name}={found}",
                expected=f"{name}={expected}",
            )
    if dict(stored.facts) != dict(replayed.facts):
        names = {k for k, _ in set(_items(stored)) ^ set(_items(replayed))}
        yield Break(
            instance=stored.key,
            sequence=0,
            code="projection",
            problem=N_("the projection differs from the history"),
            found=f"facts: {', '.join(sorted(names))}",
        )


def _items(instance: Instance) -> Iterable[tuple[str, object]]:
    return instance.facts.items()


def _edge(instance: Instance, event: Event, machines: Machines) -> Break | None:
    if event.kind is Kind.AMENDED and "machine" in event.data:
        return _new_edition(instance, event, machines)
    if event.kind is not Kind.MOVED:
        return None
    if event.source != instance.state:
        return _broken(
            event,
            "edges",
            N_("it leaves a state in which it was not"),
            event.source,
            instance.state,
        )
    if event.edition != instance.edition:
        return _broken(
            event, "edition", N_("it is a move of another edition"), event.edition, instance.edition
        )
    move = machines(event.edition).edge(event.trigger, event.source)
    if move is None or move.target != event.target:
        return _broken(
            event,
            "not-an-edge",
            N_("its machine has no such move"),
            f"{event.source} -{event.trigger}-> {event.target}",
            move.target if move else "",
        )
    if instance.moved_at and event.occurred_at < instance.moved_at:
        return _broken(
            event,
            "backwards",
            N_("it took effect before the move before it"),
            event.occurred_at.isoformat(),
            instance.moved_at.isoformat(),
        )
    return None


def _new_edition(instance: Instance, event: Event, machines: Machines) -> Break | None:
    """Return what is wrong with an amendment that moves its instance to another edition."""
    left, entered, state = (str(event.data[name]) for name in ("from", "machine", "state"))
    if left != instance.edition:
        problem = N_("it amends another edition")
        return _broken(event, "edition", problem, left, instance.edition)
    workflow = machines(entered).workflow
    if workflow.name != instance.workflow or state not in workflow.states:
        problem = N_("the edition to which it is amended has no such state")
        return _broken(event, "edition", problem, f"{entered} {state}", instance.workflow)
    return None


def _broken(event: Event, code: str, problem: str, found: str, expected: str) -> Break:
    return Break(
        instance=event.instance,
        sequence=event.sequence,
        code=code,
        problem=problem,
        found=str(found),
        expected=str(expected),
    )
