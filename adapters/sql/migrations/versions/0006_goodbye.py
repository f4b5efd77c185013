"""A daemon that stops says so: when it said goodbye.

Safe while the previous release still runs: it leaves the new column empty, and never reads it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import adapters.sql.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("heartbeat", sa.Column("stopped_at", adapters.sql.types.Moment(), nullable=True))
