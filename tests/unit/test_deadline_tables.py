"""What is kept of the grammar reads as the grammar does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lark import UnexpectedInput

from workflows.deadlines import tables
from workflows.deadlines.office_words import plain
from workflows.deadlines.parse import EXAMPLES

WRONG = (
    "",
    "07-",
    "7月10",
    "每",
    "10 working days",
    "first of 03",
    "notice 10",
    "较早者（12月31日",
)


def test_what_is_kept_was_made_from_this_grammar() -> None:
    assert tables.are_kept(), "make docs"


def test_kept_tables_read_as_the_computed_ones_do() -> None:
    kept, computed = tables.parser(), tables.built()
    assert [t.name for t in kept.terminals] == [t.name for t in computed.terminals]
    for text in map(plain, EXAMPLES):
        assert kept.parse(text) == computed.parse(text)
    for text in WRONG:
        refused = []
        for parser in (kept, computed):
            with pytest.raises(UnexpectedInput) as caught:
                parser.parse(text)
            accepts = getattr(caught.value, "accepts", None) or getattr(caught.value, "allowed", ())
            refused.append((type(caught.value), sorted(accepts or ()), caught.value.column))
        assert refused[0] == refused[1]


@pytest.mark.parametrize("kept", ["", "{", json.dumps({"made_from": {"lark": "0.1"}})])
def test_without_them_the_grammar_is_read(
    kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "other.json"
    place.write_text(kept, encoding="utf-8")
    monkeypatch.setattr(tables, "TABLES", str(place))
    assert not tables.are_kept()
    assert tables.parser().parse("07-10") == tables.built().parse("07-10")
