"""DBOS: a durable workflow per deadline, enqueued by its client, with one transactional step.

What is due waits in the queue before the application is launched; then its queue's threads take
it. Its tables and the targets' are in one database, so that a step and its record are one commit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbos import DBOS, DBOSClient, DBOSConfig, SQLAlchemyDatasource
from sqlalchemy import text

from tests.benchmarks.peers.work import MOVE, Targets, compete

QUEUE = "deadlines"
AT_ONCE = 10
"""Workflows at once on SQLite, where more only wait for each other; elsewhere as many as wish."""


class _Contender:
    def __init__(self, database: str, count: int) -> None:
        self._targets = Targets(database)
        self._targets.make(count)
        url = database.replace("postgresql:", "postgresql+psycopg:", 1)
        self._url = url if self._targets.served else f"sqlite:///{database}"
        source = SQLAlchemyDatasource.create(self._url)
        config = DBOSConfig(
            name="deadlines",
            system_database_url=self._url,
            log_level="ERROR",
            application_version="1",
        )
        DBOS(config=config)

        @source.transaction
        def move(number: int) -> None:
            for statement in MOVE:
                source.sql_session().execute(text(statement), {"id": number})

        @DBOS.workflow(name="expire")
        def expire(number: int) -> None:
            move(number)

        self._expire = expire
        DBOS.launch()  # makes its tables

    def arm(self, numbers: Sequence[int]) -> None:
        """Enqueue a workflow for each, while nobody takes any."""
        client = DBOSClient(system_database_url=self._url)
        for number in numbers:
            client.enqueue(
                {"queue_name": QUEUE, "workflow_name": "expire", "app_version": "1"}, number
            )
        client.destroy()

    def carry_out(self) -> None:
        """Let the application know of the queue."""
        most = None if self._targets.served else AT_ONCE
        DBOS.register_queue(QUEUE, worker_concurrency=most, polling_interval_sec=0.05)

    def moved(self) -> int:
        """Ask the tables."""
        return self._targets.moved()

    def one(self, number: int) -> None:
        """Call the workflow as a function: it is durable when it returns."""
        self._expire(number)

    def close(self) -> None:
        """Stop its threads."""
        DBOS.destroy(workflow_completion_timeout_sec=0)


if __name__ == "__main__":
    compete(_Contender, ("dbos", "SQLAlchemy"))
