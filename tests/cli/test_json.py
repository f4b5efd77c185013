"""docs/json.md describes what `--json` prints, held against real output."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import REFERENCE, Office

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
EXAMPLES: dict[str, Any] = {
    name: json.loads(text)
    for name, text in re.findall(r"^```json (.+?)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
}
OPEN = (
    "details",
    "targets",
    "assignments",
    "findings",
    "lamps",
    "facts",
    "notices",
    "counts",
    "data",
    "texts",
)
"""Maps whose keys depend on the plan and on what happened."""
WORDS = {
    "show": ("show", "qz-2024/T-001"),
    "history": ("history", "qz-2024/T-001"),
    "replay": ("replay", "qz-2024/T-001"),
    "audit anomalies": ("audit", "anomalies", "--back-dated", "0", "--kind", "back_dated"),
    "diff": ("diff", "qz-2024", "2024-07-17", "2024-07-18"),
    "check": ("check", str(REFERENCE)),
    "export": ("export", "--bundle"),
}
STATUS = {"doctor": 1}
"""Commands that end otherwise than with 0: no daemon is alive in a test."""


def shape(value: Any, name: str = "") -> Any:
    """Return what keys a value has, and what types stand under them."""
    if isinstance(value, dict):
        return "map" if name in OPEN else {k: shape(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else "list"
    return type(value).__name__


def fits(described: Any, found: Any) -> bool:
    """Return whether ``found`` has the shape that is described."""
    if "NoneType" in (described, found):
        return not isinstance(described, dict) and not isinstance(found, dict)
    if "list" in (described, found):
        return isinstance(described, list | str) and isinstance(found, list | str)
    if isinstance(described, dict) and isinstance(found, dict):
        return described.keys() == found.keys() and all(
            fits(described[key], found[key]) for key in described
        )
    if isinstance(described, list) and isinstance(found, list):
        return fits(described[0], found[0])
    return bool(described == found)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_shape_is_as_described(name: str, public: Office, tmp_path: Path) -> None:
    public.at("2024-10-12 09:00")
    words = WORDS.get(name, tuple(name.split()))
    if words[-1] == "--bundle":
        words = (*words, str(tmp_path / "new.zip"))
    found = public.json(*words, status=STATUS.get(name, 0))
    assert fits(shape(EXAMPLES[name]), shape(found)), (shape(EXAMPLES[name]), shape(found))


def test_the_issue_s_own_keys_are_there(public: Office) -> None:
    found = public.json("status")
    assert (found["cycle"]["key"], found["cycle"]["state"]) == ("qz-2024", "published")
    assert found["targets"] == {"published": 10}
    assert {"late", "unrecorded", "next"} <= found.keys()
    assert {"key", "state", "owner", "lamp", "due_at"} <= public.json("list")[0].keys()
    assert "breaks" in public.json("verify")
    assert {
        *("position", "sequence", "kind", "occurred_at", "recorded_at", "actor", "acting_for"),
    } <= public.json("history", "qz-2024")[0].keys()


def test_every_reading_command_is_described() -> None:
    described = {name.split()[0] for name in EXAMPLES} | {"backfill"}
    assert described >= {
        *("status", "list", "show", "due", "history", "replay", "verify", "check", "notices"),
    }


def test_what_is_listed_as_unrecorded_has_the_shape_of_what_is_late(late: Office) -> None:
    (owed, *_) = late.json("backfill")
    assert fits(shape(EXAMPLES["status"]["late"][0]), shape(owed))
