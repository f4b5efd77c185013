"""The pages hang together: links resolve, commands are shown, what promises name is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli import main
from tests.docs.sessions import ROOT

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
MADE = {"build", ".venv", ".hypothesis", ".pytest_cache", "node_modules"}
PAGES = [
    page
    for page in sorted(ROOT.rglob("*.md"))
    if not MADE & set(page.relative_to(ROOT).parts) and "egg-info" not in str(page)
]
WRITTEN = (
    "README",
    "concepts",
    "metrics",
    "operations",
    "promises",
    "reliability",
    "tutorial",
    "why",
)
OURS = [
    *DECISIONS,
    *(DOCS / f"{name}.md" for name in WRITTEN),
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
]

BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
PATH = re.compile(r"`((?:engine|workflows|adapters|tests|deploy|docs)/[\w./-]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return what links may name after ``#``: the headings as forges spell them."""
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for found in LINK.finditer(prose):
        target = found[1] or found[2]
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name_of(page)}: {target}"
        assert there.is_relative_to(ROOT), f"{name_of(page)}: {target} leaves the repository"
        assert not anchor or anchor in anchors(there), f"{name_of(page)}: {target}"


def commands(group: click.Group, before: str = "duban") -> Iterator[str]:
    """Yield every command as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}"


def test_every_command_is_shown_somewhere() -> None:
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "cli.md")
    assert isinstance(main, click.Group)
    missing = [typed for typed in commands(main) if not re.search(rf"{typed}\b", told)]
    assert missing == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem[:4])
def test_a_decision_is_one_page_with_five_headings(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Rejected",
        "Date",
    ]
    assert re.search(r"^\d{4}-\d\d-\d\d\n\Z", text, re.MULTILINE)
    assert text.startswith(f"# {int(page.stem[:4])}. ")
    assert len(text.splitlines()) <= 70


def test_every_decision_and_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = [p for p in DOCS.rglob("*.md") if p != DOCS / "README.md"]
    known_to_others = {"cli.md", "json.md"}  # generated beside their own tests
    missing = [
        name_of(p)
        for p in pages
        if str(p.relative_to(DOCS)) not in index and p.name not in known_to_others
    ]
    assert missing == []


def test_what_the_promises_name_is_there() -> None:
    text = (DOCS / "promises.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^## \d+\. ", text, re.MULTILINE)) == 11
    named = re.findall(r"`((?:\w+/)+\w+\.py)(?:::(\w+))?`", text)
    assert len(named) > 40
    for path, test in named:
        place = ROOT / path
        assert place.is_file(), path
        if test:
            tree = ast.parse(place.read_text(encoding="utf-8"))
            there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert test in there, f"{path}::{test}"


@pytest.mark.parametrize("page", OURS, ids=name_of)
def test_one_sentence_stands_on_each_line(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    lines = [
        re.sub(r"^\*\*[^*]+\*\* ?", "", line)  # a word or two that name a paragraph
        for line in prose.splitlines()
        if not line.startswith(("|", "-", "<")) and not re.match(r"\d+\. ", line)
    ]
    assert [line for line in lines if re.search(r"[a-z`)]\. [A-Z]", line)] == []
    assert [line for line in lines if re.search(r"。(?!）).", line)] == []


@pytest.mark.parametrize("page", OURS, ids=name_of)
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"/(?:work|home|root|tmp)/\w+", text) == []


def test_files_that_the_pages_name_are_there() -> None:
    for page in OURS:
        prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
        for path in PATH.findall(prose):
            assert (ROOT / path).exists(), f"{name_of(page)}: {path}"
