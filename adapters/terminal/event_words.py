"""Events as sentences: what happened, by whom, on what paper and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapters.messages import Translator
from adapters.terminal.screen import BAD, FAINT, GOOD, WARN, Span
from adapters.terminal.times import Times
from engine.act import CHAIN
from engine.content import content
from engine.definition import FORCE
from engine.events import DAEMON, Data, Event, Kind
from engine.facts import to_moment

STYLES = {
    Kind.MOVED: GOOD,
    Kind.LATE: BAD,
    Kind.SLIP: BAD,
    Kind.PROPOSED: BAD,
    Kind.CORRECTED: WARN,
    Kind.EXCUSED: WARN,
    Kind.EXTENDED: WARN,
    Kind.SUSPENDED: WARN,
    Kind.ACT_PROPOSED: WARN,
    Kind.ACT_DECLINED: WARN,
    Kind.GLASS_BROKEN: BAD,
    Kind.REDACTED: WARN,
    Kind.REMINDED: FAINT,
    Kind.FOLDED: FAINT,
    Kind.LAMP: FAINT,
    Kind.DEADLINE_SET: FAINT,
}


def what(event: Event, words: Translator, times: Times, workflow: str = "") -> Span:
    """Return what happened, in a few words."""
    style = BAD if event.forced else STYLES.get(event.kind, "")
    return _what(event, words, times, workflow), style


def _what(event: Event, t: Translator, times: Times, workflow: str) -> str:  # noqa: PLR0911 - one kind, one line
    data = event.data
    head = t.word("event", str(event.kind))
    step = f" {data['step']}" if data.get("step") else ""
    match event.kind:
        case Kind.MOVED:
            trigger = t.word("trigger", event.trigger, workflow)
            source = t.word("state", event.source, workflow)
            target = t.word("state", event.target, workflow)
            if event.forced:
                return t.text("FORCED: {source} → {target}", source=source, target=target)
            return f"{trigger}: {source} → {target}"
        case Kind.RECORDED:
            return f"{head}: {t.word('record', str(data.get('record', '')))}"
        case Kind.CORRECTED:
            said = (
                t.text("voids event {position}", position=data["corrects"])
                if data.get("void")
                else t.text("corrects event {position}", position=data["corrects"])
            )
            return f"{said}: {times.moment(to_moment(data['moment']))}"
        case Kind.EXTENDED:
            return f"{head}{step}: {times.last_day(to_moment(data['to']))}"
        case Kind.DEADLINE_SET:
            due = str(data.get("due") or "")
            shown = (
                times.last_day(to_moment(due))
                if due
                else t.word("certainty", str(data.get("certainty", "")))
            )
            return f"{head}{step}: {shown}"
        case Kind.LAMP:
            return f"{head}: {data.get('lamp') or '-'}"
        case Kind.ACT_PROPOSED | Kind.GLASS_BROKEN:
            return f"{head}: {asked_for(data, t)}"
        case Kind.ACT_CONFIRMED | Kind.ACT_DECLINED | Kind.ACT_LAPSED:
            return f"{head}: #{data['proposal']}"
        case Kind.NOTED:
            return f"{head}: #{data['event']}"
        case Kind.AMENDED:
            return _amended(data, t, workflow) or f"{head}{step}"
        case Kind.REDACTED:
            return f"{head}: {_removed(data, t)}"
        case Kind.TENURE:
            return f"{head}: {data.get('post', '')} {data.get('person', '')}".rstrip()
        case _:
            return f"{head}{step}"


def _amended(data: Data, t: Translator, workflow: str) -> str:
    """Return what an amendment of the plan did; nothing for any other."""
    if "plan" in data:
        if "reverts" in data:
            return t.text("amendment #{event} taken back", event=data["reverts"])
        return t.text("plan amended")
    if "machine" in data:
        return t.text(
            "moved to another edition: {before} → {after}",
            before=t.word("state", str(data.get("was", "")), workflow),
            after=t.word("state", str(data["state"]), workflow),
        )
    return ""


def who(event: Event, words: Translator) -> str:
    """Return who did it, and on whose behalf."""
    if event.actor == DAEMON:
        return words.text("(by itself)")
    if not event.acting_for or event.acting_for == event.actor:
        return event.actor
    return words.text(
        "{person} for {post}", person=event.actor, post=event.acting_for.removesuffix("/")
    )


def details(event: Event, t: Translator) -> Iterator[tuple[str, str]]:
    """Yield what else there is to say, as label and text."""
    if event.authority:
        yield t.text("document"), event.authority
    fields = content(event) if event.kind in (Kind.RECORDED, Kind.CORRECTED) else {}
    for fact, value in fields.items():
        name = fact.rpartition(".")[2]
        if "." in fact and str(value) != event.authority:
            yield t.word("field", name), t.word("choice", str(value))
        elif ":" in fact:
            yield t.text("which"), fact.partition(":")[2]
    yield from _chain(event.data.get(CHAIN, {}), t)
    for text in event.data.get("around", ()):
        yield t.text("went around"), around(str(text), t)
    for name, text in event.texts.items():
        yield text_word(name, t), text


def _removed(data: Data, t: Translator) -> str:
    """Return in a few words what was removed by law."""
    if "file" in data:
        return t.text("the file {sha256}", sha256=str(data["file"])[:16])
    names = [text_word(name, t) for name in data["texts"]]
    return t.text("{names} of event {position}", names=names, position=data["event"])


def text_word(name: str, t: Translator) -> str:
    """Return what a free text of an event is called."""
    return t.text("reason") if name == "reason" else t.word("field", name)


def removed_texts(events: Iterable[Event]) -> Mapping[int, Sequence[tuple[str, int]]]:
    """Return by position which texts of an event were removed, and by which event."""
    found: dict[int, list[tuple[str, int]]] = {}
    for event in events:
        if event.kind is Kind.REDACTED and "event" in event.data:
            removed = ((name, event.position) for name in event.data["texts"])
            found.setdefault(event.data["event"], []).extend(removed)
    return found


def _chain(chain: Data, t: Translator) -> Iterator[tuple[str, str]]:
    """Yield how two persons came to an act, or that one did it alone."""
    if "alone" in chain:
        yield t.text("done alone"), f"#{chain['alone']}"
    if "proposal" in chain:
        yield t.text("proposed"), f"{chain['proposed_by']} #{chain['proposal']}"
        yield t.text("confirmed"), str(chain["confirmed_by"])


def asked_for(data: Data, t: Translator) -> str:
    """Return in a few words what a proposal asks for."""
    act, values = str(data["act"]), data["with"]
    if not values:  # not for whoever reads this
        return t.word("act", act)
    if act == FORCE:
        return t.word("act", f"{FORCE}:{values['to']}")
    if act == "move":
        return t.word("trigger", str(values["trigger"]))
    named = [str(values[name]) for name in SAID if values.get(name)]
    if act == "record":
        named = [t.word("record", str(values["kind"]))]
    if act == "correct":
        named = [f"#{values['event']}"]
    if act == "backfill":
        named = [str(entry["step"]) for entry in values["entries"]]
    return " ".join([t.word("act", act), *named])


SAID = ("step", "until", "post", "person", "tenure", "edition", "cycle")
"""Parameters of an act that a line about it repeats."""


def around(code: str, t: Translator) -> str:
    """Return in words what a forced move went around.

    The engine names it ``guard:TRIGGER``, ``roles:TRIGGER:ROLES`` or ``order``.
    """
    kind, _, rest = code.partition(":")
    trigger, _, roles = rest.partition(":")
    named = t.word("trigger", trigger)
    if kind == "guard":
        return t.text("the conditions of: {trigger}", trigger=named)
    if kind == "roles":
        shown = [t.word("role", role) for role in roles.split(",")]
        return t.text("{trigger} is for: {roles}", trigger=named, roles=shown)
    return t.text("the order of states: no lawful move leads there from here")
