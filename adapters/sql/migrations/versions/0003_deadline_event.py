"""The event that set a deadline, so that it is known what was in force on any day.

Safe while the previous release still runs: yes, it adds a column that may be empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; deadlines that are there keep it empty."""
    op.add_column("deadline", sa.Column("event", sa.Integer(), nullable=True))
