"""The readable part of a bundle: one page in each language, for the screen and for paper."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from adapters.bundle.contents import Contents, Row
from adapters.bundle.page_style import STYLE
from adapters.bundle.tables import MOST_ROWS, Tables, Told
from adapters.messages import Translator, translator
from adapters.terminal.event_words import details, text_word, what, who
from adapters.terminal.times import Times
from engine.events import Event, Kind
from engine.log import SealedNotice
from engine.persons import Hiding
from workflows import office
from workflows.plan.model import Plan

if TYPE_CHECKING:
    from adapters.bundle.writing import Wanted, Written

LANGUAGES = ("en", "zh")


class Report:
    """Grows with the events, in both languages at once, on disk."""

    def __init__(self, plan: Plan, wanted: Wanted, stack: ExitStack) -> None:
        """Begin; the temporary files go with ``stack``."""
        self._plan = plan
        self._wanted = wanted
        self._rows = 0
        self._left = 0
        self._key = ""
        self._workflow = ""
        self._files: list[tuple[str, str]] = []
        self._removed: list[Event] = []
        self._told = Told()
        self._recorded: list[datetime] = []
        """When the first event was recorded, and the last."""
        self._posts = {post.id: post.name for post in plan.posts}
        zone = ZoneInfo(plan.zone)
        self._speakers = {name: translator(name).in_zone(zone) for name in LANGUAGES}
        self._times = {name: Times(t, zone) for name, t in self._speakers.items()}
        self._pages: dict[str, IO[bytes]] = {
            name: stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it goes with the stack
            for name in LANGUAGES
        }

    def take(self, row: Row) -> None:
        """Add one event to the timelines."""
        event = row.shown
        moments = [*self._recorded, event.recorded_at]
        self._recorded = [min(moments), max(moments)]
        if event.kind is Kind.REDACTED:
            self._removed.append(event)
        first = event.instance != self._key
        if first:
            self._key = event.instance
            self._workflow = str(event.data.get("workflow", ""))
        if self._rows >= MOST_ROWS:
            self._left += 1
            return
        self._rows += 1
        for language in LANGUAGES:
            t = self._speakers[language]
            said = self._heading(event, t) if first else ""
            said += self._row(event, row, t, self._times[language])
            self._pages[language].write(said.encode())

    def tell(self, notice: SealedNotice, numbered: Hiding) -> None:
        """Add a notice: whom an event was told to, or that it was sent."""
        try:
            said = json.loads(notice.entry)
        except ValueError:
            return  # the verifier names it
        to = notice.recipient if self._wanted.named else numbered.recipient(notice.recipient)
        self._told.take(said, to)

    def _heading(self, event: Event, t: Translator) -> str:
        end = "</tbody></table>" if self._rows > 1 else ""
        facts: Mapping[str, Any] = event.data.get("set", {})
        english = facts.get("title.en") if t.language == "en" else ""
        title = str(english or facts.get("title", ""))
        if event.instance == office.KEY:
            title = t.text("The office: posts, keys, calendars")
        names = ("no.", "event", "when", "what", "who", "recorded", "more")
        heads = "".join(f"<th>{escape(t.text(name))}</th>" for name in names)
        return (
            f"{end}<h3>{escape(title)} <code>{escape(event.instance)}</code></h3>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>"
        )

    def _row(self, event: Event, row: Row, t: Translator, times: Times) -> str:
        happened = self._said(event, t, times)
        self._told.happened(event, t.language, happened)
        more = [f"{escape(label)}: {escape(text)}" for label, text in self._more(event, t)]
        gone = [name for name, text in row.texts.items() if text.text is None]
        removed = escape(t.text("removed by law"))
        more += [f"{escape(text_word(name, t))}: {removed}" for name in gone]
        occurred, recorded = times.moment(event.occurred_at), times.moment(event.recorded_at)
        late = recorded if recorded != occurred else ""
        kind = "forced" if event.forced else "gone" if event.kind is Kind.REDACTED else ""
        unsealed = "" if row.leaf else " " + t.text("not sealed")
        return (
            f'<tr class="{kind}"><td class="n">{event.sequence}</td>'
            f'<td class="n">#{event.position}{escape(unsealed)}</td>'
            f'<td class="t">{occurred}</td><td>{escape(happened)}</td>'
            f'<td>{escape(who(self._with_post(event, t), t))}</td><td class="t">{late}</td>'
            f"<td>{'<br>'.join(more)}</td></tr>\n"
        )

    def _said(self, event: Event, t: Translator, times: Times) -> str:
        """Return what happened, with names in the place of what stands for them in a plan."""
        span = what(event, t, times, self._workflow)
        happened = span if isinstance(span, str) else span[0]
        step = self._plan.step(str(event.data.get("step", "")))
        if step is not None:
            name = step.name.in_language(t.language)
            rest = happened.replace(f" {step.id}", f": {name}", 1)
            happened = rest if rest != happened else f"{happened} · {name}"
        post = self._posts.get(str(event.data.get("post", "")))
        if post is not None and event.kind is Kind.TENURE:
            happened = happened.replace(
                f" {event.data['post']}", f" {post.in_language(t.language)}"
            )
        return happened

    def _more(self, event: Event, t: Translator) -> Iterator[tuple[str, str]]:
        """Yield what else there is to say of an event."""
        yield from details(event, t)
        data = event.data
        if event.kind is Kind.TENURE:
            days = (data.get("since"), data.get("until"))
            if any(days):
                yield t.text("period"), " – ".join(str(day or "…") for day in days)
        elif event.kind is Kind.KEY:
            yield t.text("public key"), str(data.get("key", ""))
        elif event.kind is Kind.CALENDAR:
            yield t.text("calendar"), str(data.get("edition", ""))

    def _with_post(self, event: Event, t: Translator) -> Event:
        """Return the event with the name of the post that it was done for."""
        person, stroke, behind = event.acting_for.partition("/")
        post, mark, rest = (behind if stroke else person).partition(" (")
        named = self._posts.get(post)
        if named is None:
            return event
        whole = f"{person}/" * bool(stroke) + named.in_language(t.language) + mark + rest
        return replace(event, acting_for=whole)

    def pages(
        self,
        language: str,
        done: Written,
        log: Mapping[str, Any],
        contents: Contents,
    ) -> Iterator[bytes]:
        """Yield the page in one language."""
        t, past = self._speakers[language], self._wanted.past
        tables = Tables(t, self._times[language], self._plan)
        name = self._plan.name.in_language(language)
        yield (
            f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">"
            f"<title>{escape(self._wanted.within)}</title><style>{STYLE}</style></head><body>"
        ).encode()
        if self._wanted.trial:
            mark = t.text("TRIAL")
            yield f'<p class="trial">{escape(mark)}</p>'.encode()
        title = t.text("Evidence bundle")
        yield (
            f'<h1>{escape(name)}</h1><p class="sub">{escape(title)} · '
            f"<code>{escape(self._wanted.within)}</code></p>"
        ).encode()
        yield "".join(tables.facts(self._facts(language, done, log))).encode()
        yield "".join(tables.reading(self._wanted.within)).encode()
        yield "".join(tables.persons(contents)).encode()
        yield "".join(tables.standing(contents.standing, past.as_of if past else None)).encode()
        timeline = t.text("Timeline")
        yield f"<h2>{escape(timeline)}</h2>".encode()
        page = self._pages[language]
        page.seek(0)
        while piece := page.read(1024 * 1024):
            yield piece
        yield (b"</tbody></table>" if self._rows else b"")
        if self._left:
            left = t.text("{count} more events are in events.jsonl.", count=self._left)
            yield f"<p>{escape(left)}</p>".encode()
        yield "".join(tables.notices(self._told)).encode()
        yield "".join(tables.seal(log)).encode()
        yield b"</body></html>\n"

    def _facts(
        self, language: str, done: Written, log: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        t, times, past = self._speakers[language], self._times[language], self._wanted.past
        yield t.text("plan"), self._plan.document.number or self._plan.id
        if self._recorded:
            yield t.text("recorded from"), times.full(self._recorded[0])
            yield t.text("recorded until"), times.full(self._recorded[1])
        if past is not None and past.cut is not None:
            yield t.text("as known at"), times.full(past.cut.known_at)
        yield t.text("histories"), str(done.instances)
        yield t.text("events"), str(done.events)
        if done.unsealed:
            yield t.text("not sealed"), str(done.unsealed)
        named = self._wanted.named
        yield t.text("persons"), t.text("named") if named else t.text("numbered")
        yield t.text("files of evidence"), str(done.evidence)
        if done.left_out:
            yield t.text("files not in the bundle"), str(len(done.left_out))
        yield t.text("removals by law"), str(len(self._removed))
        yield t.text("checkpoints"), str(len(log["checkpoints"]))
