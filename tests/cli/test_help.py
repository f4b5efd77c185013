"""Help: of every command, in both languages, quickly."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from adapters.commands.lazy import LazyGroup
from adapters.commands.table import TABLE
from cli import main
from tests.cli.office import Office

ROOT = Path(__file__).parents[2]
COMMANDS = [name for part in TABLE.values() for name in part]
HEAVY = ("sqlalchemy", "alembic", "rich", "lark", "apscheduler", "structlog", "ruamel", "babel")


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stderr == "[]\n"
    assert "督办" in ran.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_under_its_name(name: str) -> None:
    assert isinstance(main, LazyGroup)
    entry = main.entries[name]
    module = import_module(f"adapters.commands.{entry.module}")
    command = getattr(module, entry.attribute)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_its_options(
    name: str, language: str, tmp_path: Path
) -> None:
    office = Office(tmp_path / "none.db", language=language)
    usage = {"en": "Usage", "zh": "用法"}[language]
    assert office.does(name, "--help").startswith(f"{usage}: main {name}")
    command = main.get_command(click.Context(main), name)
    assert command is not None
    parts = [command]
    if isinstance(command, click.Group):
        parts += command.commands.values()
    for part in parts:
        assert part.help
        for parameter in part.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"
    assert not (tmp_path / "none.db").exists()


def test_help_speaks_chinese_where_it_is_asked_to(tmp_path: Path) -> None:
    office = Office(tmp_path / "none.db", language="zh")
    assert "年度" in office.does("--help")
    assert "方案" in office.does("open", "--help")
    assert "显示本说明并退出。" in office.does("open", "--help")
    assert office.wrong("open", language="zh") == "错误: 缺少参数“PLAN”。"


def test_a_misspelt_command_names_the_one_that_was_meant(tmp_path: Path) -> None:
    office = Office(tmp_path / "none.db")
    assert office.wrong("stats") == ("Error: There is no command stats. Did you mean: status?")
    assert office.wrong("nosuch") == "Error: There is no command nosuch."
