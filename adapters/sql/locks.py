"""What only one unit does at a time on PostgreSQL; on SQLite a writing unit is alone anyway.

READ COMMITTED lets two units read the same and both act on it. So whoever
changes a cycle holds its row, whoever groups notices holds the outbox, and
each asks first and reads afterwards. Locks are taken in one order (office,
cycles in order of opening, outbox), so that nobody waits in a circle.

Those who each do a chunk of one timer hold the cycle's row together, and
with it keep out everybody else. None of them ever asks for more than that.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, func, select

from adapters.sql.prepared import Prepared
from adapters.sql.tables import INSTANCE

OUTBOX = 0x6475_6261_6E_01
"""Locks that belong to no row have numbers: "duban", and one more."""
SCHEMA = 0x6475_6261_6E_02
LOG = 0x6475_6261_6E_03

_ROW = select(INSTANCE.c.id).where(INSTANCE.c.key == bindparam("key"))
# Rows that refer to the cycle may be inserted meanwhile: that needs no more than its key.
HOLD = {
    wait: Prepared(_ROW.with_for_update(key_share=True, skip_locked=not wait))
    for wait in (True, False)
}
"""What locks the row of ``key``, with waiting and without."""
_SHARE = {
    wait: Prepared(_ROW.with_for_update(read=True, skip_locked=not wait)) for wait in (True, False)
}


def hold_row(connection: Connection, key: str, *, wait: bool, shared: bool = False) -> bool:
    """Lock the row of an instance until the transaction ends; return whether it is locked."""
    if connection.dialect.name == "sqlite":
        return True
    how = _SHARE if shared else HOLD
    return how[wait].scalar(connection, {"key": key}) is not None


def hold_number(connection: Connection, number: int) -> None:
    """Wait until nobody else holds ``number``, and hold it until the transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(number)))
