"""Templates of notices: named fields of a closed set, nothing evaluated, all told that must be."""

from __future__ import annotations

import pytest

from adapters.messages import translator
from tests.unit.plan_samples import QUIET, SOUND
from workflows.plan.check import check_file
from workflows.plan.diagnostics import Diagnostic
from workflows.plan.model import NoticeTexts, Text
from workflows.plan.read import read_plan
from workflows.plan.store_form import from_data, to_data
from workflows.plan.wording import FIELDS, KEYS, MATTERS, TOLD, BadTemplate, fields_of, filled


def found_in(notices: str) -> list[Diagnostic]:
    return list(
        check_file(SOUND.replace(QUIET, f"notices: {notices}\n{QUIET}").encode()).diagnostics
    )


def test_a_line_without_values_is_left_out_and_one_without_fields_stays() -> None:
    template = "{title}\n责任：{owner}\n也告知：{also}\n请按时办理"
    values = {"title": "自评", "owner": "办公室", "also": ""}
    assert filled(template, values) == "自评\n责任：办公室\n请按时办理"


def test_braces_written_twice_are_braces() -> None:
    assert filled("{{{late}}}", {"late": "3"}) == "{3}"


@pytest.mark.parametrize(
    "template",
    [
        "{late.__class__}",
        "{late[0]}",
        "{late!r}",
        "{late:>10}",
        "{0}",
        "{}",
        "{late",
        "late}",
        "{la te}",
        "{{late}",
        "{late:{count}}",
        "{__import__('os')}",
    ],
)
def test_nothing_but_names_stands_in_braces(template: str) -> None:
    with pytest.raises(BadTemplate):
        fields_of(template)
    (diagnostic,) = found_in(f'{{subject: "{template}"}}')
    assert diagnostic.code == "P141"


def test_a_value_is_never_read_as_a_template() -> None:
    assert filled("{step}", {"step": "{next} {0.__class__}"}) == "{next} {0.__class__}"


def test_an_unknown_field_is_told_with_what_was_meant() -> None:
    (diagnostic,) = found_in("{subject: '【督办】{lat}项'}")
    assert (diagnostic.code, diagnostic.values["known"]) == ("P140", ("late",))
    assert translator("zh").diagnostic(diagnostic) == "模板 subject 没有字段 lat。可用字段：late"


def test_every_text_in_either_language_is_looked_at() -> None:
    found = found_in("{subject: {zh: '逾期{late}项', en: '{overdue} overdue'}}")
    assert [d.code for d in found] == ["P140"]


@pytest.mark.parametrize("key", MATTERS)
def test_a_matter_tells_what_whose_until_when_what_next_and_who_else(key: str) -> None:
    whole = ["{step}", "{owner}", "{due}", "{next}", "{also}"]
    assert found_in(f"{{{key}: '{'，'.join(whole)}'}}") == []
    for left_out, name in zip(whole, TOLD, strict=True):
        template = "，".join(part for part in whole if part != left_out)
        (diagnostic,) = found_in(f"{{{key}: '{template}'}}")
        assert (diagnostic.code, diagnostic.values["missing"]) == ("P143", (name,))


def test_a_key_that_is_none_and_a_template_too_long_are_refused() -> None:
    assert [d.code for d in found_in("{subjekt: x}")] == ["P122"]
    assert [d.code for d in found_in("{closing: '%s'}" % ("长" * 2001))] == ["P126"]


def test_the_plan_keeps_its_templates() -> None:
    text = SOUND.replace(
        QUIET, f"notices: {{subject: {{zh: '{{year}}年{{late}}项', en: x}}}}\n{QUIET}"
    )
    plan = read_plan(text.encode()).plan
    assert plan is not None
    assert plan.notices == NoticeTexts(subject=Text("2024年{late}项", "x"))
    assert from_data(to_data(plan)) == plan
    assert plan.notices.of("subject", "zh") == "2024年{late}项"
    assert plan.notices.of("heading", "zh") == ""


def test_the_table_of_fields_names_every_template() -> None:
    assert set(FIELDS) == set(KEYS)
    assert {one for names in TOLD.values() for one in names} <= set(FIELDS["matter"])
