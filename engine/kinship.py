"""What the event of a move keeps of the kin that its guard read, so that replay needs no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.definition import Move
from engine.events import Instance
from engine.guards import reads_parent


def move_data(move: Move, parent: Instance | None, joined: Sequence[str] = ()) -> dict[str, Any]:
    """Return the data of the event of ``move``.

    ``unset`` lists the facts that it makes void. ``read`` tells what its guard
    read of others: of the parent, up to which event; of the joins, that they
    held, which they must have for the move to be made.
    """
    data: dict[str, Any] = {"unset": list(move.clears)} if move.clears else {}
    read: dict[str, Any] = {}
    if parent is not None and reads_parent(move.guard):
        read["parent"] = parent.sequence
    if joined:
        read["joined"] = sorted(joined)
    if read:
        data["read"] = read
    return data
