"""Numbers of events: no leaf holds them, so they have to follow the order of the log."""

from __future__ import annotations

from bisect import bisect_right

from adapters.bundle.verifier.seals import SealedLog
from adapters.bundle.verifier.trouble import Bad


def require_numbers(log: SealedLog, numbers: dict[int, int]) -> None:
    """Make sure that what one checkpoint sealed is numbered in the order of its leaves.

    Between two checkpoints it need not be: of two who write at once on a
    server, the one with the lower number may be done later.
    """
    sizes = [seal.note.size for seal in log.seals]
    begins = [_after(seal.note.text) for seal in log.seals]
    part, last = -1, 0
    for index, number in sorted((index, n) for n, index in numbers.items() if index >= 0):
        mine = bisect_right(sizes, index)
        if mine == len(sizes) or index < begins[mine]:
            continue  # beyond the log, which `SealedLog` says; or of a checkpoint that is not here
        if mine == part and number <= last:
            raise Bad(f"leaf {index}", "number-order", f"#{number}")
        part, last = mine, number


def _after(text: str) -> int:
    """Return the size of the checkpoint before, as the signed text has it."""
    for line in text.split("\n")[3:]:
        word, _, size = line.partition(" ")
        if word == "after" and size.isascii() and size.isdigit() and len(size) < 20:  # noqa: PLR2004 - digits of any log
            return int(size)
    return 0
