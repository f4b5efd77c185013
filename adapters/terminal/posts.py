"""Posts and who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from adapters.messages import Translator
from adapters.terminal.screen import FAINT, STRONG, WARN, Cell, Screen
from engine.ports import Tenure
from workflows.plan.model import Plan
from workflows.running.people import holds_on


def show_posts(screen: Screen, plan: Plan | None, tenures: Sequence[Tenure], today: date) -> None:
    """Print every post with its holders and deputies; those of the database first."""
    t = screen.words
    rows = [_row(t, x, t.word("role", x.post), today) for x in tenures if not x.body]
    for post in plan.posts if plan else ():
        name = post.name.in_language(t.language)
        mine = [x for x in tenures if x.post == post.id and plan and x.body == plan.body]
        rows += [_row(t, tenure, name, today) for tenure in mine]
        if not any(holds_on(x, today) and not x.deputy for x in mine):
            rows.append(((post.id, STRONG), name, (t.text("no holder"), WARN), "", ""))
    headings = (t.text("post"), t.text("name"), t.text("who"), t.text("when"), t.text("event"))
    screen.table(headings, rows)


def _row(t: Translator, tenure: Tenure, name: str, today: date) -> Sequence[Cell]:
    now = holds_on(tenure, today)
    deputy = t.text("{person} (deputy)", person=tenure.person)
    person = deputy if tenure.deputy else tenure.person
    period = (
        f"{tenure.since or '…'} – {tenure.until or '…'}" if tenure.since or tenure.until else ""
    )
    style = "" if now else FAINT
    return (
        (tenure.post, STRONG),
        name,
        (person, style),
        (period, style),
        (f"#{tenure.event}", FAINT),
    )
