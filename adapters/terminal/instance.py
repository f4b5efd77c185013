"""One instance on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.prospect import Prospect
from adapters.terminal.event_words import what, who
from adapters.terminal.kinds import recordable
from adapters.terminal.ledger import STYLES
from adapters.terminal.names import Names
from adapters.terminal.picture import line_of_states
from adapters.terminal.proposals import rows_of
from adapters.terminal.screen import BAD, FAINT, GOOD, STRONG, WARN, Cell, Screen, Span
from adapters.terminal.times import Times
from engine.definition import Workflow
from engine.events import Event, Instance
from engine.facts import to_moment
from engine.holding import FORCED_BACK
from workflows.plan.model import Plan
from workflows.running.conduct import Conduct
from workflows.running.desk import LOADED_AT
from workflows.running.obligations import Obligation
from workflows.running.proposals import GLASS, Proposal

HIDDEN = ("title", "title.en", "step", "loaded_at", "year", FORCED_BACK)
"""Facts that the head says already, or that serve the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What there is to say of an instance."""

    instance: Instance
    workflow: Workflow
    plan: Plan
    zone: ZoneInfo
    obligations: Sequence[Obligation]
    moves: Sequence[Prospect]
    events: Sequence[Event]
    below: Mapping[str, int]
    conduct: Conduct
    slips: Sequence[Instance]
    """Follow-up slips that were issued about it."""
    proposals: Sequence[Proposal] = ()
    """What waits for a second person about it."""
    trial: bool = False


LOADED_STEP = f"{LOADED_AT}:"


def show_instance(screen: Screen, of: Portrait) -> None:
    """Print the portrait of an instance."""
    t, names, times = screen.words, Names(screen.words, of.plan), Times(screen.words, of.zone)
    mark: list[Span] = [(f"{t.text('TRIAL')}  ", WARN)] if of.trial else []
    screen.line(*mark, (of.instance.key, STRONG), f"  {names.title(of.instance)}")
    machine = t.word("machine", of.instance.workflow)
    owner = names.owner(of.instance.owner)
    lamp = f"  {t.text('lamp')} {of.instance.lamp}" if of.instance.lamp else ""
    screen.line((f"{machine}  {t.text('owner')} {owner}{lamp}", FAINT))
    screen.gap()
    line_of_states(screen, of.workflow, of.instance.state)
    if of.instance.state not in of.workflow.line:
        screen.line((f"[{names.state(of.instance)}]", WARN))
    _facts(screen, of, times)
    _obligations(screen, of, names, times)
    _conduct(screen, of, names)
    _proposals(screen, of, times)
    _moves(screen, of, names)
    _records(screen, of)
    if of.below:
        shown = [f"{t.word('machine', name)} {count}" for name, count in of.below.items()]
        screen.heading(t.text("Below it"), t.shown(shown))
    if of.events:
        screen.heading(t.text("Last events"), f"duban history {of.instance.key}")
        rows = [
            (
                (f"#{e.position}", FAINT),
                times.moment(e.occurred_at),
                what(e, t, times, of.instance.workflow),
                who(e, t),
            )
            for e in of.events
        ]
        screen.table((), rows, indent=2)


def _facts(screen: Screen, of: Portrait, times: Times) -> None:
    t = screen.words
    rows: list[Sequence[Cell]] = []
    for name, value in sorted(of.instance.facts.items()):
        if name in HIDDEN or name.endswith(".en") or name.startswith((GLASS, LOADED_STEP)):
            continue
        shown = t.word("choice", str(value))
        if "." not in name and len(shown) == len("2024-07-10T16:00:00.000000Z"):
            shown = _moment(shown, times)
        if name == "category":
            category = next((c for c in of.plan.categories if c.id == value), None)
            shown = category.name.in_language(t.language) if category else shown
        if name == "sources":
            sources = {source.id: source.name.in_language(t.language) for source in of.plan.sources}
            shown = t.shown([sources.get(ident, ident) for ident in str(value).split()])
        rows.append((t.word("field", name), shown))
    if rows:
        screen.heading(t.text("Known"))
        screen.table((), rows, indent=2)


def _moment(text: str, times: Times) -> str:
    try:
        return times.full(to_moment(text))
    except ValueError:
        return text


def _obligations(screen: Screen, of: Portrait, names: Names, times: Times) -> None:
    t = screen.words
    if not of.obligations:
        return
    screen.heading(t.text("Owes"))
    rows: list[Sequence[Cell]] = []
    for o in of.obligations:
        standing = t.word("standing", str(o.standing))
        if o.days_late:
            standing = t.text("{standing} {days}d", standing=standing, days=o.days_late)
        own = t.text("own date") if o.deadline and o.deadline.instance else ""
        rows.append(
            (
                (standing, STYLES.get(o.standing, "")),
                times.due(o.deadline),
                names.step(o.step.id),
                names.owner(o.owner),
                (f"{o.step.id} {own}".rstrip(), FAINT),
            )
        )
    screen.table((), rows, indent=2)


def _conduct(screen: Screen, of: Portrait, names: Names) -> None:
    """Print what was counted of it, nothing while there is nothing; and its slips."""
    t, found = screen.words, of.conduct
    counts = (
        (found.rungs, t.text("rungs")),
        (found.late, t.text("times late")),
        (found.days_late, t.text("days late")),
        (found.slips, t.text("slips")),
        (found.proposals, t.text("accountability proposed")),
        (found.returned, t.text("times returned")),
        (found.extended, t.text("extensions")),
        (found.excused, t.text("excuses")),
        (found.forced, t.text("forced moves")),
    )
    shown = [f"{word} {count}" for count, word in counts if count]
    if shown:
        screen.heading(t.text("Counted"), t.shown(shown))
    if of.slips:
        screen.heading(t.text("Slips about it"))
        rows = [
            ((slip.key, STRONG), names.state(slip), names.owner(slip.owner), names.title(slip))
            for slip in of.slips
        ]
        screen.table((), rows, indent=2)


def _proposals(screen: Screen, of: Portrait, times: Times) -> None:
    if of.proposals:
        screen.heading(screen.words.text("Waits for a second person"), "duban proposals")
        screen.table((), rows_of(screen, of.proposals, times), indent=2)


def _moves(screen: Screen, of: Portrait, names: Names) -> None:
    t = screen.words
    if not of.moves:
        return
    screen.heading(t.text("Moves from here"))
    rows: list[Sequence[Cell]] = []
    for move in of.moves:
        mark: Span = ("+", GOOD) if move.possible else ("-", BAD)
        roles = t.shown([t.word("role", role) for role in move.by])
        people = [_person(screen, names, p) for p in move.people]
        whom = roles + (f": {t.shown(people)}" if people else "")
        unmet = t.shown([t.guard(guard, of.instance.key) for guard in move.unmet])
        notes = [
            *([t.text("still needed: {unmet}", unmet=unmet)] if move.unmet else []),
            *([t.text("by itself")] if move.automatic else []),
            *([t.text("with --reason")] if move.needs_reason else []),
        ]
        target = t.word("state", move.target, of.instance.workflow)
        word = t.word("trigger", move.trigger, of.instance.workflow)
        shown = move.trigger if word == move.trigger else f"{move.trigger} {word}"
        rows.append((mark, (shown, STRONG), f"→ {target}", whom, ("; ".join(notes), FAINT)))
    screen.table((), rows, indent=2)


def _person(screen: Screen, names: Names, recipient: str) -> str:
    if recipient.startswith("post:"):
        post = names.owner(recipient.removeprefix("post:"))
        return screen.words.text("{post} (no holder)", post=post)
    return recipient


def _records(screen: Screen, of: Portrait) -> None:
    t = screen.words
    now = [r for r in of.workflow.records if recordable(of.workflow, r, of.instance)]
    if not now:
        return
    screen.heading(
        t.text("Can be recorded"), f"duban record {of.instance.key} KIND --occurred-at DATE"
    )
    rows = [
        (
            (r.kind, STRONG),
            t.word("record", r.kind),
            " ".join(_asked(f.name) for f in r.fields if f.required),
        )
        for r in now
    ]
    screen.table((), rows, indent=2)


def _asked(field: str) -> str:
    return "--file PATH" if field == "sha256" else f"--field {field}=…"
