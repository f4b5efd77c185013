"""Reading the plan's own templates of notices: known fields, readable braces, all that is told."""

from __future__ import annotations

from workflows.plan.diagnostics import brief
from workflows.plan.element import Element
from workflows.plan.model import NoticeTexts, Text
from workflows.plan.names import nearest
from workflows.plan.wording import (
    FIELDS,
    KEYS,
    MATTERS,
    ONE_LINE,
    TOLD,
    BadTemplate,
    fields_of,
)

LONGEST = 2000
"""Characters of a template: a notice is a page, not a book."""


def read_notices(plan: Element) -> NoticeTexts:
    """Return what the plan says in its own words when people are told something."""
    node = plan.get("notices")
    if node is None:
        return NoticeTexts()
    with plan.reading.element(node, "notices") as e:
        if e is None:
            return NoticeTexts()
        texts = {key: e.name(key) for key in KEYS}
        for key, text in texts.items():
            _check(e, key, text)
        return NoticeTexts(**texts)


def _check(e: Element, key: str, text: Text) -> None:
    for template in (text.zh, text.en):
        if not template:
            continue
        if len(template) > LONGEST:
            e.note("P126", e.at(key), key=key, limit=LONGEST)
            continue
        try:
            used = fields_of(template)
        except BadTemplate as error:
            e.note("P141", e.at(key), key=key, text=brief(str(error)))
            continue
        for name in dict.fromkeys(used):
            if name not in FIELDS[key]:
                known = nearest(name, FIELDS[key])
                e.note("P140", e.at(key), key=key, field=brief(name), known=known)
        if key in ONE_LINE and "\n" in template:
            e.note("P142", e.at(key), key=key)
        if key in MATTERS:
            missing = tuple(first for first, any_of in TOLD.items() if not {*any_of} & {*used})
            if missing:
                e.note("P143", e.at(key), key=key, missing=missing)
