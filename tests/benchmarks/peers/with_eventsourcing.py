"""eventsourcing: an aggregate per target, and many saved in one transaction, its documented way.

It has no deadlines: who is due is handed to it, which spares it the asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from tests.benchmarks.peers.work import compete

BATCH = 500
HERE = UUID(int=7)


class Goal(Aggregate):
    """A target, as this library would have one written."""

    @event("Opened")
    def __init__(self, number: int) -> None:
        """Begin published, as all do here."""
        self.number = number
        self.state = "published"

    @staticmethod
    def create_id(number: int) -> UUID:
        """Return the id that the number always has."""
        return uuid5(HERE, str(number))

    @event("Expired")
    def expire(self) -> None:
        """Move."""
        self.state = "overdue"


def _environment(database: str) -> dict[str, str]:
    if not database.startswith("postgresql"):
        return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": database}
    parts = urlsplit(database)
    places = parse_qs(parts.query)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.strip("/"),
        "POSTGRES_HOST": places["host"][0],
        "POSTGRES_PORT": places["port"][0],
        "POSTGRES_USER": parts.username or "",
        "POSTGRES_PASSWORD": "unused",
    }


class _Contender:
    def __init__(self, database: str, count: int) -> None:
        self._app: Application[UUID] = Application(env=_environment(database))
        self._due: list[int] = []
        self._moved = 0
        for first in range(1, count + 1, BATCH):
            some = range(first, min(first + BATCH, count + 1))
            self._app.save(*(Goal(number) for number in some))

    def arm(self, numbers: Sequence[int]) -> None:
        """Remember who is due."""
        self._due += numbers

    def carry_out(self) -> None:
        """Load, move and save them, so many in each transaction."""
        for first in range(0, len(self._due), BATCH):
            some = [self._goal(number) for number in self._due[first : first + BATCH]]
            for goal in some:
                goal.expire()
            self._app.save(*some)
            self._moved += len(some)

    def moved(self) -> int:
        """Return how many were saved."""
        return self._moved

    def one(self, number: int) -> None:
        """Load, move and save one."""
        goal = self._goal(number)
        goal.expire()
        self._app.save(goal)

    def _goal(self, number: int) -> Any:
        return self._app.repository.get(Goal.create_id(number))

    def close(self) -> None:
        """Close its connections."""
        self._app.close()


if __name__ == "__main__":
    compete(_Contender, ("eventsourcing",))
