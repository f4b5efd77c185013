"""Each row of docs/plan-language/deadlines.md, run: the page cannot drift from the language."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.calendars import calendar_named
from workflows.deadlines import Absence, Context, Kind, occurrences, parse, resolve
from workflows.deadlines.rule import Recurring

PAGE = Path(__file__).parents[2] / "docs" / "plan-language" / "deadlines.md"
ROW = re.compile(r"^\| ([^|`]+) \| `([^|]+)` \| `([^|]+)` \| (\S+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
COLUMNS = 5
"""Strokes of a row with four columns; the table of other ways to write a date has fewer."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENTS = {
    "circular": datetime(2025, 1, 24, 9, tzinfo=SHANGHAI),
    "notice": datetime(2024, 1, 31, 9, tzinfo=SHANGHAI),
    "congress": datetime(2025, 2, 10, 9, tzinfo=SHANGHAI),
    "own:start": datetime(2024, 10, 8, 9, tzinfo=SHANGHAI),
}
PLAIN = Context(2024, calendar_named("china"))
STEPS = {"s4": resolve(parse("12-31"), PLAIN)}
CONTEXT = Context(
    2024,
    PLAIN.calendar,
    events=EVENTS.get,
    steps=STEPS.get,
    absences=(Absence(date(2024, 10, 10), date(2024, 10, 19)),),
)


def test_every_table_row_of_the_page_is_run() -> None:
    lines = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if "| `" in line and line.count("|") == COLUMNS
    ]
    assert len(ROWS) == len(lines) > 30


@pytest.mark.parametrize(("what", "english", "chinese", "expected"), ROWS)
def test_the_row(what: str, english: str, chinese: str, expected: str) -> None:
    rule = parse(english)
    assert parse(chinese) == rule, what
    if isinstance(rule.deadline, Recurring):
        assert occurrences(rule, CONTEXT)[0].last_day == date.fromisoformat(expected)
        return
    found = resolve(rule, CONTEXT)
    if found.last_day is None:
        assert found.kind == Kind(expected)
    else:
        assert found.last_day.isoformat() == expected
