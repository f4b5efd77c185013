"""The tables of a report: who is who, how things stand, who was told, and what is signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from typing import Any

from adapters.bundle.contents import Contents
from adapters.bundle.verifier.stamps import stamp_of
from adapters.bundle.verifier.trouble import Bad
from adapters.messages import Translator
from adapters.terminal.names import Names
from adapters.terminal.times import Times
from engine.entries import Entry
from engine.events import Event, Instance
from engine.facts import to_moment
from engine.persons import POST
from workflows.plan.model import Plan

MOST_ROWS = 20_000
"""Rows that a table shows; a larger cycle is read in the files beside the report."""


@dataclass(slots=True)
class Told:
    """Who was told of which event, by which channel, and when that was sent."""

    asked: dict[tuple[int, str, str], None] = field(default_factory=dict)
    """Event, recipient and channel, in the order of the log."""
    sent: dict[tuple[int, str, str], datetime] = field(default_factory=dict)
    events: dict[int, tuple[str, dict[str, str]]] = field(default_factory=dict)
    """Event → its instance, and what it was in each language."""

    def take(self, said: Mapping[str, Any], to: str) -> None:
        """Take a notice as the log holds it, with its recipient as shown."""
        channel = str(said.get("channel"))
        if said.get("entry") == Entry.TOLD:
            self.asked[said["event"], to, channel] = None
        elif said.get("entry") == Entry.SENT:
            moment = to_moment(said["sent_at"])
            self.sent |= {(event, to, channel): moment for event in said["events"]}

    def happened(self, event: Event, language: str, said: str) -> None:
        """Keep what an event was, for the case that somebody was told of it."""
        self.events.setdefault(event.position, (event.instance, {}))[1][language] = said


class Tables:
    """The tables in one language."""

    def __init__(self, t: Translator, times: Times, plan: Plan) -> None:
        """Speak through ``t``, of ``plan``."""
        self._t, self._times = t, times
        self._names = Names(t, plan)
        self._posts = {post.id: post.name.in_language(t.language) for post in plan.posts}

    def facts(self, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield what there is to know of the whole."""
        said = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows)
        yield f"<dl>{said}</dl>"

    def reading(self, within: str) -> Iterator[str]:
        """Yield what this page is, and how to prove what it says."""
        t, name = self._t, f"{within.replace('/', '-')}.zip"
        only = t.text(
            "This page is for reading. What counts are the files beside it, which verify.py checks "
            "against the log."
        )
        how = t.text(
            "Anybody proves it on a computer of their own, with nothing but Python; take verify.py "
            "from somebody you trust:"
        )
        yield f"<p>{escape(only)} {escape(how)}</p>"
        yield f"<pre>python3 verify.py {escape(name)} --checkpoint NOTE</pre>"

    def persons(self, contents: Contents) -> Iterator[str]:
        """Yield who is who: by number or by name, with the posts that they held."""
        t = self._t
        heading, deputy, nobody = t.text("Persons"), t.text("as deputy"), t.text("not named")
        yield f"<h2>{escape(heading)}</h2>"
        heads = (t.text("number"), t.text("account"), t.text("posts"))
        rows = []
        for person in contents.persons_held():
            posts = [
                f"{self._post(post.post)} {_period(post.since, post.until)}".strip()
                + (f" ({deputy})" if post.deputy else "")
                for post in person.posts
            ]
            named = person.name if contents.named else nobody
            rows.append(((person.number, "s"), (named, ""), ("；\n".join(posts), "")))
        yield from table(heads, rows)

    def standing(
        self, standing: Sequence[tuple[Instance, str]], as_of: datetime | None
    ) -> Iterator[str]:
        """Yield how everything stands, or stood."""
        t, names = self._t, self._names
        heading = t.text("How things stand")
        if as_of is not None:
            heading = t.text("How things stood at {as_of}", as_of=self._times.full(as_of))
        yield f"<h2>{escape(heading)}</h2>"
        heads = (t.text("key"), t.text("title"), t.text("state"), t.text("owner"), t.text("lamp"))
        yield from table(
            heads,
            (
                (
                    (instance.key, "k"),
                    (names.title(instance), ""),
                    (names.state(replace(instance, state=state)), "s"),
                    (names.owner(instance.owner), ""),
                    (instance.lamp, "s"),
                )
                for instance, state in standing[:MOST_ROWS]
            ),
        )
        if len(standing) > MOST_ROWS:
            left = t.text("{count} more are in manifest.json.", count=len(standing) - MOST_ROWS)
            yield f"<p>{escape(left)}</p>"

    def notices(self, told: Told) -> Iterator[str]:
        """Yield whom each event was told to, and when that was sent."""
        t = self._t
        heading = t.text("Notices")
        yield f"<h2>{escape(heading)}</h2>"
        if not told.asked:
            nobody = t.text("Nobody was told of anything, as far as is sealed.")
            yield f"<p>{escape(nobody)}</p>"
            return
        heads = (
            t.text("event"),
            t.text("key"),
            t.text("what"),
            t.text("told to"),
            t.text("by channel"),
            t.text("sent at"),
        )
        yield from table(heads, self._told(told))

    def _told(self, told: Told) -> Iterator[Row]:
        waits = self._t.text("not sent")
        for event, to, channel in list(told.asked)[:MOST_ROWS]:
            key, happened = told.events.get(event, ("", {}))
            sent = told.sent.get((event, to, channel))
            yield (
                (f"#{event}", "n"),
                (key, "k"),
                (happened.get(self._t.language, ""), ""),
                (self._post(to.removeprefix(POST)) if to.startswith(POST) else to, ""),
                (channel, "s"),
                (self._times.moment(sent) if sent else waits, "t"),
            )

    def seal(self, log: Mapping[str, Any]) -> Iterator[str]:
        """Yield the last checkpoint, to be held against another, and who stamped which."""
        t = self._t
        heading, nothing = t.text("Last checkpoint"), t.text("Nothing is sealed.")
        yield f"<h2>{escape(heading)}</h2>"
        if not log["checkpoints"]:
            yield f"<p>{escape(nothing)}</p>"
            return
        hold = t.text("Compare it with the one that you hold from elsewhere.")
        yield f"<p>{escape(hold)}</p><pre>{escape(log['checkpoints'][-1]['note'])}</pre>"
        stamps = list(self._stamps(log["stamps"]))
        if stamps:
            heading = t.text("Time stamps")
            yield f"<h3>{escape(heading)}</h3>"
            yield from table((t.text("authority"), t.text("checkpoint"), t.text("seen at")), stamps)

    def _stamps(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
        for row in rows:
            try:
                moment = stamp_of(row, "").moment
            except Bad:
                moment = ""  # the verifier names it
            yield (str(row["authority"]), ""), (str(row["size"]), "n"), (moment, "t")

    def _post(self, post: str) -> str:
        return self._posts.get(post) or self._names.owner(post)


Row = tuple[tuple[str, str], ...]
"""Cells, each as its text and the class that says how it is laid out."""


def table(heads: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield a table."""
    said = "".join(f"<th>{escape(head)}</th>" for head in heads)
    yield f"<table><thead><tr>{said}</tr></thead><tbody>"
    for row in rows:
        cells = "".join(f'<td class="{kind}">{_cell(text, kind)}</td>' for text, kind in row)
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody></table>"


def _cell(text: str, kind: str) -> str:
    safe = escape(text).replace("\n", "<br>")
    return f"<code>{safe.replace('/', '/<wbr>')}</code>" if kind == "k" else safe


def _period(since: str, until: str) -> str:
    return f"{since or '…'} – {until or '…'}" if since or until else ""
