"""docs/cli.md says what the commands say of themselves."""

from __future__ import annotations

from pathlib import Path

from adapters.commands.lazy import LazyGroup
from adapters.commands.page import page
from cli import main

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    assert isinstance(main, LazyGroup)
    assert PAGE.read_text(encoding="utf-8") == page(main), "write it anew: make docs"


def test_the_page_tells_of_every_command() -> None:
    assert isinstance(main, LazyGroup)
    text = page(main)
    for name in main.entries:
        assert f"\n### duban {name}\n" in text
    for name in ("post assign", "target add", "finding raise", "clock set"):
        assert f"\n#### duban {name}\n" in text
