"""Help in the reader's language: click's own words, and ours, translated when they are shown."""

from __future__ import annotations

import gettext
import os
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from adapters.retrying import ATTEMPTS, pause_before
from engine.errors import N_, Interrupted

if TYPE_CHECKING:
    from adapters.messages import Translator

Declared = TypeVar("Declared", bound=Callable[..., Any])
Declare: TypeAlias = Callable[[Declared], Declared]
"""A decorator that adds an option or an argument."""

_chosen: dict[str, str | None] = {"language": None}


def set_language(language: str | None) -> None:
    """Let help and refusals be in ``language``, click's own words too; None means the locale's."""
    from adapters.messages import DOMAIN, LOCALE  # noqa: PLC0415 - so that importing us costs nothing

    _chosen["language"] = language
    os.environ["LANGUAGE"] = words().language
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)


def words() -> Translator:
    """Return the translator for what is printed now."""
    from adapters.messages import translator  # noqa: PLC0415 - so that importing us costs nothing

    return translator(_chosen["language"])


def translated(text: str | None) -> str | None:
    """Return ``text`` in the reader's language."""
    return words().text(text) if text else text


def punctuated(text: str) -> str:
    """Return what click put together from pieces, punctuated as the reader's language is."""
    if words().language != "zh":
        return text
    text = re.sub(r"'([^'\n]*)'", r"“\1”", text).replace("”, “", "”、“")
    text = re.sub(r" ?(“[^”\n]*”) ?", r"\1", text)
    return re.sub(r"(?<=[。？]) ", "", re.sub(r"\.$", "。", text))


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the two columns of the help, in the reader's language."""
        original = self.help
        self.help = translated(original)
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = original


class Command(click.Command):
    """A command whose help is translated when it is shown."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, again where others were in its way and nothing of it was kept."""
        for attempt in range(ATTEMPTS):
            try:
                return super().invoke(ctx)
            except Interrupted as error:
                nothing_done = error.in_unit and error.outcome_known and not ctx.obj.has_kept
                if not nothing_done or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(pause_before(attempt).total_seconds())
        return None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help`, described anew: click would keep the words of the first reader."""
        self._help_option = None
        return super().get_help_option(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, in the reader's language."""
        original = self.help
        self.help = translated(original)
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = original


class Group(click.Group):
    """A group of commands, help translated likewise."""

    command_class = Command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return `--help`, described anew: click would keep the words of the first reader."""
        self._help_option = None
        return super().get_help_option(ctx)

    def part(self, name: str, text: str) -> Callable[[Callable[..., Any]], click.Command]:
        """Declare a command of this group whose help is ``text``, translated."""
        return self.command(name, help=text)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the group does, in the reader's language."""
        original = self.help
        self.help = translated(original)
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = original

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of the group, in the reader's language."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None:
                rows.append((name, translated(command.short_help or command.help) or ""))
        with formatter.section(words().text(N_("Commands"))):
            formatter.write_dl(rows)


def option(*names: str, **settings: Any) -> Declare[Any]:
    """Declare an option whose help is translated."""
    return click.option(*names, cls=Option, **settings)


def command(name: str, text: str, **settings: Any) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command whose help is ``text``, translated."""
    return click.command(name, cls=Command, help=text, **settings)


def group(name: str, text: str, **settings: Any) -> Callable[[Callable[..., Any]], Group]:
    """Declare a group of commands whose help is ``text``, translated."""
    return click.group(name, cls=Group, help=text, **settings)
