"""Reading a plan file: bytes become a `Plan`, and everything that is wrong is told at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from engine.errors import N_
from workflows.plan.diagnostics import NOWHERE, Diagnostic, Notes, TooManyErrors
from workflows.plan.element import Element, Reading, shape
from workflows.plan.model import Plan
from workflows.plan.names import Names
from workflows.plan.places import Places
from workflows.plan.read_contents import (
    read_categories,
    read_methods,
    read_sources,
    read_targets,
)
from workflows.plan.read_events import read_events
from workflows.plan.read_header import (
    read_calendar,
    read_catch_up,
    read_dates,
    read_document,
    read_evidence,
    read_language,
    read_quiet,
    read_year,
    read_zone,
)
from workflows.plan.read_ladders import read_ladders
from workflows.plan.read_machines import read_amends, read_machines
from workflows.plan.read_notices import read_notices
from workflows.plan.read_oversight import (
    read_anomalies,
    read_four_eyes,
    read_log_hash,
    read_sight,
)
from workflows.plan.read_people import ROLE, read_outside, read_posts, read_sections
from workflows.plan.read_steps import read_steps
from workflows.plan.source import Mapping, read_source
from workflows.roles import ROLES

FILE_NAME = "plan.yaml"


@dataclass(frozen=True, slots=True)
class PlanReading:
    """What came of reading a plan file."""

    plan: Plan | None
    """None when there is an error."""
    diagnostics: tuple[Diagnostic, ...]
    name: str = FILE_NAME
    """Name of the file, to be shown beside each line."""


class Draft:
    """A plan as far as it could be read, and where its parts stand in the file."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.names = Names(self.notes)
        self.plan: Plan | None = None

    def places(self) -> Places:
        """Return where the parts of the plan stand."""
        return self.names.places()


def read_plan(data: bytes, year: int | None = None, name: str = FILE_NAME) -> PlanReading:
    """Read a plan file; whatever the bytes, the answer is a reading.

    Args:
        data: the content of the file.
        year: the year of the cycle, for a plan that does not say it itself.
        name: what to call the file.

    """
    draft = read_draft(data, year)
    plan = None if draft.notes.failed else draft.plan
    return PlanReading(plan, draft.notes.all(), name)


def read_draft(data: bytes, year: int | None = None) -> Draft:
    """Read a plan file as far as it goes; what is wrong with it stands in the draft's notes."""
    draft = Draft()
    root = read_source(data, draft.notes)
    if root is None:
        return draft
    if not isinstance(root, Mapping):
        draft.notes.add("P115", root.place, found=shape(root))
        return draft
    with suppress(TooManyErrors):
        draft.plan = _plan(root, draft, year)
    return draft


def _plan(root: Mapping, draft: Draft, year: int | None) -> Plan:
    reading = Reading(draft.notes, draft.names)
    for role in ROLES:
        draft.names.declare(ROLE, role, NOWHERE)
    e = Element(root, reading, N_("the plan"))
    read_language(e)
    reading.year = read_year(e, year)
    reading.zone = read_zone(e)
    plan = _head(e, reading)
    reading.counting = plan.dates.days
    sections, outside = read_sections(e), read_outside(e)
    posts = read_posts(e)
    categories, sources = read_categories(e), read_sources(e)
    machines, ladders = read_machines(e), read_ladders(e)
    plan = replace(plan, events=read_events(e, machines))
    draft.names.declare("plan", "steps", e.at("steps"))
    plan = replace(
        plan,
        sections=sections,
        outside=outside,
        posts=posts,
        categories=categories,
        sources=sources,
        machines=machines,
        amends=read_amends(e, machines),
        ladders=ladders,
        methods=read_methods(e, machines),
        steps=read_steps(e, machines, plan.event_names()),
        targets=read_targets(e, categories),
    )
    e.close()
    return plan


def _head(e: Element, reading: Reading) -> Plan:
    return Plan(
        id=e.id(),
        body=e.id("body"),
        key=e.id("key"),
        name=e.name(required=True),
        year=reading.year,
        zone=reading.zone.key,
        document=read_document(e),
        basis=e.texts("basis"),
        calendar=read_calendar(e),
        dates=read_dates(e),
        catch_up=read_catch_up(e),
        quiet=read_quiet(e),
        notices=read_notices(e),
        four_eyes=read_four_eyes(e),
        reading=read_sight(e),
        evidence=read_evidence(e),
        anomalies=read_anomalies(e),
        log_hash=read_log_hash(e),
    )
