"""Every diagnostic code has a plan that brings it about, at the right line, as one sentence."""

from __future__ import annotations

from functools import cache
from string import Formatter

import pytest

from tests.unit.plan_samples import FOUR_EYES, MACHINE, SAMPLES, SILENT_CYCLE, SOUND
from workflows.plan.check import check_file
from workflows.plan.diagnostics import CODES, Diagnostic, Place, Severity, brief
from workflows.plan.read import PlanReading


def test_the_sound_plan_has_nothing_wrong() -> None:
    for more in ("", MACHINE, SILENT_CYCLE, FOUR_EYES):
        reading = check_file((SOUND + more).encode())
        assert [d.message for d in reading.diagnostics] == []
        assert reading.plan is not None


def test_every_code_has_a_sample() -> None:
    assert set(SAMPLES) == set(CODES)


@pytest.mark.parametrize("code", sorted(SAMPLES))
def test_the_sample_brings_about_its_code(code: str) -> None:
    sample, diagnostics = SAMPLES[code], _reading(code).diagnostics
    found = [d for d in diagnostics if d.code == code]
    assert found, [(d.line, d.code, d.message) for d in diagnostics]
    assert sample.line in {d.line for d in found}, [(d.line, d.message) for d in found]
    for diagnostic in found:
        assert diagnostic.severity is CODES[code].severity
        assert diagnostic.message.strip()
        assert "\n" not in diagnostic.message
        assert len(diagnostic.message) < 1000


@pytest.mark.parametrize("code", sorted(SAMPLES))
def test_an_error_leaves_no_plan_and_anything_else_does(code: str) -> None:
    reading = _reading(code)
    failed = any(d.severity is Severity.ERROR for d in reading.diagnostics)
    assert (reading.plan is None) is failed
    assert failed or CODES[code].severity is not Severity.ERROR


def test_every_template_can_be_filled_by_the_table_alone() -> None:
    for code, kind in CODES.items():
        names = {name for _, name, _, _ in Formatter().parse(kind.template) if name}
        diagnostic = Diagnostic.at(Place(1, 1), code, **dict.fromkeys(names, "x"))
        assert diagnostic.message, code


def test_codes_are_grouped_by_what_they_are_about() -> None:
    assert {code[:2] for code in CODES} == {"P1", "P2", "P3"}
    assert all(kind.severity is Severity.ERROR for c, kind in CODES.items() if c < "P2")
    assert all(kind.severity is not Severity.ERROR for c, kind in CODES.items() if c > "P3")


def test_a_message_repeats_only_the_beginning_of_a_long_text() -> None:
    assert brief("x" * 1_000_000) == "x" * 60 + "…"


@cache
def _reading(code: str) -> PlanReading:
    sample = SAMPLES[code]
    return check_file(sample.data, sample.year)
