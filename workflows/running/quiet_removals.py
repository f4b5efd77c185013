"""Texts that are gone without a word: the one change to history that the database would allow."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import N_
from engine.events import Kind
from engine.ports import Reader
from engine.replay import Break


def quiet_removals(reader: Reader, cycle: str = "") -> Iterator[Break]:
    """Yield a break for every text that is gone and that no event says was removed by law."""
    gone = reader.removed_texts(cycle)
    if not gone:
        return
    said = {
        (event.data.get("event"), name)
        for event in reader.recorded([Kind.REDACTED])
        for name in event.data.get("texts", ())
    }
    for position, name in gone:
        event = reader.event(position)
        if (position, name) not in said and event is not None:
            yield Break(
                instance=event.instance,
                sequence=event.sequence,
                code="text-gone",
                problem=N_("a text is gone, and no event says that it was removed by law"),
                found=name,
            )
