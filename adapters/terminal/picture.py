"""Small pictures for the terminal: the line of states, and bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from adapters.terminal.screen import FAINT, GOOD, STRONG, Screen, Span
from engine.definition import Workflow

LONGEST_BAR = 24
WIDEST = 14


def bar(count: int, whole: int) -> str:
    """Return a bar for ``count`` of ``whole``; what is there at all has at least one block.

    >>> bar(1, 1000), bar(500, 1000)
    ('█', '████████████')
    """
    if not count or not whole:
        return ""
    return "█" * max(1, round(count * LONGEST_BAR / whole))


def line_of_states(screen: Screen, machine: Workflow, state: str) -> None:
    """Print the main line with the present state marked."""
    names = [screen.words.word("state", s, machine.name) for s in machine.line]
    here = machine.line.index(state) if state in machine.line else -1
    if not screen.terminal:
        marked = [f"[{name}]" if n == here else name for n, name in enumerate(names)]
        screen.line(" > ".join(marked))
        return
    widths = _widths(names, screen.width)
    if not widths:
        screen.line(f"{here + 1}/{len(names)}  ", (names[here], STRONG))
        return
    _rail(screen, here, widths)
    lines = [_broken(name, width - 1) for name, width in zip(names, widths, strict=True)]
    for row in range(max(len(parts) for parts in lines)):
        spans: list[Span] = []
        for number, parts in enumerate(lines):
            text = parts[row] if row < len(parts) else ""
            style = STRONG if number == here else GOOD if number < here else FAINT
            spans += [(text, style), " " * (widths[number] - cell_len(text))]
        screen.line(*_trimmed(spans))


def _widths(names: Sequence[str], room: int) -> list[int]:
    """Return a width for each name, alike where there is room; none where there is too little.

    >>> _widths(["drafted", "self-assessed"], 30), _widths(["drafted", "self-assessed"], 12)
    ([14, 14], [])
    """
    pieces = [name.replace("-", "- ").split(" ") for name in names]
    widths = [max(cell_len(piece) for piece in parts) + 1 for parts in pieces]
    if sum(widths) > room:
        return []
    while min(widths) < WIDEST and sum(widths) < room:
        widths[widths.index(min(widths))] += 1
    return widths


def _rail(screen: Screen, here: int, widths: Sequence[int]) -> None:
    spans: list[Span] = []
    for number, width in enumerate(widths):
        mark = "◉" if number == here else "●" if number < here else "○"
        style = STRONG if number == here else GOOD if number < here else FAINT
        spans.append((mark, style))
        if number < len(widths) - 1:
            track = "━" if number < here else "─"
            spans.append((track * (width - 1), GOOD if number < here else FAINT))
    screen.line(*spans)


def _broken(name: str, width: int) -> list[str]:
    """Return a name in lines of at most ``width`` columns, broken at blanks, hyphens, or anywhere.

    >>> _broken("self-assessed", 9), _broken("已自评", 6)
    (['self-', 'assessed'], ['已自评'])
    """
    lines = [""]
    for piece in name.replace("-", "- ").split(" "):
        blank = " " if lines[-1] and not lines[-1].endswith("-") else ""
        if cell_len(lines[-1] + blank + piece) <= width:
            lines[-1] += blank + piece
            continue
        if lines[-1]:
            lines.append("")
        for character in piece:
            if cell_len(lines[-1] + character) > width:
                lines.append("")
            lines[-1] += character
    return lines


def _trimmed(spans: list[Span]) -> list[Span]:
    while spans and isinstance(spans[-1], str) and not spans[-1].strip():
        spans = spans[:-1]
    return spans
