"""Bulk work: many small values at a time, none of which refers to another."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let Python look for no cycles meanwhile; for work that makes none, in pieces of known size.

    Every so many new values it would look through all that there are, a third
    of the time that sealing takes, and find nothing.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
