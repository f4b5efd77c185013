"""What the event of a move keeps of the kin that its guard read, so that replay needs no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.definition import Move
from engine.events import Instance
from engine.guards import reads_parent


def move_data(
    move: Move, parent: Instance | None, joined: Collection[str] | Mapping[str, int] = ()
) -> dict[str, Any]:
    """Return the data of the event of ``move``.

    ``unset`` lists the facts that it makes void. ``read`` tells what its guard
    read of others: of the parent, up to which event; of each join how many
    children were short, which must be none for the move to be made, and how
    many there were in all. A set-based move only names the joins.
    """
    data: dict[str, Any] = {"unset": list(move.clears)} if move.clears else {}
    read: dict[str, Any] = {}
    if parent is not None and reads_parent(move.guard):
        read["parent"] = parent.sequence
    if isinstance(joined, Mapping):
        read |= {"joined": {name: [0, joined[name]] for name in sorted(joined)}} if joined else {}
    elif joined:
        read["joined"] = sorted(joined)
    if read:
        data["read"] = read
    return data
