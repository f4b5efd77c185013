"""Wakening: who commits something that is due, or tells somebody, wakes the daemons that sleep.

PostgreSQL delivers a notification when its transaction is durable, and only
then. It is a courtesy: a daemon that misses one finds the work at its next look.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from adapters.retrying import pause_before

CHANNEL = "duban"
LOOK_SECONDS = 1.0
"""How often a listener looks whether it is to stop."""


def wake(connection: Connection) -> None:
    """Wake every daemon on this database once the transaction is durable."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


def listen(database: Engine, woken: Callable[[], None], stopped: Event) -> None:
    """Call ``woken`` whenever somebody wakes the daemons, until ``stopped``.

    A connection that breaks is made anew, and counts as a call: something may
    have been missed meanwhile.
    """
    attempt = 0
    while database.dialect.name == "postgresql" and not stopped.is_set():
        try:
            _listen_once(database, woken, stopped)
            attempt = 0
        except Exception as error:  # noqa: BLE001 - logged, and tried again
            if not _is_of_connection(error):
                import structlog  # noqa: PLC0415 - only daemons log; others need not load it

                structlog.get_logger(__name__).exception("listening.failed")
            stopped.wait(pause_before(attempt).total_seconds())
            attempt += 1


def _listen_once(database: Engine, woken: Callable[[], None], stopped: Event) -> None:
    pooled = database.raw_connection()
    connection: Any = pooled.driver_connection
    pooled.detach()  # listening takes a connection for itself
    try:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        woken()
        while not stopped.is_set():
            if any(True for _ in connection.notifies(timeout=LOOK_SECONDS, stop_after=1)):
                woken()
    finally:
        connection.close()


def _is_of_connection(error: Exception) -> bool:
    return isinstance(error, DBAPIError | OSError) or type(error).__module__.startswith("psycopg")
