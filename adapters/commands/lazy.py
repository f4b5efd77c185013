"""A group of commands that are imported when they are asked for, and how all of them end.

Exit status: 0 done, 1 refused by the rules, 2 wrong usage, 3 history broken,
130 interrupted.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from adapters.commands.table import Entry
from adapters.commands.words import Group, punctuated, set_language, translated, words
from engine.errors import N_, EngineError, HistoryBroken

REFUSED = 1
BROKEN = 3
INTERRUPTED = 130


class LazyGroup(Group):
    """Knows its commands from a table, in sections."""

    def __init__(self, *args: Any, table: dict[str, dict[str, Entry]], **kwargs: Any) -> None:
        """Take the commands from ``table``: section → name → where it is written."""
        super().__init__(*args, **kwargs)
        self.table = table
        self.entries = {name: e for part in table.values() for name, e in part.items()}

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Settle the language before anything is read: help and refusals are said while reading."""
        set_language(_language(args))
        with _usage_errors_in_words():
            return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the table's order."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"adapters.commands.{entry.module}")
        found: click.Command = getattr(module, entry.attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        name = args[0]
        if name not in self.entries and not name.startswith("-"):
            near = difflib.get_close_matches(name[:60], self.entries, n=2)
            message = words().text(N_("There is no command {name}."), name=name[:60])
            if near:
                message += " " + words().text(N_("Did you mean: {near}?"), near=", ".join(near))
            ctx.fail(message)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, without importing any of them."""
        widest = max(len(name) for name in self.entries)
        for section, part in self.table.items():
            with formatter.section(translated(section) or ""):
                rows = [(n.ljust(widest), translated(e.short_help) or "") for n, e in part.items()]
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal becomes one line on stderr and an exit status."""
        try:
            with _usage_errors_in_words():
                result = super().invoke(ctx)
            sys.stdout.flush()
        except EngineError as error:
            show_error(error)
            ctx.exit(BROKEN if isinstance(error, HistoryBroken) else REFUSED)
        except KeyboardInterrupt:
            click.echo(err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # Whoever read us has seen enough; what is still buffered goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        return result


@contextmanager
def _usage_errors_in_words() -> Iterator[None]:
    """Let wrong usage be said as the reader's language writes it: click puts pieces together."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise  # it is the help
    except click.UsageError as error:
        message = punctuated(error.format_message())
        raise click.UsageError(message, error.ctx) from error


def _language(args: Sequence[str]) -> str | None:
    """Return the language that is asked for before the command, if one is."""
    for number, word in enumerate(args):
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang":
            return args[number + 1] if number + 1 < len(args) else None
    return None


def show_error(error: EngineError) -> None:
    """Print one line on stderr: what was asked, why not, what next, and the stable code."""
    label = click.style(words().text(N_("Error")), fg="red")
    said = " ".join(words().error(error).split())
    line = "".join(c if c.isprintable() else "\ufffd" for c in said)
    click.echo(f"{label}: {line}", err=True)
