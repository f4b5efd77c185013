"""Reading what is to be achieved: the category tree, the sources and the targets."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition import Workflow
from engine.errors import N_
from workflows.plan.diagnostics import brief
from workflows.plan.element import Element, Reading
from workflows.plan.model import Category, Source, Target
from workflows.plan.names import nearest
from workflows.plan.read_people import SECTION
from workflows.plan.source import Node

CATEGORY = N_("category")
SOURCE = N_("source")
TARGET = N_("target")
RESULT = "evaluation_result"


def read_categories(plan: Element) -> tuple[Category, ...]:
    """Return the category tree, each branch before its parts."""
    return tuple(_categories(plan.reading, plan.nodes("categories"), ""))


def _categories(reading: Reading, nodes: tuple[Node, ...], parent: str) -> Iterator[Category]:
    for node in nodes:
        with reading.element(node, "categories") as e:
            if e is None:
                continue
            category = Category(
                id=e.declared(CATEGORY),
                name=e.name(required=True),
                parent=parent,
                dynamic=e.flag("dynamic"),
            )
            yield category
            yield from _categories(reading, e.nodes("children"), category.id)


def read_sources(plan: Element) -> tuple[Source, ...]:
    """Return the register of documents that targets are taken from (R-09)."""
    return tuple(_sources(plan.reading, plan.nodes("sources")))


def _sources(reading: Reading, nodes: tuple[Node, ...]) -> Iterator[Source]:
    for node in nodes:
        with reading.element(node, "sources") as e:
            if e is not None:
                yield Source(
                    id=e.declared(SOURCE), name=e.name(required=True), document=e.text("document")
                )


def read_methods(plan: Element, machines: tuple[Workflow, ...]) -> tuple[str, ...]:
    """Return the methods of evaluation, which the record of a target's result must know."""
    results = next((m.record(RESULT) for m in machines if m.name == TARGET), None)
    fields = results.fields if results else ()
    known = next((field.choices for field in fields if field.name == "method"), ())
    placed = plan.placed("methods")
    for text, place in placed:
        if known and text not in known:
            near = nearest(text, known)
            plan.note("P130", place, key="methods", value=brief(text), known=near)
    return tuple(text for text, _ in placed)


def read_targets(plan: Element, categories: tuple[Category, ...]) -> tuple[Target, ...]:
    """Return the targets; sections, categories and sources must have been read."""
    parts: dict[str, list[str]] = {}
    for category in categories:
        parts.setdefault(category.parent, []).append(category.id)
    return tuple(_targets(plan.reading, plan.nodes("targets"), parts))


def _targets(
    reading: Reading, nodes: tuple[Node, ...], parts: dict[str, list[str]]
) -> Iterator[Target]:
    for node in nodes:
        with reading.element(node, "targets") as e:
            if e is None:
                continue
            target = Target(
                id=e.declared(TARGET),
                name=e.name(required=True),
                category=e.id("category"),
                section=e.id("section"),
                sources=_sources_of(e),
                basis=e.text("basis"),
                pace=e.text("pace"),
                quality=e.text("quality"),
                finish_by=e.day("finish_by"),
                line=e.place.line,
            )
            _check_references(e, target, parts)
            yield target


def _sources_of(element: Element) -> tuple[str, ...]:
    names = element.reading.names
    placed = element.placed("sources")
    return tuple(name for name, place in placed if names.refer("P219", (SOURCE,), name, place))


def _check_references(element: Element, target: Target, parts: dict[str, list[str]]) -> None:
    names = element.reading.names
    if target.section:
        names.refer("P210", (SECTION,), target.section, element.at("section"))
    if not target.category:
        return
    place = element.at("category")
    if names.refer("P217", (CATEGORY,), target.category, place) and target.category in parts:
        known = tuple(parts[target.category])
        element.note("P235", place, id=target.category, known=known)
