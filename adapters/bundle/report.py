"""The readable part of a bundle: one page in each language, for the screen and for paper."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from adapters.bundle.contents import Row
from adapters.messages import Translator, translator
from adapters.terminal.event_words import details, text_word, what, who
from adapters.terminal.names import Names
from adapters.terminal.times import Times
from engine.entries import Entry
from engine.events import Event, Instance, Kind
from engine.facts import to_moment
from engine.log import SealedNotice
from engine.persons import POST, Hiding
from workflows.plan.model import Plan

if TYPE_CHECKING:
    from adapters.bundle.writing import Wanted, Written

MOST_ROWS = 20_000
"""Events that a report shows; a larger cycle is read in `events.jsonl`."""

LANGUAGES = ("en", "zh")

STYLE = """\
@page{size:A4;margin:20mm 18mm}
*{box-sizing:border-box}
body{font:10.5pt/1.5 "Noto Serif CJK SC","Songti SC",SimSun,Georgia,serif;color:#111;
max-width:190mm;margin:2em auto;padding:0 1em}
h1{font-size:18pt;text-align:center;margin:0 0 .2em}
h2{font-size:13pt;border-bottom:1px solid #111;margin:1.8em 0 .5em;break-after:avoid}
h3{font-size:11pt;margin:1.4em 0 .3em;break-after:avoid}
h3 code{font-weight:normal}
p.sub{text-align:center;margin:0 0 1.5em;color:#444}
table{border-collapse:collapse;width:100%;font-size:9pt}
th,td{border:1px solid #999;padding:.25em .45em;text-align:left;vertical-align:top;
overflow-wrap:anywhere}
th{background:#eee;white-space:nowrap}
thead{display:table-header-group}
tr{break-inside:avoid}
td.n{text-align:right;white-space:nowrap}
td.t{white-space:nowrap}
tr.forced td{background:#fbe3e3}
tr.gone td{background:#eee}
.mark{font-weight:bold}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #999;padding:.6em;font-size:8.5pt}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em;margin:0}
dt{color:#444}dd{margin:0}
.trial{border:2px solid #b00;color:#b00;text-align:center;padding:.3em;font-weight:bold}
@media print{body{margin:0;max-width:none;padding:0}}
"""


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
        self._told: dict[tuple[int, str, str], None] = {}
        """Event, recipient and channel of every notice item, in order."""
        self._sent: dict[tuple[int, str, str], datetime] = {}
        self._happened: dict[int, tuple[str, dict[str, str]]] = {}
        """Event → its instance, and what it was in each language."""
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
        to, channel = notice.recipient, str(said.get("channel"))
        shown = to if self._wanted.named else numbered.recipient(to)
        if said.get("entry") == Entry.TOLD:
            self._told[said["event"], shown, channel] = None
        elif said.get("entry") == Entry.SENT:
            moment = to_moment(said["sent_at"])
            self._sent |= {(event, shown, channel): moment for event in said["events"]}

    def _heading(self, event: Event, t: Translator) -> str:
        end = "</tbody></table>" if self._rows > 1 else ""
        facts: Mapping[str, Any] = event.data.get("set", {})
        english = facts.get("title.en") if t.language == "en" else ""
        title = str(english or facts.get("title", ""))
        names = ("no.", "event", "when", "what", "who", "recorded", "more")
        heads = "".join(f"<th>{escape(t.text(name))}</th>" for name in names)
        return (
            f"{end}<h3>{escape(title)} <code>{escape(event.instance)}</code></h3>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>"
        )

    def _row(self, event: Event, row: Row, t: Translator, times: Times) -> str:
        span = what(event, t, times, self._workflow)
        happened = span if isinstance(span, str) else span[0]
        step = self._plan.step(str(event.data.get("step", "")))
        if step is not None:
            happened = f"{happened} {step.name.in_language(t.language)}"
        known = self._happened.setdefault(event.position, (event.instance, {}))
        known[1][t.language] = happened
        more = [f"{escape(label)}: {escape(text)}" for label, text in details(event, t)]
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
        standing: Sequence[tuple[Instance, str]],
    ) -> Iterator[bytes]:
        """Yield the page in one language."""
        t = self._speakers[language]
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
        yield "".join(self._facts(t, done)).encode()
        yield "".join(self._standing(t, standing)).encode()
        timeline = t.text("Timeline")
        yield f"<h2>{escape(timeline)}</h2>".encode()
        page = self._pages[language]
        page.seek(0)
        while piece := page.read(1024 * 1024):
            yield piece
        yield (b"</tbody></table>" if self._rows else b"")
        yield "".join(self._notices(t)).encode()
        if self._left:
            left = t.text("{count} more events are in events.jsonl.", count=self._left)
            yield f"<p>{escape(left)}</p>".encode()
        yield "".join(self._seal(t, log)).encode()
        yield b"</body></html>\n"

    def _standing(self, t: Translator, standing: Sequence[tuple[Instance, str]]) -> Iterator[str]:
        names, past = Names(t, self._plan), self._wanted.past
        heading = t.text("How things stand")
        if past is not None:
            heading = t.text(
                "How things stood at {as_of}", as_of=self._times[t.language].full(past.as_of)
            )
        yield f"<h2>{escape(heading)}</h2>"
        heads = (t.text("key"), t.text("title"), t.text("state"), t.text("owner"), t.text("lamp"))
        said = "".join(f"<th>{escape(head)}</th>" for head in heads)
        yield f"<table><thead><tr>{said}</tr></thead><tbody>"
        for instance, state in standing[:MOST_ROWS]:
            cells = (
                names.title(instance),
                names.state(replace(instance, state=state)),
                names.owner(instance.owner),
                instance.lamp,
            )
            row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            yield f'<tr><td class="t"><code>{escape(instance.key)}</code></td>{row}</tr>\n'
        yield "</tbody></table>"
        if len(standing) > MOST_ROWS:
            left = t.text("{count} more are in manifest.json.", count=len(standing) - MOST_ROWS)
            yield f"<p>{escape(left)}</p>"

    def _notices(self, t: Translator) -> Iterator[str]:
        heading, times = t.text("Notices"), self._times[t.language]
        yield f"<h2>{escape(heading)}</h2>"
        if not self._told:
            nobody = t.text("Nobody was told of anything, as far as is sealed.")
            yield f"<p>{escape(nobody)}</p>"
            return
        names = (
            t.text("event"),
            t.text("key"),
            t.text("what"),
            t.text("told to"),
            t.text("by channel"),
            t.text("sent at"),
        )
        heads = "".join(f"<th>{escape(name)}</th>" for name in names)
        yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
        waits = t.text("not sent")
        for event, to, channel in list(self._told)[:MOST_ROWS]:
            key, happened = self._happened.get(event, ("", {}))
            sent = self._sent.get((event, to, channel))
            post = self._posts.get(to.removeprefix(POST)) if to.startswith(POST) else None
            who_is = to if post is None else post.in_language(t.language)
            yield (
                f'<tr><td class="n">#{event}</td><td class="t"><code>{escape(key)}</code></td>'
                f"<td>{escape(happened.get(t.language, ''))}</td><td>{escape(who_is)}</td>"
                f"<td>{escape(channel)}</td>"
                f'<td class="t">{times.moment(sent) if sent else escape(waits)}</td></tr>\n'
            )
        yield "</tbody></table>"

    def _facts(self, t: Translator, done: Written) -> Iterator[str]:
        persons = t.text("named") if self._wanted.named else t.text("numbered")
        rows: Sequence[tuple[str, object]] = (
            (t.text("plan"), self._plan.document.number or self._plan.id),
            (t.text("histories"), done.instances),
            (t.text("events"), done.events),
            (t.text("not sealed"), done.unsealed),
            (t.text("persons"), persons),
            (t.text("files of evidence"), done.evidence),
            (t.text("files not in the bundle"), len(done.left_out)),
            (t.text("removals by law"), len(self._removed)),
        )
        said = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in rows)
        yield f"<dl>{said}</dl>"
        only = t.text(
            "This page is for reading. What counts are the files beside it, which verify.py checks "
            "against the log."
        )
        yield f"<p>{escape(only)}</p>"

    def _seal(self, t: Translator, log: Mapping[str, Any]) -> Iterator[str]:
        heading, nothing = t.text("Last checkpoint"), t.text("Nothing is sealed.")
        yield f"<h2>{escape(heading)}</h2>"
        if not log["checkpoints"]:
            yield f"<p>{escape(nothing)}</p>"
            return
        hold = t.text("Compare it with the one that you hold from elsewhere.")
        yield f"<p>{escape(hold)}</p><pre>{escape(log['checkpoints'][-1]['note'])}</pre>"
