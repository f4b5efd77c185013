"""The deadline language: dates as offices write them, in Chinese or English.

`parse` reads a text into a `Rule`; `resolve` and `occurrences` ask a `Context`
(year, calendar, events, other steps) when it is due; `render` writes the rule
back, and `explain` tells how a date came about.
"""

from __future__ import annotations

from workflows.deadlines.explain import explain, tell
from workflows.deadlines.parse import parse
from workflows.deadlines.recurrence import occurrences
from workflows.deadlines.render import Language, render
from workflows.deadlines.resolution import (
    Absence,
    Context,
    Kind,
    Occurrence,
    Reason,
    Resolution,
    Settings,
)
from workflows.deadlines.resolve import resolve
from workflows.deadlines.rule import Rule, events_of, steps_of

__all__ = [
    "Absence",
    "Context",
    "Kind",
    "Language",
    "Occurrence",
    "Reason",
    "Resolution",
    "Rule",
    "Settings",
    "events_of",
    "explain",
    "occurrences",
    "parse",
    "render",
    "resolve",
    "steps_of",
    "tell",
]
