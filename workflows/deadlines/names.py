"""Names of events and steps as text, in quotes where they could be misread."""

from __future__ import annotations

import re
from typing import Final

from workflows.deadlines.parse import reserved_words

_ASCII_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[:.-][A-Za-z0-9_]+)*")
_ZH_NAME: Final = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*:)?[\u3400-\u9fff]+")
_ZH_TEXT: Final = re.compile(r"[\u3400-\u9fff]")
_UNCLEAR: Final = re.compile(
    r"[前后起至到]|之日|当日|当天|开始|^每|^自$|^[次翌明当本今上去]年|^下一年|^上一年"
)
"""What a reader, or the grammar, could take for the words around a name."""


def name_text(name: str) -> str:
    """Return the name of an event or a step, in quotes where it could be misread."""
    if _ASCII_NAME.fullmatch(name):
        return quoted(name) if name.lower() in reserved_words() else name
    plain = _ZH_NAME.fullmatch(name) and not _UNCLEAR.search(name)
    return name if plain and not name.startswith(_reserved_starts()) else quoted(name)


def day_of_event(name: str) -> str:
    """Return an event's day in Chinese; 自评之日 would read as from 评之日, so 自 wants quotes."""
    return f"{quoted(name) if name.startswith('自') else name_text(name)}之日"


def step_text(step: str) -> str:
    """Return the identifier of a step; a Chinese one has nothing to end it but quotes."""
    return name_text(step) if step.isascii() else quoted(step)


def quoted(text: str) -> str:
    """Return ``text`` in the quotes that it does not contain; Chinese ones for Chinese."""
    if '"' in text or (_ZH_TEXT.search(text) and not re.search("[“”]", text)):
        return f"“{text}”"
    return f'"{text}"'


def _reserved_starts() -> tuple[str, ...]:
    """Return the Chinese words of the language; single characters begin too many names."""
    return tuple(word for word in reserved_words() if len(word) > 1 and not word.isascii())
