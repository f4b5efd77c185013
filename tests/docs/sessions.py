"""Sessions in pages: what stands in ``console`` blocks is played and must print what is shown.

    python -m tests.docs.sessions README.md docs/tutorial.md

plays the named pages and writes what was printed into them; read the
difference before you commit it. A line with nothing but ``…`` stands for any
number of lines that the page leaves out. Where there is one, as many lines
before and after it are written anew; where there are several, a person mends it.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import structlog
from click.testing import CliRunner

from adapters.commands.session import Session
from adapters.sql.database import connect, writing
from cli import main

ROOT = Path(__file__).parents[2]
ACCOUNT = "admin"
"""Stands for the account of whoever reads the page."""
REST = "…"

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INTO = re.compile(r"cat > (\S+) <<'(\w+)'")
_LOOP = re.compile(r"for (\w+) in ([\w .-]+); do\s+(.*?);?\s+done", re.DOTALL)


FILE = "duban.db"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, with what the page says it prints."""

    line: int
    """Where it stands in the page."""
    typed: str
    shown: tuple[str, ...]


@dataclass(slots=True)
class Terminal:
    """A terminal in ``folder``: plays commands and remembers the last one's exit status."""

    folder: Path
    environment: dict[str, str]
    status: int = 0

    def play(self, typed: str) -> list[str]:
        """Return the lines that a command prints."""
        first = typed.split("\n", maxsplit=1)[0]
        if into := _INTO.fullmatch(first):
            text = typed.partition("\n")[2].removesuffix(into[2])
            (self.folder / into[1]).write_text(text, encoding="utf-8")
            return []
        if loop := _LOOP.fullmatch(typed):
            rounds = (loop[3].replace(f"${loop[1]}", value) for value in loop[2].split())
            return [line for once in rounds for line in self.play(once)]
        words = shlex.split(typed.replace("\\\n", " "))
        if words[:1] == ["export"]:
            name, _, value = words[1].partition("=")
            self.environment[name] = value
            return []
        if words == ["echo", "$?"]:
            return [str(self.status)]
        if words[:1] == ["sqlite3"]:
            engine = connect(self.environment["DUBAN_DATABASE"] or str(self.folder / words[1]))
            with writing(engine) as connection:
                connection.exec_driver_sql(words[2])
            engine.dispose()
            return []
        account, log = ACCOUNT, ""
        if words[:2] == ["sudo", "-u"]:
            account, words = words[2], words[3:]
        if words[:1] != ["duban"]:
            raise ValueError(f"the pages have no other commands than those above: {typed}")
        if words[-1] == "2>&1":
            words, log = words[:-2], words[-2].removeprefix(">")
        said = self._duban(words[1:], account)
        if not log:
            return said
        (self.folder / log).write_text("\n".join(said), encoding="utf-8")
        return []

    def _duban(self, arguments: list[str], account: str) -> list[str]:
        output = CliRunner().invoke(
            main,
            arguments,
            obj=Session(account=account),
            env=self.environment,
            prog_name="duban",
            standalone_mode=True,
        )
        structlog.reset_defaults()
        if output.exception and not isinstance(output.exception, SystemExit):
            raise output.exception
        self.status = output.exit_code
        return output.output.rstrip("\n").split("\n") if output.output.strip() else []


def commands(page: str) -> Iterator[Command]:
    """Yield the commands of a page, in order."""
    for block in _BLOCK.finditer(page):
        line = page.count("\n", 0, block.start(1)) + 1
        yield from _commands(block[1].splitlines(), line)


def _commands(lines: list[str], first: int) -> Iterator[Command]:
    typed: list[str] = []
    shown: list[str] = []
    start, end = first, ""
    for number, text in enumerate(lines, start=first):
        if end:
            typed.append(text)
            end = "" if text.strip() == end else end
        elif typed and typed[-1].endswith("\\"):
            typed.append(text)
        elif text.startswith("$ "):
            if typed:
                yield Command(start, "\n".join(typed), tuple(shown))
            typed, shown, start = [text.removeprefix("$ ")], [], number
            into = _INTO.fullmatch(typed[0])
            end = into[2] if into else "done" if text.endswith("; do") else ""
        else:
            shown.append(text)
    if typed:
        yield Command(start, "\n".join(typed), tuple(shown))


def played(
    page: str, folder: Path, language: str, database: str = ""
) -> Iterator[tuple[Command, list[str]]]:
    """Play a page in ``folder`` and yield each command with what it really printed.

    A ``database`` on a server stands in for the file that the page names.
    """
    (folder / "workflows").symlink_to(ROOT / "workflows")
    blank = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "LANG", "DUBAN_DATABASE"), "")
    terminal = Terminal(folder, {**blank, "DUBAN_LANG": language, "TZ": "Asia/Shanghai"})
    if database:
        beside = {"DUBAN_KEY_FILE": f"{FILE}.key", "DUBAN_EVIDENCE": f"{FILE}.files"}
        terminal.environment.update(beside, DUBAN_DATABASE=database)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for command in commands(page):
            printed = terminal.play(command.typed)
            yield command, [line.replace(database or FILE, FILE) for line in printed]
    finally:
        os.chdir(before)


def agree(shown: tuple[str, ...] | list[str], printed: list[str]) -> bool:
    """Return whether a page shows what was printed; ``…`` stands for any lines.

    >>> agree(("a", "…", "d"), ["a", "b", "c", "d"]), agree(("a", "…"), ["b"])
    (True, False)
    """
    if REST not in shown:
        return [line.rstrip() for line in shown] == [line.rstrip() for line in printed]
    pattern = "".join(
        r"(?:.*\n)*" if line == REST else re.escape(line.rstrip()) + r"[ ]*\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def disagreement(path: Path, command: Command, printed: list[str]) -> str:
    """Return what to say of a command that printed something else."""
    place = path.relative_to(ROOT)
    said = "\n".join(printed)
    return (
        f"{place}:{command.line} prints otherwise (python -m tests.docs.sessions {place}):\n{said}"
    )


def language_of(path: Path) -> str:
    """Return the language in which a page speaks."""
    return "zh" if ".zh-" in path.name else "en"


def rewritten(page: str, language: str) -> tuple[str, list[str]]:
    """Return a page with what its commands print now, and the commands left to a person."""
    answers: Mapping[int, tuple[Command, list[str]]]
    with tempfile.TemporaryDirectory() as folder:
        answers = {c.line: (c, said) for c, said in played(page, Path(folder), language)}
    lines, left = page.splitlines(), []
    for line, (command, said) in sorted(answers.items(), reverse=True):
        if agree(command.shown, said):
            continue
        if command.shown.count(REST) > 1:
            left.append(f"line {line}: {command.typed}\n" + "\n".join(said))
            continue
        start = line - 1 + len(command.typed.split("\n"))
        now = [text.rstrip() for text in said]
        if REST in command.shown:
            before = command.shown.index(REST)
            after = len(command.shown) - before - 1
            now = [*now[:before], REST, *now[len(now) - after :]]
        lines[start : start + len(command.shown)] = now
    return "\n".join(lines) + "\n", left[::-1]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        there = Path(name)
        text, by_hand = rewritten(there.read_text(encoding="utf-8"), language_of(there))
        there.write_text(text, encoding="utf-8")
        for note in by_hand:
            click.echo(f"{name}, to be mended by hand, {note}", err=True)
