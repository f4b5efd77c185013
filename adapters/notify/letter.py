"""The letter: a digest in words, as plain text and as HTML, like an office reminder (督办通知)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from itertools import groupby

from adapters.messages import Translator
from adapters.notify.digest import Digest, Matter
from engine.deadline import Deadline
from engine.errors import N_
from engine.message import ComingDate, Message

INDENT = "   "


def letter(digest: Digest, words: Translator) -> Message:
    """Return what ``digest`` says to its reader, in the language of ``words``."""
    groups = list(_groups(digest, words))
    heading = words.text(
        N_("{name}: as of {moment}, overdue: {late}, coming due: {coming}."),
        name=digest.name,
        moment=digest.as_of,
        late=len(digest.late),
        coming=len(digest.coming),
    )
    closing = ""
    if digest.recipient:
        command = f"duban due --person {digest.recipient}"
        closing = words.text(N_("All that is yours: {command}"), command=command)
    return Message(
        subject=_subject(digest, words),
        heading=heading,
        matters=tuple(_lines(matter, words) for _, matters in groups for matter in matters),
        text=_text(heading, groups, closing, words),
        html=_html(heading, groups, closing, words),
        dates=tuple(_dates(digest)),
        thread=digest.matters[0].cycle,
    )


def _subject(digest: Digest, words: Translator) -> str:
    late, coming = len(digest.late), len(digest.coming)
    if late and coming:
        subject = words.text(
            N_("Reminder: {late} overdue, {coming} coming due"), late=late, coming=coming
        )
    elif late:
        subject = words.text(N_("Reminder: {late} overdue"), late=late)
    else:
        subject = words.text(N_("Reminder: {coming} coming due"), coming=coming)
    return words.text(N_("[TRIAL] {subject}"), subject=subject) if digest.trial else subject


def _groups(digest: Digest, words: Translator) -> Iterator[tuple[str, Sequence[Matter]]]:
    """Yield headings with their matters: what is overdue, then date by date."""
    if digest.late:
        yield words.text(N_("Overdue ({count})"), count=len(digest.late)), digest.late
    for due, matters in groupby(digest.coming, key=lambda matter: matter.due):
        found = list(matters)
        if due:
            yield words.text(N_("Due {date} ({count})"), date=due, count=len(found)), found
        else:
            yield words.text(N_("To be seen ({count})"), count=len(found)), found


def _text(
    heading: str, groups: Sequence[tuple[str, Sequence[Matter]]], closing: str, words: Translator
) -> str:
    parts = [heading]
    number = 0
    for title, matters in groups:
        parts.append(title)
        for matter in matters:
            number += 1
            parts.append(f"{number}. {_lines(matter, words)}")
    return "\n\n".join([*parts, closing] if closing else parts) + "\n"


def _lines(matter: Matter, words: Translator) -> str:
    """Return one matter as lines of text."""
    rows = [f"{label}{text}" for label, text in _rows(matter, words)]
    return f"\n{INDENT}".join([_title(matter, words), *rows])


def _title(matter: Matter, words: Translator) -> str:
    title = matter.name
    if matter.clause:
        title = words.text(N_("{step} (clause {clause})"), step=title, clause=matter.clause)
    return words.text(N_("{step} [{lamp}]"), step=title, lamp=matter.lamp) if matter.lamp else title


def _rows(matter: Matter, words: Translator) -> Iterator[tuple[str, str]]:
    """Yield what is told of a matter: label and text."""
    keys = words.shown(matter.keys)
    more = matter.count - len(matter.keys)
    if more > 0:
        keys = words.text(N_("{keys} and {more} more"), keys=keys, more=more)
    if matter.owner:
        owed = words.text(
            N_("{owner}, {count}: {keys}"), owner=matter.owner, count=matter.count, keys=keys
        )
        yield words.text(N_("owed by: ")), owed
    else:
        yield words.text(N_("concerns: ")), keys
    if matter.due:
        due = matter.due
        if matter.late and matter.days_late:
            due = words.text(
                N_("{date}, {days} working days overdue"), date=due, days=matter.days_late
            )
        elif matter.late:
            due = words.text(N_("{date}, overdue"), date=due)
        yield words.text(N_("due: ")), due
    yield words.text(N_("next: ")), matter.command
    if matter.also:
        yield words.text(N_("also told: ")), words.shown(matter.also)


def _html(
    heading: str, groups: Sequence[tuple[str, Sequence[Matter]]], closing: str, words: Translator
) -> str:
    """Return the letter as HTML that mail readers show: no script, no image, nothing to load."""
    parts = [f'<html lang="{words.language}"><head><meta charset="utf-8"></head><body>']
    parts.append(f"<p>{escape(heading)}</p>")
    first = 1
    for title, matters in groups:
        parts.append(f'<h3>{escape(title)}</h3><ol start="{first}">')
        parts += [_item(matter, words) for matter in matters]
        parts.append("</ol>")
        first += len(matters)
    if closing:
        parts.append(f"<p>{escape(closing)}</p>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _item(matter: Matter, words: Translator) -> str:
    rows = "".join(
        f"<br>{escape(label)}{_value(text, code=text == matter.command)}"
        for label, text in _rows(matter, words)
    )
    colour = ' style="color:#b00020"' if matter.late else ""
    return f"<li><b{colour}>{escape(_title(matter, words))}</b>{rows}</li>"


def _value(text: str, *, code: bool) -> str:
    return f"<code>{escape(text)}</code>" if code else escape(text)


def _dates(digest: Digest) -> Iterator[ComingDate]:
    """Yield each date that is still to come once, whoever owes what it asks."""
    seen: dict[str, ComingDate] = {}
    for matter in digest.coming:
        deadline = matter.deadline
        if deadline is None or deadline.due_at is None or not deadline.last_day:
            continue
        last_day = date.fromisoformat(deadline.last_day)
        seen.setdefault(
            deadline.id,
            ComingDate(
                uid=_uid(deadline),
                version=deadline.version,
                last_day=last_day,
                until=deadline.due_at if ":" in matter.due else None,
                summary=matter.name,
                description=f"{matter.owner}\n{matter.command}",
            ),
        )
    yield from seen.values()


def _uid(deadline: Deadline) -> str:
    """Return a name for a date that stays when the date moves: its id without the version."""
    return deadline.id.rpartition("#")[0].replace(":", ".")
