"""The page docs/cli.md: every command with its help, as click prints it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from adapters.commands.lazy import LazyGroup
from adapters.commands.words import set_language

WIDTH = 96

_OPENING = """\
# The command line

<!-- Generated from the commands by `make docs`; change those, not this page. -->

Verbs first: `duban VERB …`.
Every reading command has `--json`; its shapes are described in [json.md](json.md).
The database is `duban.db` in the working directory;
`--database` or `DUBAN_DATABASE` names another.
Days and times are those of the plan's time zone.
A day alone means its noon for an act, and its end for `--as-of`.

## Exit status

| status | means |
|---|---|
| 0 | done |
| 1 | refused by the rules, with one sentence on stderr and a stable code in brackets |
| 2 | wrong usage |
| 3 | a history is broken, each break named |
| 130 | interrupted with Ctrl-C; `duban daemon` and `duban run` end with 0 |

## Who asks

duban takes the account of the operating system, and records it with every act.
An administrator may act on behalf of a post or a person with `--as`; both are recorded.
A refusal says for whom the act is.
"""


def page(group: LazyGroup) -> str:
    """Return the page, in English."""
    set_language("en")
    root = _context(group, "duban", None)
    parts = [_OPENING, "## duban\n", _help(root)]
    for section, commands in group.table.items():
        parts.append(f"## {section}\n")
        for name in commands:
            parts += _chapter(root, group, name)
    return "\n".join(parts)


def _chapter(root: click.Context, group: LazyGroup, name: str) -> Iterator[str]:
    command = group.get_command(root, name)
    if command is None:
        return
    context = _context(command, name, root)
    yield f"### duban {name}\n"
    yield _help(context)
    if isinstance(command, click.Group):
        for part in command.list_commands(context):
            below = command.get_command(context, part)
            if below is not None:
                yield f"#### duban {name} {part}\n"
                yield _help(_context(below, part, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = {**command.context_settings, "max_content_width": WIDTH, "terminal_width": WIDTH}
    return click.Context(command, info_name=name, parent=parent, **settings)


def _help(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```\n"
