"""Whole screens, kept beside this file: what people see, word for word.

    python -m tests.cli.screens

writes them anew; read the difference before you commit it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cli.office import ADMINISTRATOR, Office, opened, published

FOLDER = Path(__file__).parent / "screens"


def early(database: Path) -> Office:
    return opened(database, "2024-07-08")


def late(database: Path) -> Office:
    return opened(database, "2024-08-02")


def autumn(database: Path) -> Office:
    """Published; nobody has run a daemon since, and it is 12 October, a working Saturday."""
    office = published(early(database))
    office.at("2024-10-12 09:00")
    return office


def ticked(database: Path) -> Office:
    """The same, after one pass of a daemon; its sign of life is taken away, for it is real time."""
    office = autumn(database)
    office.does("excuse", "qz-2024/T-003", "s4", "--reason", "合并到其他目标")
    office.does("extend", "qz-2024/T-004", "s4", "--until", "2025-01-15", "--reason", "审计顺延")
    office.does("finding", "raise", "qz-2024/T-005", "报送不及时", "--method", "spot_verification")
    office.does("record", "qz-2024/T-001", "self_report", "--field", "completion=95", as_="chen")
    return office


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: where it is seen, and by which command."""

    build: Callable[[Path], Office]
    words: tuple[str, ...]
    person: str = ""


SCREENS = {
    "status-late": Screen(late, ("status",)),
    "status-autumn": Screen(autumn, ("status",)),
    "status-ticked": Screen(ticked, ("status",)),
    "backfill": Screen(late, ("backfill",)),
    "list": Screen(ticked, ("list",)),
    "list-late": Screen(autumn, ("list", "--late")),
    "show-cycle": Screen(late, ("show", "qz-2024")),
    "show-target": Screen(ticked, ("show", "qz-2024/T-001")),
    "due": Screen(autumn, ("due", "--within", "90d")),
    "record-kinds": Screen(ticked, ("record", "qz-2024/T-001")),
    "post-list": Screen(late, ("post", "list")),
    "daemon-plan": Screen(autumn, ("daemon", "--plan")),
    "history": Screen(ticked, ("history", "qz-2024/T-001")),
    "history-office": Screen(late, ("history", "office")),
    "replay-then": Screen(ticked, ("replay", "--as-of", "2024-07-20")),
    "replay-steps": Screen(ticked, ("replay", "qz-2024/T-001", "--step")),
    "verify": Screen(ticked, ("verify",)),
    "force-dry-run": Screen(
        early,
        (
            *("force", "qz-2024", "published", "--cascade", "--dry-run"),
            *("--reason", "领导批示", "--authority", "会议纪要1号"),
        ),
        ADMINISTRATOR,
    ),
    "diagram": Screen(ticked, ("diagram", "qz-2024/T-001")),
}
LANGUAGES = ("en", "zh")


def seen(screen: Screen, office: Office, language: str) -> str:
    """Return what a command shows."""
    return office.does(*screen.words, as_=screen.person, language=language)


def place(name: str, language: str) -> Path:
    return FOLDER / f"{name}.{language}.txt"


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        offices = {
            build: build(Path(folder) / f"{build.__name__}.db")
            for build in {screen.build for screen in SCREENS.values()}
        }
        for name, screen in SCREENS.items():
            for language in LANGUAGES:
                text = seen(screen, offices[screen.build], language)
                place(name, language).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
