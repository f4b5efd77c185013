"""The log as it is sealed: leaves of several kinds, its nodes, whole notes, stamps, deliveries.

Safe while the previous release still runs: it never touches these tables, which were empty.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

import adapters.sql.types
from adapters.sql.history_triggers import LOG, postgresql_refusals, sqlite_refusals

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the log anew; nothing had been sealed."""
    op.drop_table("leaf")
    op.drop_table("checkpoint")
    op.create_table(
        "leaf",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
        sa.UniqueConstraint("kind", "position"),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hashing", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=False),
        sa.Column("sealed_at", adapters.sql.types.Moment(length=27), nullable=False),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.Column("last_told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "checkpoint_stamp",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("authority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("received_at", adapters.sql.types.Moment(length=27), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoint.size"]),
        sa.PrimaryKeyConstraint("size", "authority"),
    )
    op.create_table(
        "checkpoint_post",
        sa.Column("destination", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sent_at", adapters.sql.types.Moment(length=27), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", adapters.sql.types.Moment(length=27), nullable=True),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("destination"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in sqlite_refusals(LOG) if sqlite else postgresql_refusals(LOG):
        op.execute(statement)
