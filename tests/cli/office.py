"""An office that works through the command line, on a trial database of its own."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from adapters.commands.session import Session
from cli import main

PLANS = Path(__file__).parents[2] / "workflows" / "plans"
REFERENCE = PLANS / "quanzhou-sasac-2024.yaml"
ADMINISTRATOR = "admin"
OFFICE = "wang"
"""Holds the post of the group office."""
SECTION = "chen"
"""Heads the reform section, which answers for T-001."""

SECTION_POSTS = ("office", "planning", "property", "finance", "party")


@dataclass(slots=True)
class Office:
    """Runs commands as one person or another."""

    database: Path
    language: str = "en"
    person: str = OFFICE
    environment: dict[str, str] = field(default_factory=dict)

    def run(
        self, *words: str, as_: str = "", language: str = "", typed: str | None = None
    ) -> Result:
        """Run a command, whatever comes of it."""
        arguments = ["--database", str(self.database), *words]
        environment = {"DUBAN_LANG": language or self.language, "COLUMNS": "100"}
        return CliRunner().invoke(
            main,
            arguments,
            obj=Session(account=as_ or self.person),
            env={**environment, **self.environment},
            input=typed,
        )

    def does(self, *words: str, as_: str = "", language: str = "", typed: str | None = None) -> str:
        """Run a command that must succeed; return what it prints."""
        result = self.run(*words, as_=as_, language=language, typed=typed)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def refused(self, *words: str, as_: str = "", language: str = "") -> str:
        """Run a command that must be refused by the rules; return its one line."""
        result = self.run(*words, as_=as_, language=language)
        assert result.exit_code == 1, (result.output, result.exception)
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr

    def wrong(self, *words: str, language: str = "") -> str:
        """Run a command that must be wrong usage; return the last line of what it says."""
        result = self.run(*words, language=language)
        assert result.exit_code == 2, (result.output, result.exception)
        return result.stderr.splitlines()[-1]

    def json(self, *words: str, status: int = 0) -> Any:
        """Run a reading command with ``--json``; return what a program reads."""
        result = self.run(*words, "--json")
        assert result.exit_code == status, (result.output, result.exception)
        return json.loads(result.stdout)

    def at(self, moment: str) -> None:
        """Let it be ``moment``."""
        self.does("clock", "set", moment, as_=ADMINISTRATOR)

    def copy(self, database: Path) -> Office:
        """Return an office with a copy of this one's database."""
        for suffix in ("", ".key"):
            shutil.copy(f"{self.database}{suffix}", f"{database}{suffix}")
        return Office(database)


def opened(database: Path, day: str, plan: Path = REFERENCE) -> Office:
    """Return an office whose plan is opened on ``day``, its posts filled."""
    office = Office(database)
    office.does("init", "--trial", "--clock", day, as_=ADMINISTRATOR)
    office.does("open", str(plan), as_=ADMINISTRATOR)
    office.does("post", "assign", "group-office", OFFICE, as_=ADMINISTRATOR)
    office.does("post", "assign", "reform-head", SECTION, as_=ADMINISTRATOR)
    return office


def published(office: Office) -> Office:
    """Bring the cycle to its publication, each act on its date."""
    office.does("move", "qz-2024", "draft", "--occurred-at", "2024-07-08")
    office.at("2024-07-18")
    office.does("move", "qz-2024", "peer_review")
    office.at("2024-07-25")
    office.does("record", "qz-2024", "submitted_for_decision", "--document", "请示1号")
    office.does("record", "qz-2024", "submitted_for_reply", "--document", "请示2号")
    office.at("2024-07-30")
    office.does("record", "qz-2024", "decision", "--document", "批示1号")
    office.does("record", "qz-2024", "reply", "--document", "批复1号")
    office.at("2024-08-02")
    for channel in ("website", "notice_board"):
        fields = ("--field", f"channel={channel}", "--field", "proof=截图")
        office.does("record", "qz-2024", "publication", *fields)
    return office
