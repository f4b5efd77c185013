"""The tables, whole from the first day (design.md section 4).

Columns with a default here have it from Python, never from the server: time
is always a bound parameter, and both databases must agree.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from adapters.sql import references
from adapters.sql.log_tables import CHECKPOINT, CHECKPOINT_STAMP, LEAF, LOG_EDITION, LOG_NODE
from adapters.sql.types import Bytewise, Json, Span, moment_column, table_of


class SettingRow(SQLModel, table=True):
    """A setting of this database, such as whether it is a trial."""

    __tablename__ = "setting"

    name: str = Field(primary_key=True)
    value: str


class PlanEditionRow(SQLModel, table=True):
    """A plan as it was published, by content hash; never changed."""

    __tablename__ = "plan_edition"

    edition: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    published_at: datetime = Field(sa_column=moment_column())


class WorkflowEditionRow(SQLModel, table=True):
    """A machine as it was published, by content hash; never changed."""

    __tablename__ = "workflow_edition"

    edition: str = Field(primary_key=True)
    name: str
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    published_at: datetime = Field(sa_column=moment_column())


class LegalMoveRow(SQLModel, table=True):
    """An edge of an edition; events reference it, so no other can be recorded."""

    __tablename__ = "legal_move"

    edition: str = Field(primary_key=True, foreign_key="workflow_edition.edition")
    trigger: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    forced: bool


class CalendarEditionRow(SQLModel, table=True):
    """A working calendar as it was used, by content hash; never changed."""

    __tablename__ = "calendar_edition"

    edition: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    published_at: datetime = Field(sa_column=moment_column())


class InstanceRow(SQLModel, table=True):
    """The projection of an instance: what the fold of its events gives."""

    __tablename__ = "instance"
    __table_args__ = (
        # With the key, so that the rows to move are found in their order, without sorting.
        Index("instance_by_cycle", "cycle_id", "workflow", "state", "key"),
        # Without the state, so that a move changes one index and not two.
        Index("instance_by_parent", "parent_id", "workflow"),
        Index("instance_by_key", "cycle_id", "workflow", "key"),
        # PostgreSQL writes every index anew when a row moves, so it has few and narrow ones.
        Index("instance_by_state", "cycle_id", "workflow", "state"),
        Index(
            "instance_is_cycle",
            "id",
            sqlite_where=text("plan IS NOT NULL"),
            postgresql_where=text("plan IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(sa_column=Column(Bytewise, nullable=False, unique=True))
    cycle_id: int | None = Field(default=None, foreign_key="instance.id")
    parent_id: int | None = Field(default=None, foreign_key="instance.id")
    workflow: str
    edition: str = Field(foreign_key="workflow_edition.edition")
    plan: str | None = Field(default=None, foreign_key="plan_edition.edition")
    state: str
    sequence: int
    owner: str = Field(sa_column=Column(Bytewise, nullable=False))
    origin: str
    lamp: str
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    moved_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))


class EventRow(SQLModel, table=True):
    """An event; the database refuses to change or delete it."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("instance_id", "sequence"),
        Index(
            "event_once_per_timer",
            "timer",
            "instance_id",
            "part",
            unique=True,
            sqlite_where=text("timer IS NOT NULL"),
            postgresql_where=text("timer IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["edition", "trigger", "source", "target"],
            ["legal_move.edition", "legal_move.trigger", "legal_move.source", "legal_move.target"],
            name="event_is_legal_move",
        ),
        CheckConstraint(
            "(edition IS NULL) = (trigger IS NULL) AND (edition IS NULL) = (source IS NULL)"
            " AND (edition IS NULL) = (target IS NULL)",
            name="event_move_is_whole",
        ),
        {"sqlite_autoincrement": True},
    )

    position: int | None = Field(default=None, primary_key=True)
    instance_id: int = Field(sa_column=Column(Integer, ForeignKey("instance.id"), nullable=False))
    sequence: int
    kind: str
    edition: str | None = None
    trigger: str | None = None
    source: str | None = None
    target: str | None = None
    actor: str
    acting_for: str
    authority: str
    occurred_at: datetime = Field(sa_column=moment_column())
    recorded_at: datetime = Field(sa_column=moment_column())
    cause: int | None = Field(default=None, foreign_key="event.position")
    timer: str | None = None
    part: str
    data: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class EventTextRow(SQLModel, table=True):
    """Free text and personal data of an event; the log covers its salted hash."""

    __tablename__ = "event_text"

    event: int = Field(primary_key=True, foreign_key="event.position")
    name: str = Field(primary_key=True)
    salt: str
    hash: str
    text: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class DeadlineRow(SQLModel, table=True):
    """The resolved date of a step: one row for all that share it, one more for each exception."""

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("cycle_id", "step", "occurrence", "instance_id", "version"),
        Index("deadline_by_instance", "instance_id"),
    )

    id: str = Field(primary_key=True)
    cycle_id: int = Field(foreign_key="instance.id")
    step: str
    occurrence: str
    instance_id: int | None = Field(default=None, foreign_key="instance.id")
    version: int
    current: bool
    rule: str
    resolution: str
    soft: bool
    opens_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    due_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    last_day: str | None = None
    calendar_edition: str
    waits_for: str
    reasons: list[Any] = Field(sa_column=Column(Json, nullable=False))
    event: int | None = None


