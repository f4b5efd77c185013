"""Drawings: a machine as a picture in SVG, self-contained, made without any library."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from engine.errors import N_
from engine.layout import ARROW, BOX_TEXT, LINE, MARGIN, TEXT, Box, Layout, Trunk, text_width
from engine.machine import Machine

COLOURS = ("#334155", "#b45309", "#0f766e", "#7c3aed", "#be123c", "#1d4ed8", "#4d7c0f")
"""One after the other for the trunks; all dark enough to read names in."""

INK = "#1e3a8a"
PALE = "#eff6ff"
FONTS = "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
DASHES = "5 3"
LEGEND = N_("dashed: made by itself")


def svg(
    machine: Machine,
    current: str = "",
    *,
    label: Callable[[str], str] = str,
    forced: bool = False,
) -> str:
    """Return the picture of ``machine``.

    A dot marks the state in which it begins, a double border each final one.

    Args:
        machine: what to draw.
        current: the state to fill with colour; empty for none.
        label: what a state, a trigger or the legend is called in the reader's language.
        forced: whether to draw forced moves, too.

    """
    layout = Layout(machine, lambda name: _printable(label(name)), forced=forced)
    moves = [move for move in machine.moves() if forced or not move.forced]
    legend = _printable(label(LEGEND)) if any(move.automatic for move in moves) else ""
    width = max(layout.width, text_width(legend, TEXT) + 2 * MARGIN)
    height = layout.height + (LINE + MARGIN if legend else 0)
    parts = [
        _tag("title", machine.workflow.name),
        _tag("rect", width=width, height=height, fill="#ffffff"),
    ]
    for number, trunk in enumerate(layout.trunks):
        parts += _trunk(layout, trunk, COLOURS[number % len(COLOURS)])
    for box in layout.boxes:
        parts += _steps(layout, box)
        parts += _box(layout, box, machine, marked=box.state == current)
    if legend:
        parts.append(_text(legend, MARGIN, height - MARGIN, COLOURS[0]))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" font-family="{html.escape(FONTS)}">\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _box(layout: Layout, box: Box, machine: Machine, *, marked: bool) -> Iterator[str]:
    workflow = machine.workflow
    ink, fill = (PALE, INK) if marked else (INK, PALE)
    middle = box.top + box.height / 2

    def frame(inset: float, fill: str, stroke: str) -> str:
        return _tag(
            "rect",
            x=layout.box_left + inset,
            y=box.top + inset,
            width=layout.box_width - 2 * inset,
            height=box.height - 2 * inset,
            rx=7 - inset,
            fill=fill,
            stroke=stroke,
            stroke_dasharray="2 3" if box.state not in workflow.line else "none",
        )

    yield frame(0, fill, INK)
    if box.state in workflow.final:
        yield frame(3, "none", ink)
    if box.state == workflow.initial:
        yield _tag("circle", cx=layout.box_left + 15, cy=middle, r=4.5, fill=ink)
    yield _text(box.name, layout.middle, middle + 5, ink, font_size=BOX_TEXT, text_anchor="middle")


def _steps(layout: Layout, box: Box) -> Iterator[str]:
    """Yield the straight arrow down to the next box, with the names of its triggers."""
    if not box.steps:
        return
    x, bottom = layout.middle, box.top + box.height
    dashed = all(move.automatic for move in box.steps)
    yield _line(f"M{x:g} {bottom:g}V{bottom + box.gap - ARROW:g}", INK, dashed=dashed)
    yield _arrow(x, bottom + box.gap, "down", INK)
    for number, move in enumerate(box.steps):
        yield _text(layout.label(move.trigger), x + 10, bottom + LINE * (number + 1) + 4, INK)


def _trunk(layout: Layout, trunk: Trunk, colour: str) -> Iterator[str]:
    edge, x = layout.edge(trunk), layout.course(trunk)
    sources = [layout.boxes[row].ends[trunk, False] for row in trunk.sources]
    target = layout.boxes[trunk.target].ends[trunk, True]
    away = 1 if trunk.right else -1
    heights = sorted((*sources, target))
    joins = "".join(f"M{edge:g} {y:g}H{x:g}" for y in sources)
    path = f"{joins}M{x:g} {heights[0]:g}V{heights[-1]:g}M{x:g} {target:g}H{edge + away * ARROW:g}"
    yield _line(path, colour, dashed=trunk.automatic)
    for y in heights[1:-1]:
        yield _tag("circle", cx=x, cy=y, r=2.5, fill=colour)
    yield _arrow(edge, target, "left" if trunk.right else "right", colour)
    start = edge + away * (ARROW + 2)
    yield _text(
        trunk.name, start, target - 4, colour, text_anchor="start" if trunk.right else "end"
    )


def _line(path: str, colour: str, *, dashed: bool) -> str:
    dashes = DASHES if dashed else "none"
    return _tag(
        "path", d=path, fill="none", stroke=colour, stroke_width=1.5, stroke_dasharray=dashes
    )


def _arrow(x: float, y: float, way: str, colour: str) -> str:
    """Return an arrow head whose point is at ``x``, ``y``."""
    back = {"down": (0, -ARROW), "left": (ARROW, 0), "right": (-ARROW, 0)}[way]
    across = (ARROW / 2, 0) if way == "down" else (0, ARROW / 2)
    left = (x + back[0] - across[0], y + back[1] - across[1])
    right = (x + back[0] + across[0], y + back[1] + across[1])
    points = " ".join(f"{px:g},{py:g}" for px, py in ((x, y), left, right))
    return _tag("polygon", points=points, fill=colour)


def _text(text: str, x: float, y: float, colour: str, **attributes: str | float) -> str:
    return _tag("text", text, x=x, y=y, fill=colour, **{"font_size": TEXT, **attributes})


def _tag(name: str, text: str = "", **attributes: str | float) -> str:
    inside = "".join(
        f' {key.replace("_", "-")}="{value if isinstance(value, str) else format(value, "g")}"'
        for key, value in attributes.items()
    )
    return f"<{name}{inside}>{html.escape(text)}</{name}>" if text else f"<{name}{inside}/>"


def _printable(text: str) -> str:
    """Return ``text`` without what no XML may contain."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
