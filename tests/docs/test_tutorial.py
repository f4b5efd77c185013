"""docs/tutorial.md is true: its commands print what it shows, from the first to the last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.sessions import ROOT, agree, disagreement, played
from tests.postgres.databases import empty_database

NUMBER = re.compile(r"#\d+")
PAGE = ROOT / "docs" / "tutorial.md"


def numberless(lines: list[str]) -> list[str]:
    return [NUMBER.sub("#…", line) for line in lines]


def goes_as_shown(folder: Path, database: str = "") -> None:
    number = 0
    for command, printed in played(PAGE.read_text(encoding="utf-8"), folder, "en", database):
        number += 1
        shown, said = list(command.shown), printed
        if database:  # a server leaves out the numbers of what was rolled back
            shown, said = numberless(shown), numberless(printed)
        assert agree(shown, said), disagreement(PAGE, command, printed)
    assert number > 30


@pytest.mark.slow
def test_the_year_goes_as_shown(tmp_path: Path) -> None:
    goes_as_shown(tmp_path)


@pytest.mark.slow
def test_the_year_goes_the_same_way_on_a_server(tmp_path: Path) -> None:
    """Every command of the year prints on PostgreSQL what the page shows of a file."""
    with empty_database() as url:
        goes_as_shown(tmp_path, url)
