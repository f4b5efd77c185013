"""Whatever the bytes, reading a plan answers with a reading, and never raises anything."""

from __future__ import annotations

from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.plan_samples import MACHINE, SOUND
from workflows.plan.check import check_file
from workflows.plan.diagnostics import MOST_ERRORS, Severity
from workflows.plan.read import PlanReading, read_plan
from workflows.plan.store_form import edition, from_data, to_data

REFERENCE = files("workflows").joinpath("plans/quanzhou-sasac-2024.yaml").read_text("utf-8")
PLANS = (SOUND, SOUND + MACHINE, REFERENCE)

SCRAPS = st.sampled_from(
    [
        *"[]{}:,#&*!|>%@`'\"\n\t -?~\0\ufeff\u2028督",
        "- ",
        ": ",
        "\n  ",
        "---\n",
        "<<: ",
        "!!python/object",
        "2024-02-30",
        "2024-02-29",
        "99999999999999999999",
        "{year}",
        "{0.__class__}",
        "%s",
        "null",
        "true",
        "undated",
        "after step a",
        "due: ",
        "- {id: a}",
        "{known: x}",
        "\\ud800",
    ]
)
WORDS = sorted(
    {word for plan in PLANS for word in plan.replace(",", " ").replace(":", " ").split()}
)


def whole(reading: PlanReading) -> None:
    """Hold what must hold of every reading."""
    failed = any(d.severity is Severity.ERROR for d in reading.diagnostics)
    assert failed is (reading.plan is None)
    assert sum(d.severity is Severity.ERROR for d in reading.diagnostics) <= 2 * MOST_ERRORS
    for diagnostic in reading.diagnostics:
        assert diagnostic.message
        diagnostic.message.encode()
    if reading.plan is not None:
        assert from_data(to_data(reading.plan)) == reading.plan
        assert edition(reading.plan).startswith(f"{reading.plan.id}@")


@given(st.binary(max_size=400), st.none() | st.integers())
@settings(max_examples=250, deadline=None)
def test_any_bytes_are_read(data: bytes, year: int | None) -> None:
    whole(check_file(data, year))


@given(st.lists(SCRAPS | st.sampled_from(WORDS), max_size=60).map("".join))
@settings(max_examples=250, deadline=None)
def test_any_scraps_of_yaml_are_read(text: str) -> None:
    whole(check_file(text.encode("utf-8", "surrogatepass")))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a plan with some of its pieces cut out, doubled, replaced or moved."""
    text = draw(st.sampled_from(PLANS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(["", text[start:end] * 2]) | SCRAPS | st.sampled_from(WORDS))
        text = text[:start] + piece + text[end:]
    return text.encode("utf-8", "surrogatepass")


@given(mutated(), st.none() | st.integers(2000, 2040))
@settings(max_examples=150, deadline=None)
def test_any_damaged_plan_is_read(data: bytes, year: int | None) -> None:
    whole(check_file(data, year))


VALUES = st.recursive(
    st.sampled_from(WORDS) | st.sampled_from(["''", "~", "true", "-1", "2024-02-30", "'{year}'"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3).map(
            lambda parts: "{" + ", ".join(f"{k}: {v}" for k, v in parts.items()) + "}"
        )
    ),
    max_leaves=8,
)
LINES = [line for line in REFERENCE.splitlines() if line.count(":") == 1 and line[-1] not in ":'[{"]


@given(st.sampled_from(LINES), VALUES)
@settings(max_examples=150, deadline=None)
def test_any_value_in_the_place_of_another_is_read(line: str, value: str) -> None:
    key = line.partition(":")[0]
    whole(check_file(REFERENCE.replace(line, f"{key}: {value}").encode()))


@given(mutated())
@settings(max_examples=50, deadline=None)
def test_reading_twice_says_the_same_twice(data: bytes) -> None:
    assert read_plan(data) == read_plan(data)
