"""What people read, in their language: Chinese where they ask for it or their locale says so.

Everything that people see is a message marked in the code (``N_``, ``P_`` or
`Translator.text`) and looked up in the catalogues under ``adapters/locale``.
Values are put in as they are: only those that are marked themselves, dates,
lists and guards are rendered, and names only where the table of words has them.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from adapters.error_values import CHOSEN, LISTED, MARKED, NAMED
from adapters.guard_words import GUARDS, fact_words, lacking
from adapters.words import WORDS
from engine.definition import FORCE
from engine.errors import N_, EngineError, Worded
from engine.guards import Guard

if TYPE_CHECKING:  # whoever has one to show has loaded the plan language already
    from workflows.plan.diagnostics import Diagnostic

__all__ = ["Language", "Translator", "translator"]

Language: TypeAlias = Literal["en", "zh"]

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "duban"
CLOCK_OF_THE_OFFICE = "Asia/Shanghai"
"""Zone of a moment when nobody names another; a plan without one says the same."""

_NEAR = re.compile(r" ?[^.。:：]*[：:]? ?\{known\}[?？]")
"""The question that offers what may have been meant."""
_JOINERS: Mapping[Language, str] = {"en": ", ", "zh": "、"}
_CLAUSES: Mapping[Language, str] = {"en": "; ", "zh": "；"}
_ASIDES: Mapping[Language, str] = {"en": "{name} ({words})", "zh": "{name}（{words}）"}


class Translator:
    """Puts messages and names in the words of one language."""

    def __init__(self, language: Language, zone: tzinfo | None = None) -> None:
        """Speak ``language`` and tell moments in ``zone``."""
        self.language: Language = language
        self.zone = zone or ZoneInfo(CLOCK_OF_THE_OFFICE)
        self._catalogue = _catalogue(language)

    def in_zone(self, zone: tzinfo) -> Translator:
        """Return a translator of the same language that tells moments in ``zone``."""
        return Translator(self.language, zone)

    def text(self, message: str, /, **values: Any) -> str:
        """Return ``message`` in the reader's language with ``values`` put in.

        A value ``zone`` that is a time zone counts for the moments among them.

        >>> Translator("en").text("Refused: {problem}.", problem=N_("it lies in the future"))
        'Refused: it lies in the future.'
        """
        zone = values.get("zone")
        speaker = self.in_zone(zone) if isinstance(zone, tzinfo) else self
        shown = {
            name: speaker.shown(value, marked=name in MARKED) for name, value in values.items()
        }
        said = self._message(message)
        return said.format(**shown) if values else said

    def error(self, error: EngineError) -> str:
        """Return what ``error`` says, and its code in brackets.

        >>> from engine.errors import NotForcible
        >>> refused = NotForcible(key="q", state="drafted", target="late", allowed=["approved"])
        >>> Translator("en").error(refused)
        'q cannot be forced from drafted to late; it can be forced to: approved. [not-forcible]'
        """
        key = str(error.values.get("key", ""))
        shown = {
            name: self._value(error.code, name, value, key) for name, value in error.values.items()
        }
        return f"{self._message(error.template).format(**shown)} [{error.code}]"

    def diagnostic(self, diagnostic: Diagnostic) -> str:
        """Return the sentence of a diagnostic, without its place and code."""
        code = diagnostic.code
        for error in _errors_by_template(diagnostic.template):
            code = error.code
        shown = {
            name: self._value(code, name, value, "") for name, value in diagnostic.values.items()
        }
        template = self._message(diagnostic.template)
        if diagnostic.nothing_near:
            template = _NEAR.sub("", template)
        return template.format(**shown)

    def word(self, kind: str, name: str, machine: str = "") -> str:
        """Return the word for a ``name`` of ``kind``; the name itself where there is none.

        ``machine`` refines a state or trigger that machines share by name.

        >>> Translator("en").word("record", "self_report"), Translator("en").word("state", "mine")
        ('self-assessment report', 'mine')
        """
        words = WORDS[kind]
        word = words.get(f"{machine}.{name}") or words.get(name)
        if word is not None:
            return self._catalogue.pgettext(kind, word)
        if kind in ("trigger", "act") and name.startswith(f"{FORCE}:"):
            state = self.word("state", name.removeprefix(f"{FORCE}:"), machine)
            return self.text("force to {state}", state=state)
        if kind == "act" and name.startswith("record "):
            record = self.word("record", name.removeprefix("record "))
            return self.text("enter the {record} of", record=record)
        if kind == "field" and ("." in name or ":" in name or name in WORDS["record"]):
            return fact_words(self, name)
        return self.word("trigger", name, machine) if kind == "act" else name

    def choice(self, kind: str, name: str) -> str:
        """Return a ``name`` that people type, with its word where that says more.

        >>> Translator("en").choice("trigger", "send_back"), Translator("zh").choice("state", "x")
        ('send_back', 'x')
        """
        words = self.word(kind, name)
        if words.replace("-", "_").replace(" ", "_") == name:
            return name
        return _ASIDES[self.language].format(name=name, words=words)

    def guard(self, guard: Guard, key: str = "") -> str:
        """Return what is still needed for ``guard`` to hold.

        With ``key``, the instance at hand, it says by which command to provide it.
        """
        return lacking(self, guard, key)

    def label(self, name: str, machine: str = "") -> str:
        """Return a name of ``machine``, or a marked message, for `engine.diagram`."""
        if " " in name:
            return self._message(name)
        for kind in ("diagram", "state", "trigger", "role", "join", "field", "choice"):
            word = self.word(kind, name, machine)
            if word != name or name in WORDS[kind]:
                return word
        return self._message(name)

    def shown(self, value: object, *, marked: bool = False) -> str:
        """Return ``value`` for the reader; ``marked`` text is looked up in the catalogue."""
        match value:
            case datetime():
                moment = value.astimezone(self.zone) if value.tzinfo else value
                return f"{self.shown(moment.date())} {moment:%H:%M}"
            case date():
                return _day(value, self.language)
            case list() | tuple() | set() | frozenset():
                parts = sorted(value) if isinstance(value, set | frozenset) else value
                joiner = _CLAUSES if any(isinstance(v, GUARDS) for v in parts) else _JOINERS
                shown = joiner[self.language].join(self.shown(v, marked=marked) for v in parts)
                return shown or self._message(N_("none"))
            case EngineError():
                return self.error(value)
            case Worded(template=template, values=values):
                return self.text(template, **values)
            case str() if marked:
                return self._message(value)
            case _:
                return self.guard(value) if isinstance(value, GUARDS) else str(value)

    def _value(self, code: str, name: str, value: Any, key: str) -> str:
        """Return one value of the error or diagnostic ``code``."""
        if isinstance(value, Worded):
            return self.shown(value)
        if name == "unmet" and isinstance(value, list | tuple):
            return _CLAUSES[self.language].join(self.guard(g, key) for g in value)
        if kinds := CHOSEN.get((code, name)):
            return self.shown([self._first(kinds, str(v), typed=True) for v in _several(value)])
        if kinds := NAMED.get((code, name)):
            parts = value.split(", ") if (code, name) in LISTED else _several(value)
            return self.shown([self._first(kinds, v, typed=False) for v in parts])
        return self.shown(value, marked=name in MARKED)

    def _first(self, kinds: tuple[str, ...], name: str, *, typed: bool) -> str:
        """Return the word for ``name`` by the first of ``kinds`` that has one."""
        head, bracket, rest = name.partition(" (")
        if bracket and rest.endswith(")") and kinds == ("field",):
            options = rest.removesuffix(")").split(", ")
            named = self.choice("field", head)
            known = [self._first(("choice", "field"), o, typed=True) for o in options]
            return self.text("{name} (of: {known})", name=named, known=known)
        kind = next((k for k in kinds if self.word(k, name) != name), kinds[0])
        if kind == "record" and self.language == "en":
            return name
        return self.choice(kind, name) if typed else self.word(kind, name)

    def _message(self, message: str) -> str:
        return self._catalogue.gettext(message) if message else ""


def translator(language: str | None = None) -> Translator:
    """Return the translator for ``language``, else for what the environment asks for.

    >>> translator("zh_CN.UTF-8").language, translator("de").language
    ('zh', 'en')
    """
    asked = language or next(
        (v for n in ("DUBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))),
        "",
    )
    return Translator("zh" if asked.lower().startswith("zh") else "en")


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE, [language])


@cache
def _errors_by_template(template: str) -> tuple[type[EngineError], ...]:
    """Return the error whose words a diagnostic borrows, if it does."""
    found: list[type[EngineError]] = [EngineError]
    for error in found:
        found += error.__subclasses__()
    return tuple(error for error in found if error.template == template)[:1]


def _several(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _day(day: date, language: Language) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()
