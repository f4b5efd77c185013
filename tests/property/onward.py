"""What brings a cycle on from each state, so that random lives get somewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tests.unit.year import Year, answer, hand_in, proofs, self_assess, submit


def approve(year: Year) -> None:
    submit(year)
    answer(year)


def publish(year: Year) -> None:
    if year.plan.step("by-date"):
        year.move("", "publish")
    else:
        proofs(year)


def assess(year: Year) -> None:
    hand_in(
        year, [s.id for s in year.plan.sections if year.state(f"s4-incentive-{s.id}") == "open"]
    )
    self_assess(year, [n for n in ("T-1", "T-2", "T-3") if year.state(n) == "published"])


ONWARD: Mapping[str, Sequence[Callable[[Year], object]]] = {
    "drafting": [lambda y: y.move("", "draft")],
    "drafted": [lambda y: y.move("", "peer_review")],
    "peer_reviewed": [approve, submit, answer],
    "approved": [publish, lambda y: y.move("", "publish", leave_behind=True)],
    "published": [assess, lambda y: self_assess(y, ["T-1"])],
    "self_assessed": [lambda y: y.record("", "evaluation_result", {"document": "通报1号"})],
    "evaluated": [lambda y: y.record("", "circular", {"document": "通报2号"})],
    "rectified": [lambda y: y.force("", "published")],
}
