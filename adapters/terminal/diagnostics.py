"""What is wrong with a plan, line by line."""

from __future__ import annotations

from collections import Counter

from adapters.terminal.screen import BAD, FAINT, GOOD, WARN, Screen
from workflows.plan.diagnostics import Severity
from workflows.plan.read import PlanReading

STYLES = {Severity.ERROR: BAD, Severity.WARNING: WARN, Severity.QUESTION: FAINT}


def show_reading(screen: Screen, read: PlanReading, *, errors_only: bool = False) -> None:
    """Print each diagnostic as ``file:line: severity code: sentence``, and how many there are."""
    t = screen.words
    found = [d for d in read.diagnostics if not errors_only or d.severity is Severity.ERROR]
    for one in found:
        place = f"{read.name}:{one.line}" if one.line else read.name
        severity = t.word("severity", str(one.severity))
        screen.line(
            f"{place}: ", (f"{severity} {one.code}", STYLES[one.severity]), f": {t.diagnostic(one)}"
        )
    counts = Counter(one.severity for one in read.diagnostics)
    if read.plan is None:
        text = t.text(
            "{file} cannot be opened: {errors} errors.",
            file=read.name,
            errors=counts[Severity.ERROR],
        )
        screen.line((text, BAD))
    elif counts:
        text = t.text(
            "{file} can be opened; {warnings} warnings, {questions} questions.",
            file=read.name,
            warnings=counts[Severity.WARNING],
            questions=counts[Severity.QUESTION],
        )
        screen.line((text, GOOD))
    else:
        screen.line((t.text("{file} can be opened; nothing to remark.", file=read.name), GOOD))
