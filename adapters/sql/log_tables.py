"""The tables of the log: leaves, nodes, checkpoints, and where these went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from adapters.sql.types import moment_column, table_of


class LeafRow(SQLModel, table=True):
    """An entry of the Merkle log: the hash of an event, a notice item or a settled notice."""

    __tablename__ = "leaf"
    __table_args__ = (UniqueConstraint("kind", "position"),)

    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    position: int
    hash: str


class LogNodeRow(SQLModel, table=True):
    """The hash of a whole subtree of the log, at every eighth level, so that proofs are quick."""

    __tablename__ = "log_node"

    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    index: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str


class LogEditionRow(SQLModel, table=True):
    """The number under which a plan, a machine or a calendar stands in the log."""

    __tablename__ = "log_edition"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(unique=True)


class CheckpointRow(SQLModel, table=True):
    """A signed size and root of the log."""

    __tablename__ = "checkpoint"

    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: str
    note: str = Field(sa_column=Column(Text, nullable=False))
    key: str
    hashing: str
    previous: int
    sealed_at: datetime = Field(sa_column=moment_column())
    last_event: int
    last_told: int


class CheckpointStampRow(SQLModel, table=True):
    """What a time-stamping authority said of a checkpoint (RFC 3161)."""

    __tablename__ = "checkpoint_stamp"

    size: int = Field(
        sa_column=Column(
            Integer, ForeignKey("checkpoint.size"), primary_key=True, autoincrement=False
        )
    )
    authority: str = Field(primary_key=True)
    token: str = Field(sa_column=Column(Text, nullable=False))
    received_at: datetime = Field(sa_column=moment_column())


class CheckpointPostRow(SQLModel, table=True):
    """Up to which checkpoint a place outside has been told, and what became of the last try."""

    __tablename__ = "checkpoint_post"

    destination: str = Field(primary_key=True)
    size: int
    sent_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    attempts: int
    next_attempt_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    last_error: str


LEAF = table_of(LeafRow)
LOG_NODE = table_of(LogNodeRow)
LOG_EDITION = table_of(LogEditionRow)
CHECKPOINT = table_of(CheckpointRow)
CHECKPOINT_STAMP = table_of(CheckpointStampRow)
CHECKPOINT_POST = table_of(CheckpointPostRow)
