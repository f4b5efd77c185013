"""Small pictures for the terminal: the line of states, and bars."""

from __future__ import annotations

from rich.cells import cell_len

from adapters.terminal.screen import FAINT, GOOD, STRONG, Screen, Span
from engine.definition import Workflow

LONGEST_BAR = 24
NARROWEST = 7
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
    width = min(WIDEST, (screen.width - 1) // len(names))
    if width < NARROWEST:
        screen.line(f"{here + 1}/{len(names)}  ", (names[here], STRONG))
        return
    _rail(screen, len(names), here, width)
    lines = [_broken(name, width - 1) for name in names]
    for row in range(max(len(parts) for parts in lines)):
        spans: list[Span] = []
        for number, parts in enumerate(lines):
            text = parts[row] if row < len(parts) else ""
            style = STRONG if number == here else GOOD if number < here else FAINT
            spans += [(text, style), " " * (width - cell_len(text))]
        screen.line(*_trimmed(spans))


def _rail(screen: Screen, count: int, here: int, width: int) -> None:
    spans: list[Span] = []
    for number in range(count):
        mark = "◉" if number == here else "●" if number < here else "○"
        style = STRONG if number == here else GOOD if number < here else FAINT
        spans.append((mark, style))
        if number < count - 1:
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
