"""docs/tutorial.md is true: its commands print what it shows, from the first to the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.sessions import ROOT, agree, disagreement, played

PAGE = ROOT / "docs" / "tutorial.md"


@pytest.mark.slow
def test_the_year_goes_as_shown(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    number = 0
    for command, printed in played(page, tmp_path, "en"):
        number += 1
        assert agree(command.shown, printed), disagreement(PAGE, command, printed)
    assert number > 30
