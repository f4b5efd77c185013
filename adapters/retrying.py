"""Trying again what a store could not finish: a few times, each after a longer and uneven pause."""

from __future__ import annotations

import random
from datetime import timedelta

ATTEMPTS = 6
"""How often the same is tried in all; the pauses between them come to some six seconds."""
FIRST_PAUSE = timedelta(seconds=0.1)
LONGEST_PAUSE = timedelta(seconds=10)


def pause_before(attempt: int) -> timedelta:
    """Return how long to wait before trying again, for the first time with ``attempt`` 0.

    Doubled each time, and differing by chance, so that those who were in each
    other's way do not meet again.
    """
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(attempt, 10), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - no secret
