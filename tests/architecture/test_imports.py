"""Who may import whom, and a few more rules of layout, read from the source with `ast`."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("engine", "workflows", "adapters", "cli")
"""From the rules outward: each imports only what stands before it."""

HOMES = {
    "transitions": "engine/machine.py",
    "sqlalchemy": "adapters/sql/",
    "sqlmodel": "adapters/sql/",
    "alembic": "adapters/sql/",
    "apscheduler": "adapters/daemon.py",
    "prometheus_client": "adapters/monitoring/",
}
"""Where alone a dependency is imported, so that it can be understood and replaced there."""

WORLD = {"structlog", "logging", "sqlite3", "socket", "subprocess", "click", "rich"}
"""What the engine, which only decides, has no use for."""

CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "sqlalchemy.func.now",
    "sqlmodel.func.now",
    "time.time",
    "time.time_ns",
}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "core", "common", "base", "misc"}
LONGEST = 400


@dataclass(frozen=True)
class Module:
    """A Python file: its path from the root of the project, and what it says."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.path)

    @property
    def layer(self) -> str:
        """The first part of its path: a package, `cli` or `tests`."""
        return Path(self.path).parts[0].removesuffix(".py")

    @cached_property
    def imports(self) -> dict[str, int]:
        """Every module or name imported, in full, with its line."""
        package = Path(self.path).parts[:-1]
        found: dict[str, int] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found.update((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                parts = package[: len(package) + 1 - node.level] if node.level else ()
                origin = ".".join([*parts, *filter(None, [node.module])])
                found.update((f"{origin}.{alias.name}", node.lineno) for alias in node.names)
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """What each imported name stands for, in full."""
        meanings: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    meanings[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    meanings[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return meanings

    def meaning(self, node: ast.AST) -> str | None:
        """`dt.now` in full, where `dt` was imported: `datetime.datetime.now`."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.meaning(node.value)
            return owner and f"{owner}.{node.attr}"
        return None


Rule: TypeAlias = Callable[[Module], Iterator[str]]
"""Yields one sentence for each breach."""


def imports_only_inward(module: Module) -> Iterator[str]:
    """Hold `cli → adapters → workflows → engine`; nothing imports the tests."""
    if module.layer not in LAYERS:
        return
    outward = {*LAYERS[LAYERS.index(module.layer) + 1 :], "tests"}
    for name, line in module.imports.items():
        if name.partition(".")[0] in outward:
            yield f"line {line}: {module.layer} imports {name}, which stands further out"


def keeps_dependencies_at_home(module: Module) -> Iterator[str]:
    """Hold `HOMES`."""
    if module.layer not in LAYERS:
        return
    for name, line in module.imports.items():
        home = HOMES.get(name.partition(".")[0])
        if home and not module.path.startswith(home):
            yield f"line {line}: imports {name}, which belongs in {home}"


def engine_touches_no_world(module: Module) -> Iterator[str]:
    """Hold `WORLD`: no logger, no terminal, no database in the engine."""
    for name, line in module.imports.items():
        if module.layer == "engine" and name.partition(".")[0] in WORLD:
            yield f"line {line}: the engine imports {name}; leave that to adapters"


def reads_no_clock(module: Module) -> Iterator[str]:
    """Hold that the wall clock is read in one file; everything else is handed the moment."""
    if module.layer not in LAYERS or module.path == "engine/clock.py":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            meaning = module.meaning(node)
            if meaning in CLOCKS:
                yield f"line {node.lineno}: {meaning}; take the moment from the clock port"


def is_short(module: Module) -> Iterator[str]:
    """Hold `LONGEST`."""
    lines = len(module.source.splitlines())
    if lines > LONGEST:
        yield f"{lines} lines, more than {LONGEST}: is it still one thing?"


def says_what_it_is(module: Module) -> Iterator[str]:
    """Hold that each module opens with a docstring."""
    if not ast.get_docstring(module.tree):
        yield "no docstring: say in one sentence what it is for"


def has_a_telling_name(module: Module) -> Iterator[str]:
    """Hold `VAGUE`, for files and folders."""
    for part in Path(module.path).with_suffix("").parts:
        if part.strip("_") in VAGUE:
            yield f"{part!r} says nothing: name the thing that it holds"


RULES: tuple[Rule, ...] = (
    imports_only_inward,
    keeps_dependencies_at_home,
    engine_touches_no_world,
    reads_no_clock,
    is_short,
    says_what_it_is,
    has_a_telling_name,
)


def modules() -> Iterator[Module]:
    """Every Python file of the project; a package that is not there yet has none."""
    for name in (*LAYERS, "tests", "docs"):
        place = ROOT / name
        paths = [place.with_suffix(".py")] if name == "cli" else sorted(place.rglob("*.py"))
        for path in paths:
            if path.is_file():
                yield Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    breaches = [f"{module.path}: {breach}" for module in modules() for breach in rule(module)]
    assert not breaches, "\n" + "\n".join(breaches)


def test_the_rules_are_held_against_every_file() -> None:
    assert Path(__file__).relative_to(ROOT).as_posix() in {module.path for module in modules()}


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (imports_only_inward, "engine/service.py", "from workflows.cycle import CYCLE"),
        (imports_only_inward, "workflows/cycle.py", "import adapters.sql.store as store"),
        (imports_only_inward, "adapters/daemon.py", "def late():\n    from cli import main"),
        (imports_only_inward, "cli.py", "from tests.plans import toy"),
        (keeps_dependencies_at_home, "engine/replay.py", "from transitions import Machine"),
        (keeps_dependencies_at_home, "adapters/files.py", "import sqlalchemy.orm"),
        (keeps_dependencies_at_home, "adapters/sqlite.py", "from sqlmodel import Field"),
        (keeps_dependencies_at_home, "cli.py", "import apscheduler.events"),
        (engine_touches_no_world, "engine/service.py", "import structlog"),
        (reads_no_clock, "engine/service.py", "import datetime\ndatetime.datetime.now()"),
        (reads_no_clock, "workflows/dates.py", "from datetime import date as day\nday.today()"),
        (reads_no_clock, "adapters/daemon.py", "import time as t\nt.time()"),
        (reads_no_clock, "adapters/daemon.py", "from time import time\nstarted = time()"),
        (reads_no_clock, "adapters/sql/rows.py", "import sqlalchemy as sa\nsa.func.now()"),
        (reads_no_clock, "cli.py", "import datetime as dt\nfactory = dt.datetime.utcnow"),
        (is_short, "tests/unit/test_long.py", "x = 1\n" * 401),
        (says_what_it_is, "engine/clock.py", "# A comment is no docstring.\n"),
        (says_what_it_is, "adapters/__init__.py", ""),
        (has_a_telling_name, "adapters/sql/_utils.py", ""),
        (has_a_telling_name, "engine/common/dates.py", ""),
    ],
)
def test_each_rule_finds_its_breach(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module(path, source)))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("cli.py", '"""It."""\nfrom adapters.sql import store\nfrom engine import replay'),
        ("engine/machine.py", '"""It."""\nimport transitions\nfrom .clock import Clock'),
        ("engine/clock.py", '"""It."""\nfrom datetime import UTC, datetime\ndatetime.now(UTC)'),
        ("adapters/sql/store.py", '"""It."""\nfrom sqlalchemy import select'),
        ("engine/service.py", '"""It."""\ndef f(clock, datetime): clock.now(), datetime.now()'),
        ("tests/unit/test_it.py", '"""It."""\nimport time, sqlalchemy, adapters\ntime.time()'),
    ],
)
def test_no_rule_minds_what_is_right(path: str, source: str) -> None:
    module = Module(path, source)
    assert [breach for rule in RULES for breach in rule(module)] == []
