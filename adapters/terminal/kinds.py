"""The kinds of record that an instance keeps, and their fields."""

from __future__ import annotations

from adapters.terminal.screen import FAINT, STRONG, Cell, Screen
from engine.definition import Field, RecordKind, Workflow
from engine.events import Instance


def show_kinds(screen: Screen, workflow: Workflow, instance: Instance) -> None:
    """Print what can be recorded for the instance; first what can be recorded now."""
    t = screen.words
    now = [r for r in workflow.records if recordable(workflow, r, instance)]
    later = [r for r in workflow.records if r not in now]
    screen.line(t.text("What can be recorded for {key} now:", key=instance.key))
    headings = (t.text("kind"), "", t.text("fields, * required"), t.text("by"))
    screen.table(headings, [_row(screen, r) for r in now], indent=2)
    if later:
        screen.gap()
        screen.line(t.text("In other states:"))
        rows = [
            (*_row(screen, r)[:2], t.shown([t.word("state", s) for s in r.states])) for r in later
        ]
        screen.table((), rows, indent=2)


def recordable(workflow: Workflow, record: RecordKind, instance: Instance) -> bool:
    """Return whether ``record`` may be kept now; an answer, once there is what it answers."""
    if record.answers and record.answers not in instance.facts:
        return False
    states = record.states or tuple(s for s in workflow.states if s not in workflow.void)
    return instance.state in states


def _row(screen: Screen, record: RecordKind) -> tuple[Cell, Cell, Cell, Cell]:
    t = screen.words
    shown = "  ".join(_field(field) for field in record.fields)
    roles = t.shown([t.word("role", r) for r in record.by])
    word = t.word("record", record.kind)
    return (record.kind, STRONG), (word, FAINT), shown, roles


def _field(field: Field) -> str:
    choices = f"={'|'.join(field.choices)}" if field.choices else ""
    kind = f" ({field.type})" if field.type != "text" else ""
    return f"{field.name}{'*' if field.required else ''}{choices}{kind}"
