"""docs/machines.md says what the machines are."""

from __future__ import annotations

from workflows.machines_page import COMMAND, MACHINES, PAGE, document


def test_the_page_is_what_the_machines_say() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == document(MACHINES), f"docs/machines.md is out of date; write it anew: {COMMAND}"


def test_the_page_tells_of_every_edge_state_and_record() -> None:
    page = document(MACHINES)
    for workflow in MACHINES:
        chapter = page.partition(f"## {workflow.name}\n")[2].partition("\n## ")[0]
        for move in workflow.moves():
            line = f"    {move.source} --> {move.target}: {move.trigger}\n"
            assert (line in chapter) is not move.forced
        for name in (*workflow.states, *(record.kind for record in workflow.records)):
            assert f"\n| `{name}`" in chapter
