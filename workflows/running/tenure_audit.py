"""Auditing tenures: who holds which post, as the office's events say and as it is stored.

Who may do what hangs on them, so one that was edited by hand is a forgery.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from engine.errors import N_
from engine.events import Event, Kind
from engine.ports import Reader, Tenure
from engine.replay import Break
from workflows import office


def audit_tenures(reader: Reader) -> Iterator[Break]:
    """Yield every tenure that is not what the office's events give."""
    events = reader.history(office.KEY) if reader.find(office.KEY) else ()
    expected = {t.event: t for t in tenures_of(events)}
    stored = {t.event: t for t in reader.tenures()}
    for position in sorted(expected.keys() | stored.keys()):
        found, wanted = stored.get(position), expected.get(position)
        if found != wanted:
            yield Break(
                instance=office.KEY,
                sequence=next((e.sequence for e in events if e.position == position), 0),
                code="tenure",
                problem=N_("a tenure is not what its event says"),
                found=_differing(found, wanted),
                expected=_differing(wanted, found),
            )


def tenures_of(events: Sequence[Event]) -> list[Tenure]:
    """Return the tenures that the events of the office lead to."""
    found: dict[int, Tenure] = {}
    for event in events:
        if event.kind is not Kind.TENURE:
            continue
        data = event.data
        until = data.get("until_before", data.get("until", ""))
        for earlier in data.get("ends", ()):
            if earlier in found:
                found[earlier] = replace(found[earlier], until=until)
        if "person" in data:
            found[event.position] = Tenure(
                body=data["body"],
                post=data["post"],
                person=data["person"],
                since=data["since"],
                until=data["until"],
                deputy=data["deputy"],
                event=event.position,
            )
    return list(found.values())


def _differing(one: Tenure | None, other: Tenure | None) -> str:
    if one is None:
        return "-"
    names = [f.name for f in fields(Tenure)]
    return ", ".join(
        f"{name}={getattr(one, name)}"
        for name in names
        if other is None or getattr(one, name) != getattr(other, name)
    )
