"""The pages on the plan language are true: their example runs, their keys and codes are all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workflows.plan.check import check_file
from workflows.plan.codes import CODES
from workflows.plan.element import Element
from workflows.plan.read_guards import KEYS
from workflows.roles import ROLES

PAGES = Path(__file__).parents[2] / "docs" / "plan-language"
README = (PAGES / "README.md").read_text(encoding="utf-8")
DIAGNOSTICS = (PAGES / "diagnostics.md").read_text(encoding="utf-8")


BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
PROSE = BLOCK.sub("", README)


def example() -> str:
    (block,) = BLOCK.findall(README)
    return str(block)


def test_the_example_is_a_sound_plan() -> None:
    reading = check_file(example().encode())
    assert [(d.line, d.message) for d in reading.diagnostics] == []
    assert reading.plan is not None


def test_every_key_that_is_read_is_explained_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()
    close = Element.close

    def noting(self: Element) -> None:
        close(self)
        if self.what not in {"facts", "values", "events"}:  # there the plan chooses the keys
            asked.update((self.what, key) for key in self._asked)

    monkeypatch.setattr(Element, "close", noting)
    check_file(example().encode())
    named = {
        word for quoted in re.findall(r"`([^`]+)`", PROSE) for word in re.findall(r"\w+", quoted)
    }
    shown = set(re.findall(r"([a-z_]+):", example()))
    assert len(asked) > 80
    assert sorted(key for _, key in asked if key not in named) == []
    unshown = {"assignment", "finding", "target"}  # the machines that it keeps
    assert {key for _, key in asked} - shown <= {*unshown, "fires", "extended_by"}


def test_every_condition_and_role_is_explained() -> None:
    assert [word for word in (*KEYS, *ROLES) if f"`{word}`" not in README] == []


def test_the_table_of_codes_is_the_one_in_the_code() -> None:
    rows = re.findall(r"^\| (P\d{3}) \| (\w+) \| (.*?)(?: †)? \|$", DIAGNOSTICS, re.MULTILINE)
    assert rows == [(code, str(kind.severity), kind.template) for code, kind in CODES.items()]


def test_one_sentence_stands_on_each_line() -> None:
    lines = [line for line in PROSE.splitlines() if not line.startswith("|")]
    assert [line for line in lines if re.search(r"[a-z`)]\. [A-Z]", line)] == []
