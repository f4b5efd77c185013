"""Progress bars for people who wait; nothing when piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from adapters.terminal.screen import Screen


@contextmanager
def count_bars(screen: Screen) -> Iterator[Callable[[int, str], Callable[[int], None]]]:
    """Show how much of some work is done, one bar after the other; yield how to begin one."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _total, _title: lambda _done: None
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:

        def begun(total: int, title: str) -> Callable[[int], None]:
            task = progress.add_task(screen.words.text(title), total=total)
            return lambda done: progress.advance(task, done)

        yield begun


@contextmanager
def moment_bar(
    screen: Screen, year: int, *, quiet: bool = False
) -> Iterator[Callable[[datetime], None] | None]:
    """Show how far through a year something has come; yield what to tell it."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    first = datetime(year, 1, 1, tzinfo=UTC)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[day]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        title = screen.words.text("The year runs")
        task = progress.add_task(title, total=450, day=first.date().isoformat())

        def told(moment: datetime) -> None:
            progress.update(task, completed=(moment - first).days, day=moment.date().isoformat())

        yield told
