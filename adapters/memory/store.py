"""The store in memory: one writer at a time, and views that stay as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock, get_ident

from adapters.memory.reader import MemoryReader
from adapters.memory.tables import Tables
from adapters.memory.unit import MemoryUnit
from engine.clock import Clock


class MemoryStore:
    """An `engine.ports.Store` without a database: for simulation, and as the reference.

    A unit changes the tables in place and undoes its journal on an error;
    only while somebody reads them does it work on a copy instead.
    """

    def __init__(self, clock: Clock) -> None:
        """Start empty; ``clock`` tells the moment of a reading."""
        self._clock = clock
        self._tables = Tables()
        self._lock = Lock()
        self._count = Lock()
        self._writer = 0

    @contextmanager
    def unit_of_work(self, now: datetime) -> Iterator[MemoryUnit]:
        """Open a unit at the moment ``now``: it commits on a clean exit, rolls back on an error."""
        if self._writer == get_ident():
            raise RuntimeError("a unit of work is open in this thread; it would wait for itself")
        with self._lock:
            self._writer = get_ident()
            tables = self._tables.copy() if self._tables.readers else self._tables
            try:
                yield MemoryUnit(tables, now)
            except BaseException:
                tables.undo()
                raise
            else:
                tables.journal.clear()
                self._tables = tables
            finally:
                self._writer = 0

    @contextmanager
    def reading(self) -> Iterator[MemoryReader]:
        """Open a consistent view for reading; within a unit, of what stood before it."""
        if self._writer == get_ident():
            tables = self._tables.copy()
            tables.undo()
            yield MemoryReader(tables, self._clock.now())
            return
        with self._lock:
            tables = self._tables
            with self._count:
                tables.readers += 1
        try:
            yield MemoryReader(tables, self._clock.now())
        finally:
            with self._count:
                tables.readers -= 1
