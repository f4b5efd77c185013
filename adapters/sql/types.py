"""Column types that mean the same on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, Column, Dialect, String, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from engine.facts import to_moment, to_text

_WIDTH = 27
_MILLISECOND = timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware moment as fixed-width UTC text, which both databases order and print alike."""

    impl = String(_WIDTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write the moment; a naive one is refused."""
        return None if value is None else to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read the moment back.

        Raises:
            ValueError: that is not how a moment is written; another letter between day and hour
                would read the same and sort otherwise.

        """
        if value is None:
            return None
        moment = to_moment(value)
        if len(value) != _WIDTH or value[10] + value[19] + value[26] != "T.Z":
            raise ValueError(f"{value!r} is no moment as it is stored")
        return moment


class Span(TypeDecorator[timedelta]):
    """A length of time, in whole milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Write the length."""
        return None if value is None else value // _MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        """Read the length back."""
        return None if value is None else value * _MILLISECOND


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON that both databases can look into."""


Bytewise = String().with_variant(String(collation="C"), "postgresql")
"""Text that both databases compare byte by byte."""


def moment_column(*, nullable: bool = False, index: bool = False) -> Any:
    """Return the column of a moment."""
    return Column(Moment(), nullable=nullable, index=index)


def table_of(row: type[SQLModel]) -> Table:
    """Return the table that a row's class declares."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]  # SQLModel does not type it
