"""`duban sheet`: the working ledger of a cycle, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import click

from adapters.commands.files import FILE, write_output
from adapters.commands.looking_back import past_options
from adapters.commands.moments import json_option
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import command, option
from adapters.json_shapes import dump
from adapters.terminal.names import Names
from engine.errors import N_
from workflows import target
from workflows.plan.model import Plan
from workflows.running.sheet import COLUMNS, Cell, Line, sheet

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""


@command(
    "sheet",
    N_(
        "The working ledger of a cycle: one row per target with source, people, dates, progress "
        "by quarter, lamp, shortfalls and results, as comma-separated values that spreadsheets "
        "open.\n\n"
        "Without --output on the standard output. With --json each cell also names the event "
        "that set it."
    ),
)
@click.argument("cycle", required=False)
@option("--output", "file", type=FILE, metavar="FILE", help=N_("Write it to this file."))
@json_option
@pass_session
@past_options
def sheet_(session: Session, cycle: str | None, file: str | None, as_json: bool) -> None:
    """Write the ledger."""
    key = session.the_cycle(cycle)
    with session.foreseeing(key) as at:
        lines = list(sheet(at))
        if as_json:
            text = dump([_shape(line) | session.moments(key) for line in lines]) + "\n"
        else:
            text = "\ufeff" + _csv(session, at.plan, lines)
    if file is None:
        click.echo(text, nl=False)
        return
    write_output(path_of(file), text.encode())
    t = session.words
    session.screen.line(
        t.text("{count} targets written to {file}.", count=len(lines), file=path_of(file).name)
    )


def _shape(line: Line) -> dict[str, Any]:
    return {
        name: {"value": list(c.value) if isinstance(c.value, tuple) else c.value, "event": c.event}
        for name, c in line.items()
    }


def _csv(session: Session, plan: Plan, lines: Sequence[Line]) -> str:
    t, names = session.words, Names(session.words, plan)

    def said(cell: Cell) -> str | int:
        if isinstance(cell.value, int):
            return cell.value
        if isinstance(cell.value, tuple):
            return _safe(t.shown(list(cell.value))) if cell.value else ""
        text = str(cell.value)
        if cell.kind == "owner":
            text = names.owner(text)
        elif cell.kind and text:
            text = t.word(cell.kind, text, target.NAME)
        return _safe(text)

    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow([t.text(heading) for heading in COLUMNS.values()])
    for line in lines:
        table.writerow([said(line[name]) for name in COLUMNS])
    return written.getvalue()


def _safe(text: str) -> str:
    """Return the text so that no spreadsheet calculates with what somebody typed."""
    return f"'{text}" if text.startswith(RISKY) else text
