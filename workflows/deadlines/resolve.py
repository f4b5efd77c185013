"""From a rule and a context to a resolution: when it opens, when it is late, how sure that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from engine.calendar import DateOutOfRange
from workflows.deadlines.days import Day, Third
from workflows.deadlines.moments import cutoff_reasons, late_from, start_of
from workflows.deadlines.place import place
from workflows.deadlines.recurrence import occurrences
from workflows.deadlines.resolution import Context, Kind, Reason, Resolution
from workflows.deadlines.rule import Announced, InPeriod, On, Recurring, Rule, Undated, Window
from workflows.deadlines.settle import Awaited, Found, Place, settle


def resolve(rule: Rule, context: Context) -> Resolution:
    """Return the date of ``rule``; a recurring rule opens with its first and ends with its last.

    Raises:
        EngineError: the rule has no date in that year, such as 29 February, or
            leads out of all years. Nothing else is ever raised.

    """
    try:
        found = _resolve(rule, context)
    except OverflowError:
        raise DateOutOfRange(what="the deadline") from None
    if not rule.soft:
        return found
    return replace(found, soft=True, reasons=(*found.reasons, Reason.of("soft")))


def _resolve(rule: Rule, context: Context) -> Resolution:
    match rule.deadline:
        case Undated():
            return _answer(context, Kind.UNDATED, reasons=(Reason.of("undated"),))
        case On(day):
            return _on(day, rule, context)
        case Window(opens, closes):
            return _window(place(opens, context, rule), closes, rule, context)
        case Announced(text, planned):
            return _announced(text, _resolve(replace(rule, deadline=planned), context))
        case Recurring():
            return _series(rule, context)
        case InPeriod():
            return _in_period(rule.deadline, rule, context)
        case day:
            return _by(day, rule, context)


def _by(day: Day, rule: Rule, context: Context) -> Resolution:
    found = settle(place(day, context, rule), context, rule)
    if isinstance(found, Awaited):
        return _waiting(found, context)
    has_opening = found.first < found.last or isinstance(day, Third)
    return _due(found, start_of(found.first, context) if has_opening else None, rule, context)


def _on(day: Day, rule: Rule, context: Context) -> Resolution:
    # “Before the 15th” has an opposite reading, “on the 15th” has none.
    found = settle(place(day, context, rule), context, replace(rule, inclusive=True))
    if isinstance(found, Awaited):
        return _waiting(found, context)
    reasons = (*found.reasons, Reason.of("exact", day=found.last))
    exact = replace(found, first=found.last, reasons=reasons)
    return _due(exact, start_of(exact.first, context), rule, context)


def _window(opens: Found, closes: Day | None, rule: Rule, context: Context) -> Resolution:
    if closes is None:
        if isinstance(opens, Awaited):
            return _waiting(opens, context)
        reasons = (*opens.reasons, Reason.of("open-ended", day=opens.first))
        return _answer(context, Kind.UNDATED, start_of(opens.first, context), reasons=reasons)
    found = settle(place(closes, context, rule), context, rule)
    if isinstance(opens, Awaited) or isinstance(found, Awaited):
        return _half_known(opens, found, context)
    reasons = (*opens.reasons, Reason.of("opens", day=opens.first), *found.reasons)
    if opens.first > found.last:
        # An event came late: the window is over before it could open. People decide, not we.
        reasons = (*reasons, Reason.of("never-open", opens=opens.first, closes=found.last))
    both = replace(
        found,
        provisional=opens.provisional or found.provisional,
        reasons=reasons,
        waits_for=tuple(dict.fromkeys((*opens.waits_for, *found.waits_for))),
    )
    answer = _due(both, start_of(opens.first, context), rule, context)
    return answer if answer.due_at is None else _ordered(answer, answer.due_at)


def _ordered(answer: Resolution, due_at: datetime) -> Resolution:
    """Keep the promise that nothing opens after it is due."""
    opens_at = None if answer.opens_at is None else min(answer.opens_at, due_at)
    return replace(answer, opens_at=opens_at)


def _half_known(opens: Found, closes: Found, context: Context) -> Resolution:
    """Return a window of which one end, or both, waits for an event."""
    awaited = [end for end in (opens, closes) if isinstance(end, Awaited)]
    waits_for = tuple(dict.fromkeys(name for end in awaited for name in end.waits_for))
    reasons = (*opens.reasons, *closes.reasons)
    opens_at = start_of(opens.first, context) if isinstance(opens, Place) else None
    return _answer(context, Kind.WAITING, opens_at, waits_for=waits_for, reasons=reasons)


def _announced(text: str, planned: Resolution) -> Resolution:
    kind = Kind.PROVISIONAL if planned.kind is Kind.FIXED else planned.kind
    reasons = (Reason.of("announced", text=text), *planned.reasons)
    return replace(planned, kind=kind, reasons=reasons)


def _series(rule: Rule, context: Context) -> Resolution:
    dues = occurrences(rule, context)
    if not dues:
        return _answer(context, Kind.UNDATED, reasons=(Reason.of("no-occurrence"),))
    last = max(dues, key=lambda due: due.due_at)
    kind = Kind.PROVISIONAL if any(due.provisional for due in dues) else Kind.FIXED
    reason = Reason.of("series", number=len(dues), first=dues[0].label, last=dues[-1].label)
    opens_at = min(due.opens_at for due in dues)
    return _answer(context, kind, opens_at, last.due_at, last.last_day, reasons=(reason,))


def _in_period(deadline: InPeriod, rule: Rule, context: Context) -> Resolution:
    first = deadline.start + deadline.place - 1
    behind = context.year - first
    if behind >= 0 and behind % deadline.length == 0:
        return _resolve(replace(rule, deadline=deadline.deadline), context)
    coming = first if behind < 0 else context.year + deadline.length - behind % deadline.length
    reason = Reason.of("other-year", year=context.year, coming=coming)
    return _answer(context, Kind.UNDATED, reasons=(reason,))


def _due(found: Place, opens_at: datetime | None, rule: Rule, context: Context) -> Resolution:
    return _answer(
        context,
        Kind.PROVISIONAL if found.provisional else Kind.FIXED,
        opens_at,
        late_from(found.last, rule, context),
        found.last,
        waits_for=found.waits_for,
        reasons=(*found.reasons, *cutoff_reasons(rule, context)),
    )


def _waiting(found: Awaited, context: Context) -> Resolution:
    return _answer(context, Kind.WAITING, waits_for=found.waits_for, reasons=found.reasons)


def _answer(
    context: Context,
    kind: Kind,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    last_day: date | None = None,
    *,
    waits_for: tuple[str, ...] = (),
    reasons: tuple[Reason, ...] = (),
) -> Resolution:
    return Resolution(
        kind=kind,
        opens_at=opens_at,
        due_at=due_at,
        last_day=last_day,
        soft=False,
        waits_for=waits_for,
        calendar_edition=context.calendar.edition,
        reasons=reasons,
    )
