"""`duban backfill`: what is unrecorded after a late loading, and when it was really done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from adapters.commands.files import FILE, read_input
from adapters.commands.moments import ALONE, MOMENT, json_option, localised
from adapters.commands.moving import require_instance
from adapters.commands.recording import given_fields
from adapters.commands.session import Session, pass_session, path_of
from adapters.commands.words import command, option
from adapters.evidence.trouble import FileTrouble
from adapters.json_shapes import dump, owed_shape
from adapters.terminal.acts import show_acts
from adapters.terminal.unrecorded import show_unrecorded
from engine.errors import N_
from workflows.running.asking import Grounds
from workflows.running.backfill import Entry
from workflows.running.backfill import backfill as enter
from workflows.running.obligations import Standing
from workflows.running.overview import all_owed

KNOWN = ("step", "on", "document", "record", "instance", "values")


@command(
    "backfill",
    N_(
        "List what was due before the plan was loaded and is unrecorded (未补录).\n\n"
        "With --step and --on, or a FILE, say when it was really done: all entries, or none. "
        "A FILE is YAML, a list of: step, on, document, record, instance, values."
    ),
)
@click.argument("cycle", required=False)
@click.argument("file", required=False, type=FILE, metavar="[FILE]")
@option("--step", metavar="STEP", help=N_("Which step was done."))
@option("--on", type=MOMENT, metavar="DATE", help=N_("When it was done."))
@option("--document", default="", metavar="DOC", help=N_("On what paper."))
@option("--record", default="", metavar="KIND", help=N_("Which of the step's records."))
@option("--instance", default="", metavar="KEY", help=N_("Which target or assignment did it."))
@option("--field", "fields", multiple=True, metavar="NAME=VALUE", help=N_("A further field."))
@option("--as", "acting_for", default="", metavar="POST", help=N_("On behalf of a post."))
@option("--reason", default="", metavar="TEXT", help=N_("Why."))
@ALONE
@json_option
@pass_session
def backfill(  # noqa: PLR0913, PLR0917 - click hands over what was typed
    session: Session,
    cycle: str | None,
    file: str | None,
    step: str | None,
    on: date | datetime | None,
    document: str,
    record: str,
    instance: str,
    fields: tuple[str, ...],
    acting_for: str,
    reason: str,
    alone: bool,
    as_json: bool,
) -> None:
    """List or enter what is unrecorded."""
    t = session.words
    key = session.the_cycle(cycle)
    if file is None and step is None:
        with session.reading(key) as at:
            owed = [o for o in all_owed(at) if o.standing is Standing.UNRECORDED]
            if as_json:
                click.echo(dump([owed_shape(o, at.zone) for o in owed]))
            else:
                show_unrecorded(session.marked_screen, at, owed)
        return
    if file is not None and step is not None:
        raise click.UsageError(t.text("Give either a file or --step, not both."))
    if file is not None:
        entries = _entries(session, file, key)
    else:
        if on is None:
            raise click.UsageError(t.text("Say with --on when it was done."))
        entries = [
            Entry(
                step=step or "",
                on=session.moment(on, key) or on,
                document=document,
                record=record,
                instance=_whole(key, instance),
                values=dict(given_fields(session, fields)),
            )
        ]
    for named in dict.fromkeys(entry.instance for entry in entries if entry.instance):
        require_instance(session, named)
    grounds = Grounds(reason=reason, alone=alone)
    events = enter(session.app, key, entries, session.who(acting_for), grounds)
    show_acts(session.screen, events, session.zone(key))


def _whole(cycle: str, instance: str) -> str:
    """Return the whole key, where only its last part was given."""
    if not instance or instance == cycle or instance.startswith(f"{cycle}/"):
        return instance
    return f"{cycle}/{instance}"


def _entries(session: Session, file: str, key: str) -> list[Entry]:
    """Return the entries of a back-fill file.

    Raises:
        FileTrouble: it is no list of entries.

    """
    path = path_of(file)
    data = read_input(path)

    def trouble(problem: str, hint: str = "") -> FileTrouble:
        return FileTrouble(file=path, problem=problem, hint=hint)

    try:
        content = YAML(typ="safe", pure=True).load(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise trouble(N_("it is not in UTF-8"), N_("Save it as UTF-8 and try again.")) from None
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{session.words.text('line')} {mark.line + 1}" if mark else ""
        raise trouble(N_("it is no valid YAML"), line) from None
    form = N_("It should be a list of entries such as: - {step: s1a, on: 2024-07-10}")
    if not isinstance(content, list) or not content:
        raise trouble(N_("it is no list"), form)
    zone = session.zone(key)
    entries = []
    for number, item in enumerate(content, start=1):
        if not isinstance(item, dict) or not {"step", "on"} <= item.keys():
            raise trouble(f"{session.words.text('entry')} {number}", form)
        unknown = sorted(str(k) for k in item if k not in KNOWN)
        if unknown:
            shown = f"{session.words.text('entry')} {number}: {', '.join(unknown)}"
            raise trouble(shown, f"{session.words.text('Known are')}: {', '.join(KNOWN)}")
        entries.append(_entry(item, key, zone, trouble))
    return entries


def _entry(item: dict[str, Any], key: str, zone: Any, trouble: Any) -> Entry:
    on = item["on"]
    if not isinstance(on, date):
        try:
            on = MOMENT.convert(on, None, None)
        except click.UsageError as error:
            raise trouble(error.message) from None
    values = item.get("values") or {}
    if not isinstance(values, dict):
        raise trouble(N_("values: should be a map"))
    return Entry(
        step=str(item["step"]),
        on=localised(on, zone) if isinstance(on, datetime) else on,
        document=str(item.get("document") or ""),
        record=str(item.get("record") or ""),
        instance=_whole(key, str(item.get("instance") or "")),
        values=values,
    )
