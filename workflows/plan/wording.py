"""Templates of notices, as a plan may write them: plain text with named fields, and nothing else.

A field is a name in braces, from a closed set for each template; nothing of a
template is ever evaluated. A line whose fields all turn out empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from string import Formatter
from types import MappingProxyType

from workflows.plan.model import NoticeTexts

_LETTER = ("name", "moment", "late", "coming", "count", "plan", "command")
_MATTER = (
    "title",
    "step",
    "clause",
    "lamp",
    "owed",
    "owner",
    "count",
    "keys",
    "due",
    "days_late",
    "next",
    "also",
    "plan",
)

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "subject": _LETTER,
        "heading": _LETTER,
        "overdue": ("count",),
        "coming": ("date", "count"),
        "matter": _MATTER,
        "matter_late": _MATTER,
        "closing": _LETTER,
    }
)
"""Each template, and the fields that it may have."""

TOLD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "title": ("title", "step"),
        "owed": ("owed", "owner"),
        "due": ("due",),
        "next": ("next",),
        "also": ("also",),
    }
)
"""What every matter tells: what, whose, until when, what to do next, who else was told.

By the first field that says it, and all that do.
"""

MATTERS = ("matter", "matter_late")
"""Templates of one matter, which have to tell all of it."""

ONE_LINE = ("subject", "overdue", "coming")


KEYS = tuple(field.name for field in fields(NoticeTexts))


class BadTemplate(ValueError):
    """Braces that cannot be read, or anything in them but a name."""


def fields_of(template: str) -> tuple[str, ...]:
    """Return the names of the fields of a template, in order.

    Raises:
        BadTemplate: the braces do not fit together, or hold more than a name.

    >>> fields_of("{late} of {count}, {{late}}")
    ('late', 'count')
    """
    return tuple(name for _, name in _parts(template) if name is not None)


def filled(
    template: str, values: Mapping[str, str], show: Callable[[str, str], str] = lambda _, v: v
) -> str:
    r"""Return a template with its values; lines that had fields, and no values, are left out.

    ``show`` dresses a value by its name; literal text is not its business.

    >>> filled("{step}\nalso: {also}\nend", {"step": "自评", "also": ""})
    '自评\nend'
    """
    lines = []
    for line in template.splitlines():
        parts = list(_parts(line))
        named = [values.get(name, "") for _, name in parts if name is not None]
        if named and not any(named):
            continue
        lines.append(
            "".join(
                literal + (show(name, values.get(name, "")) if name is not None else "")
                for literal, name in parts
            )
        )
    return "\n".join(lines)


def _parts(template: str) -> Iterator[tuple[str, str | None]]:
    """Yield literal text with the field behind it, if there is one."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise BadTemplate(str(error)) from None
    for literal, name, form, conversion in parsed:
        if name is not None and (form or conversion or not name.isidentifier()):
            raise BadTemplate(name)
        yield literal, name
