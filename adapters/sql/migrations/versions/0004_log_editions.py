"""Numbers for editions in the log: their names are text, and leaves are numbered.

Safe while the previous release still runs: it does not know the table.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from adapters.sql.history_triggers import LOG_EDITIONS, postgresql_refusals, sqlite_refusals

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "log_edition",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("name"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in sqlite_refusals(LOG_EDITIONS) if sqlite else postgresql_refusals(LOG_EDITIONS):
        op.execute(statement)
