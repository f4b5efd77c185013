"""A daemon says when it last fired, how late that was, and how far off its host's clock is.

Safe while the previous release still runs: it leaves the new columns empty, and never reads them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import adapters.sql.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("heartbeat", sa.Column("fired_at", adapters.sql.types.Moment(), nullable=True))
    op.add_column("heartbeat", sa.Column("lag", adapters.sql.types.Span(), nullable=True))
    op.add_column("heartbeat", sa.Column("skew", adapters.sql.types.Span(), nullable=True))
