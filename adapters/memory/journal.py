"""A dictionary that remembers what it held, so that a failed unit of work leaves nothing."""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypeVar

K = TypeVar("K")
V = TypeVar("V")

Journal: TypeAlias = list[tuple[str, Any, Any]]
"""Changes in order: the table, the key, and what stood there before; None for nothing."""


class Table(Generic[K, V]):
    """Frozen rows by key, each change journalled.

    A subclass keeps its indexes in `indexed`, which undoing calls as well as doing:
    an index has no other way to change.
    """

    def __init__(self, name: str, journal: Journal) -> None:
        """Start empty, writing changes to ``journal`` under ``name``."""
        self.name = name
        self.rows: dict[K, V] = {}
        self._journal = journal

    def put(self, key: K, row: V | None) -> None:
        """Keep ``row`` under ``key``; None removes what is there."""
        self._journal.append((self.name, key, self.rows.get(key)))
        self.restore(key, row)

    def restore(self, key: K, row: V | None) -> None:
        """Do what `put` does, without a word in the journal."""
        old = self.rows.get(key)
        if row is not None:
            self.rows[key] = row
        elif old is not None:
            del self.rows[key]
        self.indexed(key, old, row)

    def indexed(self, key: K, old: V | None, new: V | None) -> None:
        """Bring the indexes from ``old`` to ``new``; a plain table has none."""
