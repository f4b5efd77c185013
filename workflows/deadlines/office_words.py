"""The many ways in which offices write the same date, brought to the one that the grammar reads.

十二月三十一日 and 12月31日, 每季度终了后 and 每季度后, 3月1日—31日 and 3月1日至31日: nothing here
decides what a date means, and what stands in quotes is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from workflows.deadlines.build_words import zh_number

_Put: TypeAlias = str | Callable[[re.Match[str]], str]

_QUOTED: Final = re.compile(r'("[^"\r\n]+"|“[^“”\r\n]+”)')
_WIDE: Final = str.maketrans("０１２３４５６７８９", "0123456789")
_YEAR: Final = r"(?:\d{4}年|(?:次|翌|明|下一|当|本|今|上一?|去)年)"
_NUMERAL: Final = r"[一二三四五六七八九十]"
_MONTH: Final = rf"(?:{_YEAR})?\d{{1,2}}月"


_AFTER_MONTH: Final = (
    rf"{_NUMERAL}{{1,3}}[日号]|\d{{1,2}}[日号]|[上中下]旬|底|末|份|内|第|最后|$|[—–－~～至到]"
)
"""What may follow a month that numerals write; anything else begins a name, as 九月例会 does."""
_BY: Final = "截至|截止到?|最迟(?:于|在)?|不迟于|不晚于|应于|须于|务必于|于|在"


def _digits(found: re.Match[str]) -> str:
    return (
        found[0].replace("零", "〇").translate(str.maketrans("〇一二三四五六七八九", "0123456789"))
    )


def _number(found: re.Match[str]) -> str:
    return f"{zh_number(found[1])}{found[2]}"


def _hour(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2] or found[3] or 0)
    return "前" if (hour, minute) == (24, 0) else f"前，{hour:02}:{minute:02}截止"


_ANYWHERE: Final[tuple[tuple[str, _Put], ...]] = (
    (r"《([^《》]*)》", r"\1"),
    # numerals: 二〇二四年, 十二月三十一日, 每月五日, 25号
    (r"[〇零一二三四五六七八九]{4}(?=年)", _digits),
    (rf"(?<!{_NUMERAL})(?<![第每\d])({_NUMERAL}{{1,2}})(月)(?={_AFTER_MONTH})", _number),
    (rf"(?<=月)({_NUMERAL}{{1,3}})([日号])", _number),
    (r"(?<=月)(\d{1,2})号", r"\1日"),
    # years of the cycle: 次年度, 下年度, 本年底
    (r"(次|翌|下一|当|本|上一?)年度(?=\d|年?[底末]|第?[一二三四]季|[上下]半年)", r"\1年"),
    (r"(?<![一\d])下年度?(?=\d{1,2}月)", "次年"),
    (r"(?<=[次翌明])年(?=[底末](?:前|之前|以前|$))", "年年"),
    (r"[当本今]年年?(?=[底末](?:前|之前|以前|$))", "年"),
    # asides in brackets
    (r"(?<=日)[（(](?:星期|周|礼拜)[一二三四五六日天][)）]", ""),
    (r"[（(](遇[^（()）]*顺延|不?含当日|\d{1,2}[:：]\d{2}截止)[)）]", r"，\1"),
    # hours: 17:30前, 17时前, 17时30分前
    (r"(?<=日)(\d{1,2})(?:[:：](\d{2})|[时点](?:(\d{1,2})分)?)(?:之|以)?前", _hour),
    # ranges: 3月1日—3月31日, 3月1日-31日
    (r"(?<=[日旬底末月])\s*[—–－~～]+\s*(?=\d|次|翌|明)", "至"),
    (r"(?<=[日旬底末月])\s*-\s*(?=\d)", "至"),
    (r"(?<=月)的(?=\d|第|最后)", ""),
    (r"(?<=后)半个月(?=内|以内|之内|$)", "15日"),
)
"""Pattern and what takes its place, in this order."""

_AT_START: Final[tuple[tuple[str, _Put], ...]] = (
    (rf"^(?:{_BY})(?={_MONTH}|{_YEAR}年[底末]|年[底末]|每[月季年周半])", ""),
    (r"^考核年度(?=次年)", ""),
    (r"^从(?=.+起)", "自"),
    (rf"^自({_MONTH}\d{{1,2}}日)开始$", r"自\1起"),
    (rf"^({_MONTH}\d{{1,2}}日)起$", r"自\1起"),
    # 收到通知之日起5日内, without 自
    (r"^(?!自)([\w·:]*[\u3400-\u9fff])之日起(?=\s*[\d一二两三四五六七八九十])", r"自\1之日起"),
    # the ends of periods: 每季度终了后, 季度结束后, 季后, 年度终了后
    (r"^每(月|季度?|半年|年)度?(?:终了|结束|末|底)(?:之|以)?后", r"每\1后"),
    (r"^(月|季|半年)度?(?:终了|结束)(?:之|以)?后", r"每\1后"),
    (r"^(月|季)后(?=\s*[\d一二两三四五六七八九十])", r"每\1后"),
    (r"^(?:会计|考核|预算)?年度(?:终了|结束)(?:之|以)?后", "12月底后"),
    # months: 3月至5月, 2024年10月至2025年3月, 3-5月
    (rf"^((?:{_YEAR})?\d{{1,2}})月?初?(?:[至到]|[—–－~～-])({_MONTH})[底末]?$", r"\1月1日至\2底"),
    (rf"^({_MONTH})$", r"\1份"),
)

_RULES: Final = tuple((re.compile(pattern), put) for pattern, put in _ANYWHERE)
_FIRST: Final = tuple((re.compile(pattern), put) for pattern, put in _AT_START)


def plain(text: str) -> str:
    """Return ``text`` as the grammar reads it.

    >>> plain("二〇二四年十二月三十一日前"), plain("每季度终了后10日内"), plain("3月1日—31日")
    ('2024年12月31日前', '每季度后10日内', '3月1日至31日')
    """
    parts = _QUOTED.split(text)
    for n in range(0, len(parts), 2):
        part = parts[n].translate(_WIDE)
        for pattern, put in _RULES:
            part = pattern.sub(put, part)
        parts[n] = part
    if len(parts) == 1:
        for pattern, put in _FIRST:
            parts[0] = pattern.sub(put, parts[0])
    return "".join(parts)
