"""What a notice says: what, whose, since when or until when, and what to do next.

Rendered when it is sent, from codes and parameters, in the reader's language;
what has been done meanwhile is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.messages import Translator
from engine.errors import N_
from engine.events import Event, Kind
from engine.facts import to_moment
from engine.ports import Notice, NoticeItem, Reader
from workflows.plan.model import Plan, Step
from workflows.running.desk import Application, desk

SHOWN = 10
"""How many keys one line of a digest names."""


def digest(app: Application, reader: Reader, notice: Notice, words: Translator) -> tuple[str, str]:
    """Return subject and body of ``notice``, most urgent first."""
    lines = []
    for item, event in sorted(notice.items, key=_urgency):
        lines += list(_lines(app, reader, item, event, words))
    late = sum(1 for _, event in notice.items if _is_late(event))
    if late:
        subject = words.text(N_("[duban] {count} overdue matters"), count=late)
    else:
        subject = words.text(N_("[duban] {count} matters coming due"), count=len(notice.items))
    return subject, "\n".join(lines)


def _urgency(pair: tuple[NoticeItem, Event]) -> tuple[bool, str, int]:
    _, event = pair
    return (not _is_late(event), str(event.data.get("due", "")), event.position)


def _is_late(event: Event) -> bool:
    due = event.data.get("due")
    return bool(due) and to_moment(str(due)) <= event.occurred_at


def _lines(
    app: Application, reader: Reader, item: NoticeItem, event: Event, words: Translator
) -> Iterator[str]:
    at = desk(app, reader, event.instance)
    step = at.plan.step(str(event.data.get("step", "")))
    if step is None or event.kind not in (Kind.REMINDED, Kind.FOLDED):
        return
    name = step.name.in_language(words.language)
    due = _due(event, at.zone)
    for owed in event.data.get("owed", ()):
        if item.about and owed["owner"] not in item.about:
            continue
        keys = ", ".join(owed["first"][:SHOWN])
        more = owed["count"] - min(SHOWN, len(owed["first"]))
        if more > 0:
            keys = words.text(N_("{keys} and {more} more"), keys=keys, more=more)
        template = (
            N_("{lamp} OVERDUE since {due}: {step} ({clause}), {owner}: {keys}")
            if _is_late(event)
            else N_("{lamp} due by {due}: {step} ({clause}), {owner}: {keys}")
        )
        yield words.text(
            template,
            lamp=f"[{event.data['lamp']}]" if event.data.get("lamp") else "-",
            due=due,
            step=name,
            clause=step.clause or step.id,
            owner=owner_name(at.plan, owed["owner"], words),
            keys=keys,
        )
        yield words.text(N_("    next: {command}"), command=_command(step, owed["first"], event))


def owner_name(plan: Plan, owner: str, words: Translator) -> str:
    """Return the name of a section, post or role for the reader."""
    for section in plan.sections:
        if section.id == owner:
            return section.name.in_language(words.language)
    for post in plan.posts:
        if post.id == owner:
            return post.name.in_language(words.language)
    return words.word("role", owner)


def _due(event: Event, zone: ZoneInfo) -> str:
    text = str(event.data.get("due", ""))
    if not text:
        return ""
    moment: datetime = to_moment(text).astimezone(zone)
    return moment.strftime("%Y-%m-%d %H:%M")


def _command(step: Step, keys: list[str], event: Event) -> str:
    key = keys[0] if keys else event.instance
    if step.hand_in:
        return f"duban record {key} handed_in"
    if step.records:
        return f"duban record {key} {step.records[0].partition(':')[0]}"
    return f"duban show {key}"
