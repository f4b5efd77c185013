"""The letter: a digest in words, as plain text and as HTML, like an office reminder (督办通知).

Where a plan brings templates of its own, they stand in the place of the words that ship.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from itertools import groupby

from adapters.messages import Translator
from adapters.notify.digest import Digest, Matter
from engine.deadline import Deadline
from engine.errors import N_
from engine.message import ComingDate, Message
from workflows.plan.wording import filled

INDENT = "   "


def letter(digest: Digest, words: Translator) -> Message:
    """Return what ``digest`` says to its reader, in the language of ``words``."""
    groups = list(_groups(digest, words))
    values = _values(digest)
    heading = _own(digest, "heading", values, words) or words.text(
        N_("{name}: as of {moment}, overdue: {late}, coming due: {coming}."), **values
    )
    closing = _own(digest, "closing", values, words)
    if not closing and values["command"]:
        closing = words.text(N_("All that is yours: {command}"), command=values["command"])
    return Message(
        subject=_subject(digest, values, words),
        heading=heading,
        matters=tuple(_lines(matter, words) for _, matters in groups for matter in matters),
        text=_text(heading, groups, closing, words),
        html=_html(heading, groups, closing, words),
        dates=tuple(_dates(digest)),
        thread=digest.about,
        cycle=digest.matters[0].cycle,
    )


def _values(digest: Digest) -> Mapping[str, str]:
    """Return what templates of the letter itself may name."""
    return {
        "name": digest.name,
        "moment": digest.as_of,
        "late": str(len(digest.late)),
        "coming": str(len(digest.coming)),
        "count": str(len(digest.matters)),
        "plan": digest.plan,
        "command": f"duban due --person {digest.recipient}" if digest.recipient else "",
    }


def _own(digest: Digest, key: str, values: Mapping[str, str], words: Translator) -> str:
    """Return what the plan's own template says; empty where it has none."""
    return filled(digest.texts.of(key, words.language), values)


def _subject(digest: Digest, values: Mapping[str, str], words: Translator) -> str:
    subject = _own(digest, "subject", values, words)
    if subject:
        pass
    elif digest.late and digest.coming:
        subject = words.text(N_("Reminder: {late} overdue, {coming} coming due"), **values)
    elif digest.late:
        subject = words.text(N_("Reminder: {late} overdue"), **values)
    else:
        subject = words.text(N_("Reminder: {coming} coming due"), **values)
    return words.text(N_("[TRIAL] {subject}"), subject=subject) if digest.trial else subject


def _groups(digest: Digest, words: Translator) -> Iterator[tuple[str, Sequence[Matter]]]:
    """Yield headings with their matters: what is overdue, then date by date."""
    if digest.late:
        values = {"count": str(len(digest.late))}
        own = _own(digest, "overdue", values, words)
        yield own or words.text(N_("Overdue ({count})"), **values), digest.late
    for due, matters in groupby(digest.coming, key=lambda matter: matter.due):
        found = list(matters)
        values = {"date": due, "count": str(len(found))}
        if due:
            own = _own(digest, "coming", values, words)
            yield own or words.text(N_("Due {date} ({count})"), **values), found
        else:
            yield words.text(N_("To be seen ({count})"), **values), found


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
    template = _template(matter, words)
    if template:
        return filled(template, _matter_values(matter, words)).replace("\n", f"\n{INDENT}")
    rows = [f"{label}{text}" for label, text in _rows(matter, words)]
    return f"\n{INDENT}".join([_title(matter, words), *rows])


def _template(matter: Matter, words: Translator) -> str:
    """Return how the plan words a matter; what is no rung of a ladder has no owner to tell of."""
    if not matter.owner:
        return ""
    late = matter.texts.of("matter_late", words.language) if matter.late else ""
    return late or matter.texts.of("matter", words.language)


def _title(matter: Matter, words: Translator) -> str:
    title = matter.name
    if matter.clause:
        title = words.text(N_("{step} (clause {clause})"), step=title, clause=matter.clause)
    return words.text(N_("{step} [{lamp}]"), step=title, lamp=matter.lamp) if matter.lamp else title


def _matter_values(matter: Matter, words: Translator) -> Mapping[str, str]:
    """Return what the template of a matter may name."""
    keys = words.shown(matter.keys)
    more = matter.count - len(matter.keys)
    if more > 0:
        keys = words.text(N_("{keys} and {more} more"), keys=keys, more=more)
    count = str(matter.count)
    owed = words.text(N_("{owner}, {count}: {keys}"), owner=matter.owner, count=count, keys=keys)
    return {
        "title": _title(matter, words),
        "step": matter.name,
        "clause": matter.clause,
        "lamp": matter.lamp,
        "owed": owed if matter.owner else keys,
        "owner": matter.owner,
        "count": count,
        "keys": keys,
        "due": _due(matter, words),
        "days_late": str(matter.days_late) if matter.late and matter.days_late else "",
        "next": matter.command,
        "also": words.shown(matter.also) if matter.also else "",
        "plan": matter.plan,
    }


def _due(matter: Matter, words: Translator) -> str:
    due = matter.due
    if due and matter.late and matter.days_late:
        return words.text(
            N_("{date}, {days} working days overdue"), date=due, days=matter.days_late
        )
    return words.text(N_("{date}, overdue"), date=due) if due and matter.late else due


def _rows(matter: Matter, words: Translator) -> Iterator[tuple[str, str]]:
    """Yield what is told of a matter: label and text."""
    values = _matter_values(matter, words)
    label = N_("owed by: ") if matter.owner else N_("concerns: ")
    yield words.text(label), values["owed"]
    for label, name in ((N_("due: "), "due"), (N_("next: "), "next"), (N_("also told: "), "also")):
        if values[name]:
            yield words.text(label), values[name]


def _html(
    heading: str, groups: Sequence[tuple[str, Sequence[Matter]]], closing: str, words: Translator
) -> str:
    """Return the letter as HTML that mail readers show: no script, no image, nothing to load."""
    parts = [f'<html lang="{words.language}"><head><meta charset="utf-8"></head><body>']
    parts.append(f"<p>{_broken(heading)}</p>")
    first = 1
    for title, matters in groups:
        parts.append(f'<h3>{escape(title)}</h3><ol start="{first}">')
        parts += [_item(matter, words) for matter in matters]
        parts.append("</ol>")
        first += len(matters)
    if closing:
        parts.append(f"<p>{_broken(closing)}</p>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _item(matter: Matter, words: Translator) -> str:
    colour = ' style="color:#b00020"' if matter.late else ""
    template = _template(matter, words)
    if template:
        # The braces of the template survive escaping, its words do not become tags.
        said = filled(
            escape(template),
            _matter_values(matter, words),
            lambda name, value: _value(value, code=name == "next"),
        )
        title, *lines = said.split("\n")
        return f"<li><b{colour}>{title}</b>{''.join(f'<br>{line}' for line in lines)}</li>"
    rows = "".join(
        f"<br>{escape(label)}{_value(text, code=text == matter.command)}"
        for label, text in _rows(matter, words)
    )
    return f"<li><b{colour}>{escape(_title(matter, words))}</b>{rows}</li>"


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _value(text: str, *, code: bool) -> str:
    return f"<code>{escape(text)}</code>" if code and text else escape(text)


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
