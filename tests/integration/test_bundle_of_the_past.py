"""A bundle as known at a moment is the bundle that was made then."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.bundle.contents import RemovedSince
from adapters.bundle.past import NothingSealedThen
from tests.integration.bundles import (
    CHEN,
    LAWFUL,
    ROOT,
    TARGET,
    Sealed,
    edited,
    outcome,
    packed,
    sealed_office,
    unpacked,
)
from tests.integration.office import KEY
from workflows.running.redacting import redact
from workflows.running.requests import Grounds, Who, force, record
from workflows.running.tenures import assign

MANIFEST = ("as_of", "known_at")
OF_THE_MOMENT = {"report.zh.html", "report.en.html", "SHA256SUMS", "manifest.json"}
"""What tells of the moment for which it was asked, and differs in nothing else."""


def same(made_then: Path, made_now: Path) -> None:
    then, now = unpacked(made_then), unpacked(made_now)
    assert then.keys() == now.keys()
    assert [n for n in then if then[n] != now[n] and n not in OF_THE_MOMENT] == []
    manifests = [json.loads(files["manifest.json"]) for files in (then, now)]
    assert [{k: v for k, v in m.items() if k not in MANIFEST} for m in manifests] == [
        {k: v for k, v in manifests[0].items() if k not in MANIFEST}
    ] * 2


def lived_on(sealed: Sealed, month: int) -> None:
    """Things that change persons, posts, states and facts after a bundle was made."""
    office, head = sealed.office, f"head-{month}"
    office.run_until(f"2024-0{month}-02 09:00")
    assign(office.app, body=office.plan.body, post="reform-head", person=head, actor="root")
    record(office.app, TARGET, "progress", {"percent": 90, "note": "再报"}, Who(person=head))
    force(office.app, TARGET, "drafted" if month % 2 else "published", ROOT, LAWFUL)
    office.run_until(f"2024-0{month}-20 09:00")
    sealed.seal()


@pytest.mark.parametrize("key", [KEY, TARGET])
def test_it_is_the_bundle_that_was_made_then(key: str, tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    for number in range(2):
        then = sealed.office.clock.now()
        sealed.write(tmp_path / f"then{number}.zip", key)
        lived_on(sealed, 5 + number)
        sealed.write(tmp_path / f"now{number}.zip", key, known_at=then)
        same(tmp_path / f"then{number}.zip", tmp_path / f"now{number}.zip")
        status, said = outcome(tmp_path / f"now{number}.zip")
        assert (status, said.splitlines()[0]) == (0, "GOOD")
        assert "what was recorded later is left out on purpose" in said


def test_what_came_between_two_checkpoints_waits_for_the_later_one(tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    sealed.write(tmp_path / "then.zip")
    record(sealed.office.app, TARGET, "progress", {"percent": 85}, CHEN)
    between = sealed.office.clock.now()
    sealed.office.run_until("2024-03-25 09:00")
    sealed.seal()
    sealed.write(tmp_path / "now.zip", known_at=between + timedelta(minutes=1))
    same(tmp_path / "then.zip", tmp_path / "now.zip")


def test_of_a_moment_alone_only_the_report_differs(tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    sealed.write(tmp_path / "whole.zip")
    then = sealed.office.clock.now() - timedelta(days=20)
    sealed.write(tmp_path / "then.zip", as_of=then)
    same(tmp_path / "whole.zip", tmp_path / "then.zip")
    status, said = outcome(tmp_path / "then.zip")
    assert (status, "Its report tells how things stood at 2024-02-29" in said) == (0, True)
    standing = {
        name: unpacked(tmp_path / f"{name}.zip")["report.zh.html"].decode().split("</table>")[1]
        for name in ("whole", "then")
    }
    assert "已公布" in standing["whole"]
    assert "已公布" not in standing["then"]
    assert "时的情况" in standing["then"]


def test_where_nothing_was_sealed_yet_nothing_would_prove_it(tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    with sealed.office.store.reading() as reader:
        first = reader.checkpoints()[0].sealed_at
    sealed.office.run_until("2024-03-25 09:00")
    with pytest.raises(NothingSealedThen):
        sealed.write(tmp_path / "x.zip", known_at=first - timedelta(microseconds=1))
    assert not (tmp_path / "x.zip").exists()


def test_a_text_that_was_removed_since_is_no_quiet_hole(tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    (noted,) = record(
        sealed.office.app, TARGET, "progress", {"percent": 82, "note": "又"}, CHEN, Grounds()
    )
    sealed.seal()
    then = sealed.office.clock.now()
    sealed.office.run_until("2024-03-25 09:00")
    redact(sealed.office.app, noted.position, ["note"], ROOT, LAWFUL)
    sealed.seal()
    with pytest.raises(RemovedSince, match="removed by law since"):
        sealed.write(tmp_path / "x.zip", known_at=then)
    sealed.write(tmp_path / "now.zip")
    assert outcome(tmp_path / "now.zip")[0] == 0


def test_a_bundle_that_says_an_earlier_moment_than_it_holds_is_found(tmp_path: Path) -> None:
    sealed = sealed_office(tmp_path)
    sealed.write(tmp_path / "x.zip")
    files = unpacked(tmp_path / "x.zip")

    def forged(moment: object) -> str:
        changed = edited(files["manifest.json"], lambda m: m.update(known_at=moment))
        return outcome(packed(tmp_path / "f.zip", files | {"manifest.json": changed}))[1]

    assert "[known-later]" in forged("2024-02-10T00:00:00.000000Z")
    for moment in ("2024-02-10", 5, ["x"], "", "9" * 27):
        assert forged(moment).startswith("BAD: "), moment
