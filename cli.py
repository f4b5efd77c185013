"""The command line: which commands there are; each is loaded when it is asked for."""

from __future__ import annotations

import click

from adapters.commands.lazy import LazyGroup
from adapters.commands.session import Session
from adapters.commands.table import DEFAULT_DATABASE, TABLE
from adapters.commands.words import Option, set_language
from engine.errors import N_


def _choose_language(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> str | None:
    """Settle the language before any help or refusal is printed."""
    set_language(value)
    return value


def _print_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Print the version and leave."""
    if asked and not context.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - --help has no use for it

        click.echo(f"duban {version('duban')}")
        context.exit()


@click.group(
    cls=LazyGroup,
    table=TABLE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_(
        "duban (督办): the annual assessment of a public body, from its plan to its closing.\n\n"
        "Begin with: duban init, duban check PLAN, duban open PLAN, duban status."
    ),
)
@click.option(
    "--database",
    cls=Option,
    metavar="URL",
    envvar="DUBAN_DATABASE",
    default=DEFAULT_DATABASE,
    show_default=True,
    help=N_("A file, or a database URL; DUBAN_DATABASE says the same."),
)
@click.option(
    "--channels",
    "channels_file",
    cls=Option,
    metavar="FILE",
    envvar="DUBAN_CHANNELS",
    help=N_(
        "By what people are told; DUBAN_CHANNELS says the same. "
        "Else FILE.channels.yaml beside the database FILE, else the log."
    ),
)
@click.option(
    "--evidence",
    "evidence_folder",
    cls=Option,
    metavar="FOLDER",
    envvar="DUBAN_EVIDENCE",
    help=N_(
        "Where evidence is kept; DUBAN_EVIDENCE says the same. "
        "Else FILE.files beside the database FILE."
    ),
)
@click.option(
    "--lang",
    cls=Option,
    type=click.Choice(["zh", "en"]),
    envvar="DUBAN_LANG",
    is_eager=True,
    callback=_choose_language,
    help=N_("The language to speak; DUBAN_LANG says the same. Else that of the locale."),
)
@click.option(
    "--version",
    cls=Option,
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help=N_("Print the version and leave."),
)
@click.pass_context
def main(
    context: click.Context,
    database: str,
    channels_file: str | None,
    evidence_folder: str | None,
    lang: str | None,
) -> None:
    """Run duban."""
    session = context.obj if isinstance(context.obj, Session) else Session()
    session.database = database
    session.language = lang
    session.channels_file = channels_file
    session.evidence_folder = evidence_folder
    context.obj = session
    context.call_on_close(session.close)


if __name__ == "__main__":
    main()
