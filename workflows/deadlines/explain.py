"""A paragraph that tells how a date came about, in Chinese or English.

Reasons are codes and values; only here they become sentences.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from workflows.deadlines.days import Unit
from workflows.deadlines.explain_texts import EN, ZH
from workflows.deadlines.render import Language, render
from workflows.deadlines.render_zh import UNITS
from workflows.deadlines.resolution import Kind, Reason, ReasonValue, Resolution
from workflows.deadlines.rule import Rule

MOST_DAYS: Final = 12
"""Days that a sentence lists before it only counts the rest."""
_TEXTS: Final = {"en": EN, "zh": ZH}
_WEEKDAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
}
_ZH_SIDES: Final = {"after": "次日起", "before": "前一日起往前"}


def explain(rule: Rule, resolution: Resolution, zone: ZoneInfo, language: Language = "zh") -> str:
    """Return one paragraph: the rule, each step to the date, the date, and the calendar."""
    texts = _TEXTS[language]
    sentences = [texts["opening"].format(rule=render(rule, language))]
    sentences += tell(resolution.reasons, language)
    if resolution.last_day is not None and resolution.due_at is not None:
        sentences.append(
            texts["due-soft" if resolution.soft else "due"].format(
                day=_day(resolution.last_day, language),
                weekday=_WEEKDAYS[language][resolution.last_day.weekday()],
                moment=_moment(resolution.due_at.astimezone(zone), language),
            )
        )
    if resolution.kind is Kind.PROVISIONAL:
        sentences.append(texts["provisional"])
    if resolution.kind is Kind.WAITING:
        names = ("、" if language == "zh" else ", ").join(resolution.waits_for)
        sentences.append(texts["waiting"].format(names=names))
    sentences.append(texts["edition"].format(edition=resolution.calendar_edition))
    return ("" if language == "zh" else " ").join(sentences)


def tell(reasons: Iterable[Reason], language: Language = "zh") -> list[str]:
    """Return a sentence for each reason, and more for the special days of a count."""
    texts = _TEXTS[language]
    sentences: list[str] = []
    for reason in reasons:
        values = {name: _worded(value, language) for name, value in reason.values}
        if reason.code == "counted":
            values |= _count_words(reason, language)
        sentences.append(texts[reason.code].format(**values))
        if reason.code == "counted":
            sentences += [
                texts[code].format(**values)
                for code, name in (("holidays", "holidays"), ("made-up", "made_up"))
                if reason[name]
            ]
    return sentences


def _count_words(reason: Reason, language: Language) -> dict[str, str]:
    n, unit, side = reason["n"], Unit(str(reason["unit"])), str(reason["side"])
    if language == "zh":
        return {"unit": UNITS[unit], "side": _ZH_SIDES[side]}
    return {"unit": unit.value if n == 1 else f"{unit.value}s", "side": side}


def _worded(value: ReasonValue, language: Language) -> str:
    if isinstance(value, tuple):
        shown = [_day(day, language) for day in value[:MOST_DAYS]]
        rest = [] if len(value) <= MOST_DAYS else [f"… ({len(value)})"]
        return ("、" if language == "zh" else ", ").join(shown + rest)
    return _day(value, language) if isinstance(value, date) else str(value)


def _day(day: date, language: Language) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()


def _moment(moment: datetime, language: Language) -> str:
    return f"{_day(moment.date(), language)} {moment:%H:%M}"
