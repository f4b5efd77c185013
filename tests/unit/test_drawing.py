"""Pictures of machines, in which nothing lies on a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definition import Transition, Workflow
from engine.diagram import svg
from engine.drawing import INK, PALE
from engine.machine import Machine
from tests.property.strategies import machines
from workflows.machines_page import MACHINES

SMALL = Workflow(
    name="small",
    states=("draft", "open", "closed", "withdrawn"),
    initial="draft",
    line=("draft", "open", "closed"),
    final=("closed", "withdrawn"),
    transitions=(
        Transition(trigger="begin", sources=("draft",), target="open"),
        Transition(trigger="close", sources=("open",), target="closed", automatic=True),
        Transition(trigger="return", sources=("open",), target="draft"),
        Transition(trigger="drop", sources=("draft", "open"), target="withdrawn"),
    ),
    forcible=("closed",),
)
MACHINE = Machine(SMALL)
LONE = Machine(
    Workflow(name="lone", states=("a",), initial="a", line=("a",), final=(), transitions=())
)
CHINESE = {
    "draft": "起草",
    "open": "办理中",
    "begin": "开始",
    "dashed: made by itself": "虚线：自动",
}


EDGE = 12
"""How near to the edge of the page nothing may come."""


def chinese(name: str) -> str:
    return CHINESE.get(name, name)


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture, and what it is."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        beside = self.right <= other.left or other.right <= self.left
        above = self.bottom <= other.top or other.bottom <= self.top
        return not beside and not above


def drawn(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - we made it


def elements(picture: str, tag: str) -> list[ET.Element]:
    return drawn(picture).findall(f"{{http://www.w3.org/2000/svg}}{tag}")


def names(picture: str) -> Iterator[Area]:
    """Where each name stands, as wide as a narrow estimate of its letters."""
    for element in elements(picture, "text"):
        size, x, y = (float(element.attrib[key]) for key in ("font-size", "x", "y"))
        words = element.text or ""
        wide = sum(unicodedata.east_asian_width(c) in "WF" for c in words)
        width = size * (wide + 0.58 * (len(words) - wide))
        anchor = element.attrib.get("text-anchor", "start")
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        yield Area(words, left, y - 0.75 * size, left + width, y + 0.2 * size)


def strokes(picture: str) -> Iterator[Area]:
    """Every straight piece of every line, as wide as its pen."""
    for element in elements(picture, "path"):
        x = y = 0.0
        for word in (
            element.attrib["d"].replace("M", " M").replace("H", " H").replace("V", " V").split()
        ):
            if word[0] == "M":
                x = float(word[1:])
            elif word[0] == "H":
                end = float(word[1:])
                yield Area("line", min(x, end), y - 0.75, max(x, end), y + 0.75)
                x = end
            elif word[0] == "V":
                end = float(word[1:])
                yield Area("line", x - 0.75, min(y, end), x + 0.75, max(y, end))
                y = end
            else:
                y = float(word)


def page_of(path: str) -> str:
    """A picture of one line alone."""
    return f'<svg xmlns="http://www.w3.org/2000/svg"><path d="{path}"/></svg>'


def boxes(picture: str) -> Iterator[Area]:
    for element in elements(picture, "rect")[1:]:
        x, y, width, height = (float(element.attrib[k]) for k in ("x", "y", "width", "height"))
        yield Area("box", x, y, x + width, y + height)


def collisions(picture: str) -> Iterator[tuple[str, str]]:
    """Yield what lies on what although it should not."""
    written, lines, frames = [*names(picture)], [*strokes(picture)], [*boxes(picture)]
    yield from ((a.what, b.what) for a, b in combinations(written, 2) if a.meets(b))
    yield from ((a.what, b.what) for a in written for b in lines if a.meets(b))
    for name in written:
        around = [frame for frame in frames if frame.meets(name)]
        inside = all(f.left < name.left and name.right < f.right for f in around)
        if around and not inside:
            yield name.what, "box"
    page = drawn(picture).attrib
    right, bottom = float(page["width"]) - EDGE, float(page["height"]) - EDGE
    for area in (*written, *lines, *frames):
        if min(area.left, area.top) < EDGE or area.right > right or area.bottom > bottom:
            yield area.what, "edge of the page"


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("workflow", MACHINES, ids=lambda w: w.name)
def test_nothing_lies_on_a_name(workflow: Workflow, forced: bool) -> None:
    for label in (str, lambda name: "督办" * (1 + len(name) % 4), lambda name: name * 3):
        assert [*collisions(svg(Machine(workflow), label=label, forced=forced))] == []


@settings(max_examples=100, deadline=None)
@given(machine=machines(), forced=st.booleans(), length=st.integers(1, 40))
def test_nothing_lies_on_a_name_in_any_machine(machine: Machine, forced: bool, length: int) -> None:
    picture = svg(machine, label=lambda name: f"{name[0]}{'o' * length}", forced=forced)
    assert [*collisions(picture)] == []


@settings(max_examples=100, deadline=None)
@given(machine=machines())
def test_no_two_trunks_run_along_each_other(machine: Machine) -> None:
    paths = [e.attrib["d"] for e in elements(svg(machine, forced=True), "path")]
    upright = []
    for number, path in enumerate(paths):
        pieces = strokes(page_of(path))
        upright += [(number, a) for a in pieces if a.right - a.left == 1.5]
    for (one, a), (other, b) in combinations(upright, 2):
        assert one == other or not a.meets(b)


def test_trunks_from_one_box_and_to_one_box_do_not_cross() -> None:
    ways = (("a", "c"), ("a", "d"), ("b", "d"), ("d", "b"), ("d", "a"), ("c", "a"))
    transitions = tuple(Transition(trigger=s + t, sources=(s,), target=t) for s, t in ways)
    states = ("a", "b", "c", "d")
    fan = replace(SMALL, states=states, initial="a", line=states, final=(), forcible=())
    for pair in combinations(transitions, 2):
        first, second = ({*t.sources, t.target} for t in pair)
        picture = svg(Machine(replace(fan, transitions=pair)))
        lines = [[*strokes(page_of(e.attrib["d"]))] for e in elements(picture, "path")]
        if first & second:
            assert not [(a, b) for a in lines[0] for b in lines[1] if a.meets(b)], pair


def test_a_picture_names_every_state_and_every_transition_once() -> None:
    written = [area.what for area in names(svg(MACHINE))]
    expected = ["begin", "close", "return", "drop", *SMALL.states, "dashed: made by itself"]
    assert sorted(written) == sorted(expected)


def test_a_picture_speaks_the_readers_language() -> None:
    written = {area.what for area in names(svg(MACHINE, label=chinese))}
    assert {"起草", "办理中", "开始", "虚线：自动"} <= written


def test_the_current_state_is_filled_and_no_other() -> None:
    def fills(current: str) -> list[str]:
        return [e.attrib["fill"] for e in elements(svg(MACHINE, current), "rect")]

    _, draft, current, closed, *_ = fills("open")
    assert (draft, current, closed) == (PALE, INK, PALE)
    assert INK not in fills("")


def test_beginning_and_end_are_marked() -> None:
    picture = svg(MACHINE)
    assert len(elements(picture, "rect")) == 1 + len(SMALL.states) + len(SMALL.final)
    begin = [e for e in elements(picture, "circle") if e.attrib["r"] == "4.5"]
    first = next(boxes(picture))
    assert [first.top < float(e.attrib["cy"]) < first.bottom for e in begin] == [True]


def test_what_is_made_by_itself_is_dashed_and_explained() -> None:
    dashes = [e.attrib["stroke-dasharray"] for e in elements(svg(MACHINE), "path")]
    assert sorted(dashes) == ["5 3", "none", "none", "none"]
    by_hand = tuple(replace(t, automatic=False) for t in SMALL.transitions)
    picture = svg(Machine(replace(SMALL, transitions=by_hand)))
    assert "5 3" not in picture
    assert "dashed" not in picture


def test_one_transition_by_itself_and_one_by_hand_are_two_lines() -> None:
    both = (
        Transition(trigger="drop", sources=("draft",), target="withdrawn", automatic=True),
        Transition(trigger="drop", sources=("open",), target="withdrawn"),
    )
    picture = svg(Machine(replace(SMALL, transitions=both)))
    dashes = [e.attrib["stroke-dasharray"] for e in elements(picture, "path")]
    assert sorted(dashes) == ["5 3", "none"]


def test_a_picture_asks_nothing_of_the_network() -> None:
    picture = svg(MACHINE, "open", forced=True)
    assert picture.count("http") == picture.count('xmlns="http://www.w3.org/2000/svg"') == 1
    assert not {"image", "script", "style", "use"} & {
        e.tag.rpartition("}")[2] for e in drawn(picture)
    }


@pytest.mark.parametrize("name", ["<b>&\"'", "a\0b\x1b", "\ud800"])
def test_no_name_breaks_the_picture(name: str) -> None:
    picture = svg(MACHINE, label=lambda _: name)
    written = {area.what for area in names(picture)}
    assert written == {"".join(c if c.isprintable() else "\ufffd" for c in name)}
    picture.encode("utf-8")


def test_a_machine_that_never_moves_is_one_box() -> None:
    picture = svg(LONE)
    shapes: Sequence[str] = [e.tag.rpartition("}")[2] for e in drawn(picture)]
    assert shapes == ["title", "rect", "rect", "circle", "text"]
    assert [*collisions(picture)] == []
