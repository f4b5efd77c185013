"""From text to a rule: `parse` reads one deadline, in Chinese or English.

The text is read by a fixed LALR grammar; nothing of it is ever evaluated.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Final

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError
from lark.lexer import PatternStr

from engine.errors import EngineError
from workflows.deadlines.build import Builder
from workflows.deadlines.errors import DeadlineSyntax, VagueDay
from workflows.deadlines.office_words import plain
from workflows.deadlines.rule import Rule
from workflows.deadlines.tables import parser
from workflows.deadlines.vague import is_vague, planned_for

LONGEST_TEXT: Final = 500
"""Characters; a deadline of an office is one line."""
LONGEST_LIST: Final = 8
"""Things that a message names as expected before it says something shorter."""

EXAMPLES: Final = (
    "2024-07-10",
    "07-10",
    "next year 02-28",
    "end of 02 next year",
    "second third of 12",
    "10-01..12-31",
    "notice..12-31",
    "on 03-15",
    "10 working days after circular",
    "1 month after notice",
    "3 working days before congress",
    "5 working days before step s4",
    "earlier of (12-31, 10 days after reply)",
    "later of (12-31, 10 days after reply)",
    "first monday of 02",
    "first working day of 03",
    "before festival national-day",
    "every month by day 10",
    "every quarter plus 10 days",
    "every first monday of month",
    "rrule FREQ=MONTHLY;BYMONTHDAY=-1",
    "undated",
    "soft 06-30",
    'announced "early January" planned next year 01-05',
    "07-10 cutoff 17:30",
    "7月10日前",
    "次年2月28日前",
    "2024年7月10日前",
    "次年2月底前",
    "12月中旬",
    "10月1日至12月31日",
    "自通知之日起至12月中旬",
    "3月15日当天",
    "通报后10个工作日内",
    "通知后1个月内",
    "人代会前3个工作日",
    "步骤s4前5个工作日",
    "较早者（12月31日；批复后10日内）",
    "每月10日前",
    "每季度后10日内",
    "每月第一个星期一",
    "每月最后一个工作日",
    "下季度首月10日前",
    "国庆节前",
    "每周五",
    "无固定期限",
    "建议：6月30日前",
    "另行通知“1月初”，暂定次年1月5日前",
    "7月10日前，17:30截止",
)
_NAMES: Final = {
    "$END": "the end",
    "INT": "a number",
    "ISO_DAY": "a date",
    "MONTH_DAY": "a month and day",
    "YEAR_MONTH": "a year and month",
    "NAME": "a name",
    "QUOTED": "a name in quotes",
    "RRULE": "FREQ=…",
    "TIME": "an hour such as 17:30",
    "WEEKDAY": "a weekday",
    "ZH_COUNT": "a number",
    "ZH_NUMBER": "a number",
    "ZH_UNIT": "日, 个工作日 or 个月",
    "ZH_ORDINAL": "第一个",
    "ZH_WEEKDAY": "星期一",
    "ZH_WORKDAY": "第一个工作日",
    "ZH_NEXT_DAY": "次日",
    "ZH_PART": "第一季度",
    "ZH_YEAR_END": "年底",
    "ZH_FESTIVAL": "国庆节",
    "ZH_MONTH_OF": "每季度首月",
    "ZH_EVERY_WEEK": "每周五",
    "PART": "Q1",
    "WORKDAY": "workday",
    "ZH_YEAR": "次年",
    "DAYS": "days",
    "WEEKS": "weeks",
    "MONTHS": "months",
    "YEARS": "years",
    "KIND_OF_DAY": "working",
    "PERIOD": "month, quarter or year",
    "_OPEN": "(",
    "_CLOSE": ")",
    "_COMMA": ",",
    "_COLON": ":",
    "_SEPARATOR": ",",
    "_DOTS": "..",
    "_HOU": "后",
    "_QIAN": "前",
    "_ZHIRI": "之日",
    "_ZHI": "至",
    "_NEI": "内",
    "_DANGTIAN": "当天",
    "_ZH_END": "月底",
    "ZH_THIRD": "上旬",
    "_ZI": "自",
}
_SYNONYMS: Final = {"ZNAME", "CNAME", "STEP_NUMBER"}
"""Names in other scripts; `NAME` stands for them."""
_NAME_STARTS: Final = {"_DOTS", "_HOU", "_QIAN", "_ZHIRI", "ZH_NEXT_DAY"}
"""What may follow a name at the very start; there the name itself is what is odd."""


def parse(text: str) -> Rule:
    """Read one deadline.

    Raises:
        DeadlineSyntax: the text is not of the language.
        EngineError: it is, but means what cannot be, such as 30 February.

    """
    return _parse(plain(text.strip()))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Rule:
    if len(text) > LONGEST_TEXT:
        expected = f"at most {LONGEST_TEXT} characters"
        raise _syntax(text[:40] + "…", LONGEST_TEXT + 1, f"{len(text)}", expected)
    try:
        tree = grammar().parse(text)
        return Builder(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, EngineError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        if is_vague(text):
            raise VagueDay(text=text, example=planned_for(text)) from None
        raise _explained(text, error) from None


@cache
def grammar() -> Lark:
    """Return the parser; made on first use, for some commands never read a deadline."""
    return parser()


def reserved_words() -> frozenset[str]:
    """Return the English words that cannot be the bare name of an event or a step."""
    patterns = [terminal.pattern for terminal in grammar().terminals]
    return frozenset(
        pattern.value.lower() for pattern in patterns if isinstance(pattern, PatternStr)
    )


def _explained(text: str, error: UnexpectedInput) -> DeadlineSyntax:
    if isinstance(error, UnexpectedToken):
        at_end = error.token.type == "$END"
        allowed = set(error.accepts or error.expected)
        found = "the end" if at_end else f"“{error.token}”"
        column = len(text) + 1 if at_end else error.column
    elif isinstance(error, UnexpectedCharacters):
        allowed = set(error.allowed or ())
        found = f"“{text[error.column - 1 :].split(maxsplit=1)[0]}”"
        column = error.column
    else:
        return _syntax(text, len(text) + 1, "the end", "a deadline")
    if allowed and allowed <= _NAME_STARTS:
        return _syntax(text, 1, f"“{text}”", "a deadline")
    return _syntax(text, column, found, _readable(allowed))


def _readable(allowed: set[str]) -> str:
    patterns = {terminal.name: terminal.pattern for terminal in grammar().terminals}
    words: dict[str, None] = {}
    for name in sorted(allowed - _SYNONYMS):
        pattern = patterns.get(name)
        plain = pattern.value if isinstance(pattern, PatternStr) else name.strip("_").lower()
        words[_NAMES.get(name, plain)] = None
    return ", ".join(words) if 0 < len(words) <= LONGEST_LIST else "a deadline or a part of one"


def _syntax(text: str, column: int, found: str, expected: str) -> DeadlineSyntax:
    words = text.lower().split()
    alike = [example for example in EXAMPLES if words and example.split()[0] == words[0]]
    near = get_close_matches(text, alike or EXAMPLES, n=1, cutoff=0.0) if text else EXAMPLES
    return DeadlineSyntax(text=text, column=column, found=found, expected=expected, example=near[0])
