"""README.md and README.zh-CN.md are true: their session, their picture, their list of folders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from adapters.messages import Language, Translator
from engine.diagram import svg
from engine.machine import Machine
from tests.docs.sessions import ROOT, agree, disagreement, language_of, played
from workflows.cycle import cycle

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PICTURES = {"en": ROOT / "docs" / "year.svg", "zh": ROOT / "docs" / "year.zh-CN.svg"}


def first_sentence(module: Path) -> str:
    """Return the first sentence of a module's docstring, without its full stop."""
    documented = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert documented, f"{module} says nothing about itself"
    return " ".join(documented.partition("\n\n")[0].split()).removesuffix(".")


@pytest.mark.slow
@pytest.mark.parametrize("path", READMES, ids=language_of)
def test_the_first_five_minutes_are_as_shown(path: Path, tmp_path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    number = 0
    for command, printed in played(page, tmp_path, language_of(path)):
        number += 1
        assert agree(command.shown, printed), disagreement(path, command, printed)
    assert number > 5


def test_both_languages_show_the_same_session() -> None:
    typed = [
        re.findall(r"^\$ (?!export)(.*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in READMES
    ]
    assert typed[0] == typed[1]


@pytest.mark.parametrize("language", PICTURES)
def test_the_picture_of_the_year_is_drawn_from_the_machine(language: Language) -> None:
    drawn = svg(Machine(cycle()), label=Translator(language).label)
    assert PICTURES[language].read_text(encoding="utf-8") == drawn, (
        f"draw it anew: duban --lang {language} diagram cycle --format svg"
    )
    assert f"docs/{PICTURES[language].name}" in READMES[language == "zh"].read_text("utf-8")


def test_the_list_of_folders_is_what_the_modules_say() -> None:
    page = READMES[0].read_text(encoding="utf-8")
    listed = dict(re.findall(r"^((?:\w+/)*\w+(?:/|\.py)) {2,}(\S.*)$", page, re.MULTILINE))
    packages = [ROOT / "cli.py"] + [
        init
        for root in ("engine", "workflows", "adapters")
        for init in sorted((ROOT / root).rglob("__init__.py"))
    ]
    names = (
        p.name if p.name == "cli.py" else f"{p.parent.relative_to(ROOT).as_posix()}/"
        for p in packages
    )
    said = dict(zip(names, map(first_sentence, packages), strict=True))
    left_out = {"adapters/sql/migrations/"}
    assert {name: text for name, text in listed.items() if name in said} == {
        name: text for name, text in said.items() if name not in left_out
    }
    folders = {name for name in listed if name not in said}
    assert all((ROOT / name).exists() for name in folders)
