"""What is still to do of a large rung that has begun: ranges of keys, for whichever daemon comes.

Unsafe while the previous release still runs: it would put off a rung that has begun.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import adapters.sql.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing has begun in chunks yet."""
    op.create_table(
        "chunk",
        sa.Column("timer", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", adapters.sql.types.Bytewise, nullable=False),
        sa.Column("until", adapters.sql.types.Bytewise, nullable=False),
        sa.Column("begun_at", adapters.sql.types.Moment(), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["timer"], ["timer.id"]),
        sa.ForeignKeyConstraint(["cause"], ["event.position"]),
        sa.PrimaryKeyConstraint("timer", "number"),
    )
