"""What people see, word for word, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.office import Office
from tests.cli.screens import FOLDER, LANGUAGES, SCREENS, place, seen


@pytest.fixture(scope="session")
def office_for(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Callable[[Path], Office]], Office]:
    built: dict[str, Office] = {}

    def office(build: Callable[[Path], Office]) -> Office:
        if build.__name__ not in built:
            folder = tmp_path_factory.mktemp(build.__name__)
            built[build.__name__] = build(folder / "duban.db")
        return built[build.__name__]

    return office


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_word_for_word(
    name: str, language: str, office_for: Callable[[Callable[[Path], Office]], Office]
) -> None:
    screen = SCREENS[name]
    expected = place(name, language).read_text(encoding="utf-8")
    assert seen(screen, office_for(screen.build), language) == expected


def test_no_screen_is_kept_that_nobody_sees() -> None:
    kept = {path.name for path in FOLDER.iterdir()}
    assert kept == {place(name, language).name for name in SCREENS for language in LANGUAGES}


@pytest.mark.parametrize("name", SCREENS)
def test_a_piped_screen_has_no_colours_boxes_or_trailing_blanks(name: str) -> None:
    for language in LANGUAGES:
        text = place(name, language).read_text(encoding="utf-8")
        assert "\x1b" not in text
        assert not any(line != line.rstrip() for line in text.splitlines())
        assert not set(text) & set("│┃┌┐└┘├┤╭╮╰╯")
