"""The catalogues: all that people see is there, in both languages, and is compiled."""

import io
import re
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from adapters.messages import Language

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "adapters" / "locale"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
HAN = re.compile(r"[一-鿿]")
TERMINAL = ("用法:", "错误:")
"""Prefixes of a line, which stay as a terminal writes them."""
HALF_WIDTH = re.compile(r"[一-鿿][,;:!?(]|[,;)!?][一-鿿]")


def po(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "duban.po"


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """A message or a translation as its forms: one, or several where numbers are counted."""
    return tuple(text) if isinstance(text, tuple | list) else (str(text or ""),)


def identity(message: Message) -> tuple[str, ...]:
    return message.context or "", *forms(message.id)


def entries(catalog: Catalog) -> dict[tuple[str, ...], Message]:
    return {identity(message): message for message in catalog if message.id}


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, ...]]:
    """What `make messages` would gather now."""
    pot = tmp_path_factory.mktemp("messages") / "duban.pot"
    command = (
        *(sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"),
        *("--mapping-file", "babel.toml", "--output", pot, "."),
    )
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return set(entries(read(pot)))


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


def placeholders(text: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_catalogue_holds_what_the_sources_say_and_nothing_else(
    extracted: set[tuple[str, ...]], language: Language
) -> None:
    known = set(entries(read(po(language), language)))
    assert (sorted(extracted - known), sorted(known - extracted)) == ([], [])


def test_everything_has_a_chinese_translation() -> None:
    said = {m: forms(e.string) for m, e in entries(read(po("zh"), "zh")).items()}
    missing = [message for message, parts in said.items() if not all(parts)]
    assert missing == []


def test_translations_have_the_placeholders_of_their_messages(language: Language) -> None:
    for message, entry in entries(read(po(language), language)).items():
        wanted = placeholders(message[-1])
        for said in filter(None, forms(entry.string)):
            if entry.pluralizable:  # one of something may do without its number
                assert placeholders(said) <= wanted, message
            else:
                assert placeholders(said) == wanted, message


def test_nothing_is_fuzzy_or_obsolete(language: Language) -> None:
    catalog = read(po(language), language)
    assert not catalog.fuzzy
    assert [m.id for m in catalog if m.fuzzy] == []
    assert list(catalog.obsolete) == []


def test_the_compiled_catalogue_is_that_of_the_source(language: Language) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, read(po(language), language))
    kept = po(language).with_suffix(".mo").read_bytes()
    assert kept == compiled.getvalue(), "run: make messages"


def test_chinese_is_chinese_with_full_width_punctuation() -> None:
    said = {m: forms(e.string)[0] for m, e in entries(read(po("zh"), "zh")).items()}
    same = [m for m, s in said.items() if s == m[1] and not HAN.search(s)]
    assert [m for m in same if re.search(r"[a-z]", re.sub(r"\{\w*\}", "", m[1]))] == []
    half = [s for s in said.values() if HALF_WIDTH.search(s)]
    assert [s for s in half if not s.startswith(TERMINAL)] == []


def test_leading_and_trailing_line_ends_are_kept(language: Language) -> None:
    for (_, message, *_more), entry in entries(read(po(language), language)).items():
        said = forms(entry.string)[0] or message
        assert message.count("\n\n") == said.count("\n\n"), message
        assert message.endswith("\n") == said.endswith("\n"), message
