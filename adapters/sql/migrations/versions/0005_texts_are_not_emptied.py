"""Let PostgreSQL refuse to empty the table of texts at once, as it refuses to delete one.

Safe while the previous release still runs: it never empties a table.
"""

from __future__ import annotations

from alembic import op

from adapters.sql.history_triggers import POSTGRESQL_KEEPS_TEXTS

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the trigger; SQLite knows no TRUNCATE."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_KEEPS_TEXTS)
