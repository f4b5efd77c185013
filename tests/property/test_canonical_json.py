"""The quick way to the canonical form of JSON says what RFC 8785 says, whatever is stored."""

from __future__ import annotations

import json
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical_json import canonical_text
from engine.persons import NAMING, NAMING_CHAIN, NAMING_MANY, Persons

ODD = ("", "\x7f", "\u2028", "\ue000", "😀", "a\u0301", '"\\/\b\f\n\r\t\x1f', "\u00e9")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(ODD)
names = words | st.sampled_from(sorted(NAMING | NAMING_MANY | NAMING_CHAIN))
numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=True)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(names, parts, max_size=4),
    max_leaves=12,
)
PERSONS = Persons("secret")


def said(make: Any, *given: Any) -> str | None:
    """What it returns; nothing where it refuses what cannot be written canonically."""
    try:
        return str(make(*given))
    except ValueError:
        return None


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_it_is_what_the_general_encoder_says(value: Any, escaped: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    plainly = said(lambda: rfc8785.dumps(json.loads(text)).decode())
    assert said(canonical_text, text) == plainly
    hidden = said(lambda: rfc8785.dumps(PERSONS.within(json.loads(text))).decode())
    assert said(PERSONS.data, text) == hidden


@given(st.text(max_size=20))
def test_what_is_no_json_is_refused_by_both(text: str) -> None:
    assert said(canonical_text, text) == said(lambda: rfc8785.dumps(json.loads(text)).decode())
