"""The quick way to an event's entry and the canonical form say the same, for whatever is stored."""

from __future__ import annotations

import json
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from engine.entries import KeptText, StoredEvent, event_entry
from engine.events import Event, Kind, canonical, text_hash
from engine.facts import LARGEST_INTEGER, to_text
from engine.persons import NAMING, NAMING_CHAIN, NAMING_MANY, Persons

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
numbers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
names = words | st.sampled_from(sorted(NAMING | NAMING_MANY | NAMING_CHAIN))
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(names, parts, max_size=3),
    max_leaves=8,
)
PERSONS = Persons("secret")
moments = st.datetimes(timezones=st.just(UTC))
events = st.builds(
    Event,
    instance=words,
    sequence=st.integers(1, LARGEST_INTEGER),
    kind=st.sampled_from(Kind),
    actor=words,
    acting_for=words,
    authority=words,
    occurred_at=moments,
    recorded_at=moments,
    edition=words,
    trigger=words,
    source=words,
    target=words,
    cause=st.none() | st.integers(1, LARGEST_INTEGER),
    timer=words,
    part=words,
    data=st.dictionaries(names, values, max_size=4),
    texts=st.dictionaries(words, words, max_size=3),
)


def stored(event: Event) -> StoredEvent:
    return StoredEvent(
        event.instance,
        event.sequence,
        str(event.kind),
        event.edition or None,
        event.trigger or None,
        event.source or None,
        event.target or None,
        event.actor,
        event.acting_for,
        event.authority,
        to_text(event.occurred_at),
        to_text(event.recorded_at),
        event.cause,
        event.timer or None,
        event.part,
        json.dumps(dict(event.data)),
    )


@given(events, st.booleans())
def test_the_quick_way_and_the_canonical_form_say_the_same(event: Event, redacted: bool) -> None:
    salts = {name: f"salt of {name}" for name in event.texts}
    texts = {
        name: KeptText(salts[name], text_hash(salts[name], text), None if redacted else text)
        for name, text in event.texts.items()
    }
    assert event_entry(stored(event), PERSONS, texts) == canonical(event, salts, PERSONS)
    assert all(text.holds for text in texts.values())


def test_another_text_under_the_same_hash_is_found() -> None:
    assert not KeptText("salt", text_hash("salt", "a"), "b").holds