class TimerRow(SQLModel, table=True):
    """A stored moment at which something happens once."""

    __tablename__ = "timer"
    __table_args__ = (Index("timer_due", "state", "fires_at"),)

    id: str = Field(primary_key=True)
    deadline: str = Field(foreign_key="deadline.id")
    cycle_id: int = Field(foreign_key="instance.id", index=True)
    rung: str
    fires_at: datetime = Field(sa_column=moment_column())
    state: str
    cursor: int
    attempts: int
    next_attempt_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    last_error: str


class ChunkRow(SQLModel, table=True):
    """A range of keys in which a timer that has begun is still to take effect; gone when done."""

    __tablename__ = "chunk"

    timer: str = Field(primary_key=True, foreign_key="timer.id")
    number: int = Field(primary_key=True)
    after: str = Field(sa_column=Column(Bytewise, nullable=False))
    until: str = Field(sa_column=Column(Bytewise, nullable=False))
    begun_at: datetime = Field(sa_column=moment_column())
    cause: int | None = Field(default=None, foreign_key="event.position")


class ExemptionRow(SQLModel, table=True):
    """A step that does not bind an instance as it binds the others: excused, suspended, closed."""

    __tablename__ = "exemption"

    instance_id: int = Field(primary_key=True, foreign_key="instance.id")
    step: str = Field(primary_key=True)
    kind: str
    event: int = Field(foreign_key="event.position")


class TenureRow(SQLModel, table=True):
    """Who holds a post, or deputises in it, from which day until which."""

    __tablename__ = "tenure"

    event: int = Field(primary_key=True, foreign_key="event.position")
    body: str
    post: str = Field(index=True)
    person: str = Field(index=True)
    since: str
    until: str
    deputy: bool


class NoticeRow(SQLModel, table=True):
    """A message on its way; which items it carries is fixed before it is first sent."""

    __tablename__ = "notice"
    __table_args__ = (Index("notice_due", "state", "next_attempt_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    recipient: str
    channel: str
    state: str
    created_at: datetime = Field(sa_column=moment_column())
    attempts: int
    next_attempt_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    sent_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    last_error: str


class NoticeItemRow(SQLModel, table=True):
    """One thing that one person is told, with the event that caused it."""

    __tablename__ = "notice_item"
    __table_args__ = (
        UniqueConstraint("event", "recipient", "channel"),
        Index("notice_item_pending", "notice", "recipient", "channel"),
    )

    id: int | None = Field(default=None, primary_key=True)
    event: int = Field(foreign_key="event.position")
    recipient: str
    channel: str
    about: list[Any] = Field(sa_column=Column(Json, nullable=False))
    held: bool
    notice: int | None = Field(default=None, foreign_key="notice.id")


class HeartbeatRow(SQLModel, table=True):
    """A daemon's last sign of life."""

    __tablename__ = "heartbeat"

    daemon: str = Field(primary_key=True)
    version: str
    started_at: datetime = Field(sa_column=moment_column())
    last_tick: datetime = Field(sa_column=moment_column())
    stopped_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    fired_at: datetime | None = Field(default=None, sa_column=moment_column(nullable=True))
    lag: timedelta | None = Field(default=None, sa_column=Column(Span(), nullable=True))
    skew: timedelta | None = Field(default=None, sa_column=Column(Span(), nullable=True))


SETTING = table_of(SettingRow)
PLAN_EDITION = table_of(PlanEditionRow)
WORKFLOW_EDITION = table_of(WorkflowEditionRow)
LEGAL_MOVE = table_of(LegalMoveRow)
CALENDAR_EDITION = table_of(CalendarEditionRow)
INSTANCE = table_of(InstanceRow)
EVENT = table_of(EventRow)
EVENT_TEXT = table_of(EventTextRow)
DEADLINE = table_of(DeadlineRow)
TIMER = table_of(TimerRow)
CHUNK = table_of(ChunkRow)
EXEMPTION = table_of(ExemptionRow)
TENURE = table_of(TenureRow)
NOTICE = table_of(NoticeRow)
NOTICE_ITEM = table_of(NoticeItemRow)
HEARTBEAT = table_of(HeartbeatRow)

HISTORY = (
    PLAN_EDITION,
    WORKFLOW_EDITION,
    LEGAL_MOVE,
    CALENDAR_EDITION,
    EVENT,
    LEAF,
    LOG_NODE,
    LOG_EDITION,
    CHECKPOINT,
    CHECKPOINT_STAMP,
)
"""What is append-only: the database refuses UPDATE and DELETE."""

ONLY_ON_SQLITE = ("instance_by_cycle", "instance_by_key", *references.ONLY_ON_SQLITE)
"""Indexes and foreign keys that PostgreSQL goes without."""

ONLY_ON_POSTGRESQL = ("instance_by_state",)

METADATA = SQLModel.metadata
