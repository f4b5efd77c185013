"""How the work went, not only how it ended: requirements R-16, R-29 and R-34."""

from __future__ import annotations

import pytest

from engine.errors import BadRecord
from engine.events import Kind
from tests.unit.year import Year, begin, hand_in, publish, self_assess, shipped, small
from workflows.running.conduct import Conduct, conduct
from workflows.running.desk import desk
from workflows.running.obligations import met_at


@pytest.fixture
def published() -> Year:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    return year


def counts(year: Year, name: str) -> Conduct:
    with year.store.reading() as reader:
        return conduct(desk(year.app, reader, year.key), year.find(name))


def test_when_it_was_submitted_and_how_often_it_was_chased_is_on_record(published: Year) -> None:
    """R-29: the process matters: submitted when, chased how often, are first-class data."""
    year = published
    year.at("2024-12-30 10:00")
    self_assess(year, ["T-1"])
    year.tick_daily("2025-01-12")
    self_assess(year, ["T-2"])
    with year.store.reading() as reader:
        at = desk(year.app, reader, year.key)
        step = year.plan.step("s4")
        assert step is not None
        moments = [
            met_at(at, step, year.find(name), reader.history(year.name(name)))
            for name in ("T-1", "T-2", "T-3")
        ]
    assert [m and m.isoformat()[:10] for m in moments] == ["2024-12-30", "2025-01-11", None]
    punctual, late, silent = (counts(year, name) for name in ("T-1", "T-2", "T-3"))
    assert (punctual.late, punctual.days_late) == (0, 0)
    assert punctual.rungs < late.rungs <= silent.rungs
    assert (late.late, late.days_late) == (1, 0)
    assert silent.late == 1
    assert silent.days_late == 7, "working days: 2, 3, 6 to 10 January; 1 January is none"


def test_chasing_tells_how_often_and_whom(published: Year) -> None:
    """R-29: each rung that spoke is one event, with those who still owed."""
    year = published
    year.at("2024-12-26 09:00")
    self_assess(year, ["T-1"])
    year.tick_daily("2025-01-05")
    chased = [
        e
        for e in year.history("", Kind.REMINDED)
        if e.data.get("step") == "s4" and e.data.get("owed")
    ]
    assert len(chased) > 1
    named = [key for e in chased for line in e.data["owed"] for key in line["first"]]
    assert year.name("T-2") in named
    assert year.name("T-1") not in named[1:]


def evaluated() -> Year:
    year = begin(small(), "2024-08-05 09:00")
    publish(year)
    self_assess(year, ["T-1", "T-2", "T-3"])
    hand_in(year, [section.id for section in year.plan.sections])
    return year


def test_each_method_has_its_own_result_on_a_target() -> None:
    """R-16: five methods; the method is an attribute of an evaluation record."""
    year = evaluated()
    methods = shipped().methods
    assert len(methods) == len(set(methods)) == 5
    for number, method in enumerate(methods):
        year.record("T-1", "evaluation_result", {"method": method, "result": f"第{number}"})
    facts = year.find("T-1").facts
    kept = [facts[f"evaluation_result:{method}.result"] for method in methods]
    assert kept == [f"第{number}" for number in range(5)]
    with pytest.raises(BadRecord):
        year.record("T-1", "evaluation_result", {"method": "popularity", "result": "优"})
    with pytest.raises(BadRecord):
        year.record("T-1", "evaluation_result", {"result": "优"})
    year.assert_sound()
