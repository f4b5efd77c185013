"""The page on notices is true: its channels file can be used, its figures are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.messages import translator
from adapters.notify.configuration import read_configuration
from adapters.notify.kinds import MAKERS
from adapters.outbox import MOST_ATTEMPTS
from tests.unit.plan_samples import QUIET, SOUND
from workflows.plan.check import check_file
from workflows.plan.wording import FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "notices.md").read_text(encoding="utf-8")


def test_the_channels_file_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, block = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    for name in re.findall(r"\$\{(\w+)\}", block):
        monkeypatch.setenv(name, "secret")
    file = tmp_path / "duban.db.channels.yaml"
    file.write_text(block, encoding="utf-8")
    secret = tmp_path / "oa.secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    found = read_configuration(file)
    assert list(found.channels_of("post:group-office")) == ["email"]
    assert list(found.channels_of("wang")) == ["log"]
    assert sorted(found.open(translator("en"))) == [
        *("ding", "drop", "email", "fei", "group", "log", "oa")
    ]


def test_the_templates_are_sound_and_their_fields_all_there() -> None:
    block, _ = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    text = SOUND.replace(QUIET, f"{block}{QUIET}")
    assert [d.message for d in check_file(text.encode()).diagnostics] == []
    rows = {
        key: set(re.findall(r"`(\w+)`", fields))
        for keys, fields in re.findall(
            r"^\| (`(?:subject|overdue|coming|matter)`[^|]*) \| [^|]* \| (.*) \|$",
            PAGE,
            re.MULTILINE,
        )
        for key in re.findall(r"\w+", keys)
    }
    assert rows == {key: set(FIELDS[key]) for key in rows}
    assert sorted(rows) == ["coming", "matter", "overdue", "subject"]


def test_every_kind_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .*? \| [A-Z]", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(MAKERS)


def test_how_often_it_is_tried_is_what_the_code_does() -> None:
    assert f"It was tried {MOST_ATTEMPTS} times" in PAGE
