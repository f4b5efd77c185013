"""Facts: what may be stored, and the texts of days and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadFact, BadText, EngineError
from engine.facts import (
    LARGEST_INTEGER,
    LONGEST_TEXT,
    NO_FACTS,
    FactType,
    checked,
    clean_text,
    to_moment,
    to_text,
)

SHANGHAI = timezone(timedelta(hours=8))
NOON = datetime(2024, 7, 10, 12, tzinfo=UTC)
moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(  # noqa: DTZ001 - made aware below
    lambda naive: naive.replace(tzinfo=SHANGHAI)
)


@pytest.mark.parametrize(
    ("kind", "given_", "stored"),
    [
        (FactType.BOOLEAN, True, True),
        (FactType.BOOLEAN, False, False),
        (FactType.INTEGER, 0, 0),
        (FactType.INTEGER, LARGEST_INTEGER, 9007199254740991),
        (FactType.INTEGER, -LARGEST_INTEGER, -9007199254740991),
        (FactType.DAY, date(2024, 2, 29), "2024-02-29"),
        (FactType.DAY, date(987, 1, 2), "0987-01-02"),
        (FactType.DAY, "2024-02-29", "2024-02-29"),
        (FactType.MOMENT, NOON, "2024-07-10T12:00:00.000000Z"),
        (FactType.MOMENT, NOON.astimezone(SHANGHAI), "2024-07-10T12:00:00.000000Z"),
        (FactType.MOMENT, "2024-07-10T12:00:00.000000Z", "2024-07-10T12:00:00.000000Z"),
        (FactType.TEXT, "", ""),
        (FactType.TEXT, " 优秀\n", "优秀"),
        (FactType.TEXT, "x" * LONGEST_TEXT, "x" * 4000),
    ],
)
def test_a_value_of_its_type_is_stored(kind: FactType, given_: object, stored: object) -> None:
    value = checked("f", kind, given_)
    assert (value, type(value)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FactType.BOOLEAN, 1),
        (FactType.BOOLEAN, "true"),
        (FactType.INTEGER, True),
        (FactType.INTEGER, 1.0),
        (FactType.INTEGER, "1"),
        (FactType.INTEGER, LARGEST_INTEGER + 1),
        (FactType.INTEGER, -LARGEST_INTEGER - 1),
        (FactType.DAY, NOON),
        (FactType.DAY, "2024-02-30"),
        (FactType.DAY, "20240229"),
        (FactType.DAY, "2024-W01-1"),
        (FactType.DAY, 20240229),
        (FactType.MOMENT, NOON.replace(tzinfo=None)),
        (FactType.MOMENT, date(2024, 7, 10)),
        (FactType.MOMENT, "2024-07-10"),
        (FactType.MOMENT, "2024-07-10T12:00:00Z"),
        (FactType.MOMENT, "2024-07-10T12:00:00.000000+08:00"),
        (FactType.MOMENT, "2024-99-99T99:99:99.000000Z"),
        (FactType.MOMENT, "٢٠٢٤-07-10T12:00:00.000000Z"),
        (FactType.TEXT, None),
        (FactType.TEXT, 1),
    ],
)
def test_any_other_value_is_refused(kind: FactType, value: object) -> None:
    with pytest.raises(BadFact) as refusal:
        checked("f", kind, value)
    assert refusal.value.values["fact"] == "f"
    assert refusal.value.values["value"] == repr(value)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * (LONGEST_TEXT + 1)])
def test_text_that_no_database_keeps_is_refused(text: str) -> None:
    with pytest.raises(BadText) as refusal:
        checked("f", FactType.TEXT, text)
    assert refusal.value.values["field"] == "f"
    assert isinstance(refusal.value, EngineError)


def test_each_refusal_of_text_says_why() -> None:
    problems = set()
    for text in ("a\0b", "\ud800", "abc"):
        with pytest.raises(BadText) as refusal:
            clean_text("note", text, longest=2)
        problems.add(refusal.value.values["problem"])
    assert len(problems) == 3


def test_the_limit_of_a_text_counts_what_is_kept() -> None:
    assert clean_text("note", "  ab  ", longest=2) == "ab"


def test_a_naive_moment_has_no_text() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        to_text(datetime(2024, 7, 10))  # noqa: DTZ001 - the subject


def test_early_years_keep_their_zeros() -> None:
    early = datetime(987, 1, 2, tzinfo=UTC)
    assert to_text(early) == "0987-01-02T00:00:00.000000Z"
    assert to_moment(to_text(early)) == early


@given(moments)
def test_a_moment_comes_back_from_its_text(moment: datetime) -> None:
    assert to_moment(to_text(moment)) == moment
    assert to_moment(to_text(moment)).tzinfo is UTC
    assert checked("f", FactType.MOMENT, to_text(moment)) == to_text(moment)


@given(moments, moments)
def test_texts_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) is (one < other)


def test_no_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        NO_FACTS["score"] = 1  # type: ignore[index]
