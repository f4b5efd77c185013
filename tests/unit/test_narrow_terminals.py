"""Tables on a narrow terminal: long names stay readable, whatever stands beside them."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from adapters.messages import translator
from adapters.terminal.screen import Screen

LATE = (
    "2026-11-25 Wed",
    "2 working days late",
    "group office (root)",
    "Report on the special inspection (sample)",
    "sample-late",
)


def shown(width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines of a table on a terminal of that width."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    screen = Screen(translator("en"))
    screen.terminal = True
    screen._console = Console(file=out, width=width, highlight=False)
    screen.table((), [LATE], indent=2)
    return out.getvalue().splitlines()


def test_a_name_is_not_broken_into_syllables(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(80, monkeypatch)
    assert len(lines) <= 4
    assert "2026-11-25 Wed" in lines[0], "a day stays whole"
    for word in ("Report", "special", "inspection", "(sample)"):
        assert any(word in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_where_there_is_room_all_stands_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = shown(130, monkeypatch)
    assert all(cell in line for cell in LATE)
