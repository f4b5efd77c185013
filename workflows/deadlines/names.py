"""Names of events and steps as text, in quotes where they could be misread."""

from __future__ import annotations

import re
from typing import Final

from workflows.deadlines.office_words import plain
from workflows.deadlines.parse import reserved_words
from workflows.deadlines.vague import is_part_of_a_date

_ASCII_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[:.-][A-Za-z0-9_]+)*")
_ZH_NAME: Final = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*:)?[\u3400-\u9fff]+")
_PART: Final = re.compile(r"[Qq][1-4]|[Hh][12]")
_FORMS: Final = ("{}", "{}后3日内", "自{}起", "自{}起至", "{}前3日", "至{}", "（{}；")
_ZH_TEXT: Final = re.compile(r"[\u3400-\u9fff]")
_UNCLEAR: Final = re.compile(
    r"[前后起至到]|之日|当日|当天|次日|第二天|开始|^每|^自$|^[次翌明当本今上去]年|^下一年|^上一年"
    r"|^[次下]月|^(?:次|下一?)季|季度|半年|^全年|^年[内底末]"
    r"|^(?:元旦|春节|清明|五一|劳动节|端午|中秋|国庆)|^常|^持续"
)
"""What a reader, or the grammar, could take for the words around a name."""


def name_text(name: str) -> str:
    """Return the name of an event or a step, in quotes where it could be misread."""
    if _ASCII_NAME.fullmatch(name):
        unclear = name.lower() in reserved_words() or _PART.fullmatch(name)
        return quoted(name) if unclear else name
    clear = _ZH_NAME.fullmatch(name) and not _UNCLEAR.search(name)
    clear = clear and not name.startswith(_reserved_starts()) and not _is_other_word(name)
    return name if clear else quoted(name)


def _is_other_word(name: str) -> bool:
    """Return whether a name would be taken for another way to write a date."""
    return is_part_of_a_date(name) or any(
        plain(text) != text for text in (form.format(name) for form in _FORMS)
    )


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
