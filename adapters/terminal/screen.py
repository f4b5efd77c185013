"""The screen: lines and tables in colour on a terminal; plain, stable columns when piped."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from adapters.messages import Translator

Span: TypeAlias = str | tuple[str, str]
"""A text, or a text and its style."""

Cell: TypeAlias = Span | Sequence[Span]

GAP = "  "
FAINT = "bright_black"
GOOD = "green"
WARN = "yellow"
BAD = "bold red"
STRONG = "bold"
HEADING = "bold cyan"


class Screen:
    """Prints for one reader, on a terminal or into a pipe."""

    def __init__(self, words: Translator) -> None:
        """Print on standard output as it is now."""
        self.words = words
        self.terminal = sys.stdout.isatty()
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=False)

    @property
    def width(self) -> int:
        """Return the columns there are; a pipe has as many as it takes."""
        return self._console.width if self.terminal else 10_000

    def line(self, *spans: Span, indent: int = 0) -> None:
        """Print one line; on a terminal it is wrapped under its own beginning."""
        if not self.terminal:
            click.echo(" " * indent + "".join(plain(span) for span in spans).rstrip())
            return
        text = styled(spans)
        for part in text.wrap(self._console, max(self.width - indent, 20)):
            self._console.print(Styled(" " * indent) + part, overflow="fold", crop=False)

    def gap(self) -> None:
        """Print an empty line."""
        click.echo()

    def heading(self, text: str, more: str = "") -> None:
        """Print the heading of a section, set off by an empty line."""
        self.gap()
        self.line((text, HEADING), f"  {more}" if more else "")

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        indent: int = 0,
        right: Sequence[int] = (),
    ) -> None:
        """Print rows in columns; numbers of the columns in ``right`` stand to the right."""
        cells = [list(row) for row in rows]
        if self.terminal:
            self._rich_table(headings, cells, indent, right)
        else:
            self._plain_table(headings, cells, indent, right)

    def _rich_table(
        self, headings: Sequence[str], rows: list[list[Cell]], indent: int, right: Sequence[int]
    ) -> None:
        table = Table(
            box=None,
            show_header=any(headings),
            header_style=FAINT,
            padding=(0, 2, 0, 0),
            pad_edge=False,
        )
        columns = len(headings) or max((len(row) for row in rows), default=0)
        widths = [max(cell_len(plain_cell(row[n])) for row in rows) for n in range(columns)]
        whole = _kept_whole(widths, self.width - indent)
        for number in range(columns):
            heading = headings[number] if headings else ""
            justify = "right" if number in right else "left"
            narrow = number in whole
            table.add_column(heading, justify=justify, no_wrap=narrow, overflow="fold")  # type: ignore[arg-type]  # a literal
        for row in rows:
            table.add_row(*(styled(cell) for cell in row))
        with self._console.capture() as captured:
            self._console.print(table, width=max(self.width - indent, 20))
        for text in captured.get().splitlines():
            # What rich fills up with blanks at the right is of no use to who copies it.
            self._console.file.write(" " * indent + text.rstrip() + "\n")

    def _plain_table(
        self, headings: Sequence[str], rows: list[list[Cell]], indent: int, right: Sequence[int]
    ) -> None:
        texts = [[plain_cell(cell) for cell in row] for row in rows]
        if any(headings):
            texts.insert(0, list(headings))
        if not texts:
            return
        widths = [max(cell_len(text) for text in column) for column in zip(*texts, strict=True)]
        for row in texts:
            padded = []
            for number, (text, width) in enumerate(zip(row, widths, strict=True)):
                blanks = " " * (width - cell_len(text))
                padded.append(blanks + text if number in right else text + blanks)
            click.echo((" " * indent + GAP.join(padded)).rstrip())


def _kept_whole(widths: Sequence[int], room: int) -> set[int]:
    """Return the columns that are not broken into lines: narrow ones, as long as there is room.

    A long text needs some width to be read; before it gets less, days and
    numbers alone stay whole.
    """
    whole = {n for n, width in enumerate(widths) if width <= NARROW}
    long = len(widths) - len(whole)
    left = room - sum(widths[n] + BETWEEN for n in whole) - long * BETWEEN
    if long and left < long * READABLE:
        whole = {n for n in whole if widths[n] <= DAY}
    return whole


BETWEEN = 2
"""Blanks between columns."""
DAY = 14
"""Width of a day with its weekday."""
READABLE = 20
"""Width below which a text becomes a ladder of syllables."""
NARROW = 20
"""Columns up to which a cell is never broken."""


def plain(span: Span) -> str:
    """Return the text of a span, without anything that a terminal would act on."""
    text = span if isinstance(span, str) else span[0]
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


def plain_cell(cell: Cell) -> str:
    """Return the text of a cell."""
    return "".join(plain(span) for span in spans_of(cell))


def styled(cell: Cell) -> Styled:
    """Return a cell as rich prints it; nothing in it is taken for markup."""
    text = Styled()
    for span in spans_of(cell):
        text.append(plain(span), "" if isinstance(span, str) else span[1] or None)
    return text


def spans_of(cell: Cell) -> Sequence[Span]:
    """Return the spans of a cell.

    >>> spans_of(("late", "red")), spans_of(["a", ("b", "red")])
    ([('late', 'red')], ['a', ('b', 'red')])
    """
    if isinstance(cell, str):
        return [cell]
    if isinstance(cell, tuple) and len(cell) == 2 and all(isinstance(c, str) for c in cell):  # noqa: PLR2004 - a text and its style
        return [cell]  # type: ignore[list-item]  # checked just before
    return list(cell)
