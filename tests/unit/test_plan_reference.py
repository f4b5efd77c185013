"""The plans that ship: the reference plan clause by clause, and the template for any year."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from engine.ladder import Action
from workflows.deadlines.recurrence import occurrences
from workflows.deadlines.resolution import Context, Kind, Resolution
from workflows.deadlines.resolve import resolve
from workflows.plan.check import check_file
from workflows.plan.date_settings import settings_of
from workflows.plan.model import Plan, Scope
from workflows.plan.read import PlanReading
from workflows.plan.weekdays import WEEKDAYS

SHANGHAI = ZoneInfo("Asia/Shanghai")


def reading(name: str, year: int | None = None) -> PlanReading:
    return check_file(files("workflows").joinpath(f"plans/{name}.yaml").read_bytes(), year)


def reference() -> Plan:
    plan = reading("quanzhou-sasac-2024").plan
    assert plan is not None
    return plan


def resolved(plan: Plan, step_id: str) -> Resolution:
    step = plan.step(step_id)
    assert step is not None
    assert step.due is not None
    context = Context(year=plan.year, calendar=WEEKDAYS, settings=settings_of(plan))
    return resolve(step.due, context)


def test_the_reference_plan_raises_exactly_these_questions() -> None:
    """R-20: issued after four of its own dates; R-19: two approvals under one date; R-39."""
    found = reading("quanzhou-sasac-2024").diagnostics
    assert [(d.code, d.values.get("step") or d.values["steps"]) for d in found] == [
        ("P308", "s1a"),
        ("P308", "s1b"),
        ("P308", "s1c"),
        ("P308", "s1d"),
        ("P317", "s1c, s1d"),
        ("P319", "s1d"),
        ("P309", "quarterly-progress"),
        ("P309", "quarterly-analysis"),
    ]


def test_the_head_of_the_document_is_kept_verbatim() -> None:
    """R-01, R-02."""
    plan = reference()
    assert (plan.document.number, plan.document.index) == (
        "泉国资办〔2024〕197号",
        "QZ00201-0300-2024-00075",
    )
    assert plan.document.issued == date(2024, 8, 2)
    city, implementing = plan.basis
    assert city.endswith("（泉效综〔2024〕2号）")
    assert implementing.endswith("（泉直政府效办〔2024〕2号）")


def test_duties_belong_to_posts_and_no_person_is_named() -> None:
    """R-04 to R-07, R-35."""
    plan = reference()
    assert all(post.holders == () for post in plan.posts)
    led = [s for post in plan.posts if "vice_leader" in post.roles for s in post.in_charge_of]
    assert sorted(led) == sorted(section.id for section in plan.sections)
    assert {s.id for s in plan.sections} == {post.section for post in plan.posts if post.section}


def test_the_four_blocks_have_a_target_in_a_leaf_each() -> None:
    """R-08 to R-14; R-15: no points anywhere."""
    plan = reference()
    blocks = [c.name.zh for c in plan.categories if not c.parent]
    assert blocks == ["职能工作目标", "行政能力目标", "精神文明建设成效", "平安建设成效"]
    parents = {c.id: c.parent or c.id for c in plan.categories}
    assert {parents[t.category] for t in plan.targets} == {
        c.id for c in plan.categories if not c.parent
    }
    assert all("示例" in target.name.zh and target.name.en for target in plan.targets)
    assert [c.id for c in plan.categories if c.dynamic] == ["dynamic"]


def test_every_source_is_covered() -> None:
    """R-09, R-10: and a mapping that is removed is missed."""
    plan = reference()
    assert {s for t in plan.targets for s in t.sources} == {s.id for s in plan.sources}
    path = files("workflows").joinpath("plans/quanzhou-sasac-2024.yaml")
    text = path.read_text(encoding="utf-8").replace("sources: [work-report, party-points]", "")
    found = check_file(text.encode()).diagnostics
    named = {(d.code, d.values.get("source") or d.values.get("target")) for d in found}
    assert {("P304", "T-001"), ("P305", "work-report"), ("P305", "party-points")} <= named


def test_the_five_methods() -> None:
    """R-16."""
    assert len(reference().methods) == 5


@pytest.mark.parametrize(
    ("step", "clause", "last_day"),
    [
        ("s1a", "四（一）①", date(2024, 7, 10)),
        ("s1b", "四（一）②", date(2024, 7, 19)),
        ("s1c", "四（一）③", date(2024, 7, 26)),
        ("s1d", "四（一）③", date(2024, 7, 26)),
        ("s2a", "四（二）①", None),
        ("s2b", "四（二）②", date(2024, 8, 15)),
        ("s3", "四（三）", date(2024, 12, 31)),
        ("s4", "四（四）", date(2024, 12, 31)),
        ("s4-incentive", "四（四）", date(2024, 12, 31)),
        ("s5", "四（五）", date(2025, 2, 28)),
        ("s6", "四（六）", None),
        ("s7", "四（七）", None),
    ],
)
def test_the_steps_and_their_dates(step: str, clause: str, last_day: date | None) -> None:
    """R-17 to R-27."""
    plan = reference()
    found = plan.step(step)
    assert found is not None
    assert found.clause == clause
    resolution = resolved(plan, step)
    assert resolution.last_day == last_day
    if last_day:
        late = datetime.combine(last_day, datetime.max.time(), SHANGHAI)
        assert resolution.due_at is not None
        assert resolution.due_at > late


def test_the_answers_of_outside_bodies_have_no_date() -> None:
    """R-19: the sentence dates the submission only."""
    plan = reference()
    waits = {s.id: (s.records, s.wait.record) for s in plan.steps if s.wait}
    assert waits == {
        "s1c": (("submitted_for_decision",), "decision"),
        "s1d": (("submitted_for_reply",), "reply"),
        "s7": ((), "circular"),
    }


def test_publication_waits_for_the_reply_and_is_never_late() -> None:
    """R-21: two channels; R-27: rectification waits for the circular in the same way."""
    plan = reference()
    step = plan.step("s2a")
    assert step is not None
    assert step.records == ("publication:website", "publication:notice_board")
    for name, event in (("s2a", "reply"), ("s7", "circular")):
        found = resolved(plan, name)
        assert (found.due_at, found.kind) == (None, Kind.WAITING)
        assert found.waits_for == (event,)


def test_the_window_of_evaluation_opens_on_a_holiday() -> None:
    """R-23."""
    opens = resolved(reference(), "s3").opens_at
    assert opens is not None
    assert opens.astimezone(SHANGHAI) == datetime(2024, 10, 1, tzinfo=SHANGHAI)


def test_self_assessment_has_two_deliverables_under_one_date() -> None:
    """R-24."""
    plan = reference()
    report, incentive = plan.step("s4"), plan.step("s4-incentive")
    assert report is not None
    assert incentive is not None
    assert (report.scope, report.brings) == (Scope.TARGETS, "self_assessed")
    assert (incentive.scope, incentive.gate) == (Scope.SECTIONS, "self_assessed")
    assert report.due == incentive.due


def test_the_central_assessment_has_three_parts() -> None:
    """R-25."""
    step = reference().step("s5")
    assert step is not None
    assert step.records == ("peer_result_review", "onsite_assessment", "same_type_recheck")


def test_quarters_are_counted_from_the_one_of_issue() -> None:
    """R-39."""
    plan = reference()
    context = Context(year=2024, calendar=WEEKDAYS, settings=settings_of(plan))
    for name in ("quarterly-progress", "quarterly-analysis"):
        step = plan.step(name)
        assert step is not None
        assert step.due is not None
        days = [(o.label, o.last_day) for o in occurrences(step.due, context)]
        assert days == [("2024-Q3", date(2024, 10, 10)), ("2024-Q4", date(2025, 1, 10))]


def test_the_ladder_has_two_reminders_and_three_rungs() -> None:
    """R-05, R-06, R-35."""
    (ladder,) = reference().ladders
    assert [(r.offset, r.action, r.recipients) for r in ladder.rungs] == [
        (-3, Action.REMIND, ("owner",)),
        (-1, Action.REMIND, ("owner",)),
        (0, Action.LATE, ("owner",)),
        (2, Action.REMIND, ("owner", "vice_leader")),
        (5, Action.REMIND, ("owner", "group_office", "leading_group")),
    ]
    assert all(rung.lamp for rung in ladder.rungs)


def test_every_target_has_pace_quality_and_date() -> None:
    """R-36."""
    assert all(t.pace and t.quality and t.finish_by for t in reference().targets)


@pytest.mark.parametrize("year", [2023, 2024, 2026, 2031])
def test_the_template_serves_any_year(year: int) -> None:
    found = reading("municipal-department", year)
    plan = found.plan
    assert plan is not None
    told = {d.code for d in found.diagnostics}
    assert told - {"P316"} == {"P309", "P317", "P319"}, "days off differ from year to year"
    assert (plan.year, plan.key) == (year, f"md-{year}")
    assert plan.name.zh.startswith(str(year))
    assert len(plan.targets) == 12
    assert {t.finish_by.year for t in plan.targets if t.finish_by} == {year}
    leap = (year + 1) % 4 == 0
    assert resolved(plan, "s5").last_day == date(year + 1, 2, 29 if leap else 28)


def test_the_template_needs_a_year() -> None:
    found = reading("municipal-department")
    assert found.plan is None
    assert found.diagnostics[0].code == "P201"


def test_the_template_has_the_steps_of_the_reference_plan() -> None:
    template = reading("municipal-department", 2024).plan
    assert template is not None
    ours = [(s.id, s.scope, s.brings, s.records, s.after, s.wait) for s in template.steps]
    assert ours == [
        (s.id, s.scope, s.brings, s.records, s.after, s.wait) for s in reference().steps
    ]
    for step in template.steps:
        if not step.id.startswith("quarterly"):
            other = reference().step(step.id)
            assert other is not None
            assert resolved(template, step.id).due_at == resolved(reference(), step.id).due_at


def test_all_that_people_read_has_an_english_name() -> None:
    for name in ("quanzhou-sasac-2024", "municipal-department"):
        plan = reading(name, 2024).plan
        assert plan is not None
        names = [plan.name]
        names += [section.name for section in plan.sections]
        names += [post.name for post in plan.posts]
        names += [body.name for body in plan.outside]
        names += [category.name for category in plan.categories]
        names += [source.name for source in plan.sources]
        names += [step.name for step in plan.steps]
        names += [target.name for target in plan.targets]
        assert all(name.zh and name.en for name in names)
