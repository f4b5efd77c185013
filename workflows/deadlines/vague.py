"""Words of which people know what they mean, and of which no reader can compute the day."""

from __future__ import annotations

import re
from typing import Final

_VAGUE: Final = re.compile(
    r"(?:(?:\d{4}|次|翌|明|当|本|今|上)年)?(?:(?P<month>\d{1,2})月|年)[初中](?:前|之前)?"
    r"|(?:时间|日期|具体时间)?(?:另行通知|待定)|适时|择机|视情况|[春夏秋冬]季|.*下班前"
)
_PART: Final = re.compile(
    r"[当本次今明上下每]?个?(?:年度?|半年|季度?|月|旬|周)(?:年度?|季度?|月|旬|周)?[底末初中]?"
    r"|[底末初]|节日?|假期|节假日|.*(?:元旦|春节|清明|五一|端午|中秋|国庆)节?"
)
"""月底, 节, 元旦春节: parts of dates, and never the name of something that happens."""


def is_vague(text: str) -> bool:
    """Return whether ``text`` is of the kind that is announced later."""
    return _VAGUE.fullmatch(text) is not None


def is_part_of_a_date(name: str) -> bool:
    """Return whether a name is a word of the calendar, and not that of an event."""
    return _PART.fullmatch(name) is not None


def planned_for(text: str) -> str:
    """Return how to keep vague words with a planned day: the reader puts in his own.

    >>> planned_for("9月初")
    '另行通知“9月初”，暂定9月5日前'
    """
    if text.endswith("下班前"):
        return f"{text.removesuffix('下班前')}前，17:30截止"
    found = _VAGUE.fullmatch(text)
    month = (found["month"] if found else None) or 1
    year = "次年" if text.startswith(("次", "翌", "明")) else ""
    return f"另行通知“{text}”，暂定{year}{month}月{15 if '中' in text else 5}日前"
