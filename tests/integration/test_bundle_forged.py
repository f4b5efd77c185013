"""Bundles that somebody forged, or a disk damaged: each is found and named."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest

from engine.note import Checkpoint, Note
from tests.integration.bundles import FILE, TARGET, Sealed, outcome, packed, sealed_office, unpacked
from tests.integration.forging import (
    Files,
    Forgery,
    document,
    done_by_somebody_else,
    event,
    exchanged_leaves,
    exchanged_numbers,
    line_of,
    notice,
    rewritten_by_another_key,
    sent_to_another,
    swapped,
    text_removed_quietly,
    without_line,
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return sealed_office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def named(sealed: Sealed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("named") / "small.zip"
    sealed.write(target, named=True)
    return target


FORGERIES: dict[str, tuple[str, Forgery]] = {
    "an act is back-dated": (
        "wrong-root",
        event(
            lambda e: e.update(occurred_at="2024-01-31T00:00:00.000000Z"),
            instance=TARGET,
            kind="recorded",
        ),
    ),
    "an act is another's": ("wrong-root", done_by_somebody_else),
    "an act is nobody's": (
        "unlisted-person",
        event(lambda e: e.update(actor="li"), kind="recorded"),
    ),
    "a fact is another": (
        "wrong-root",
        event(lambda e: e["data"]["set"].update(x=1), kind="recorded"),
    ),
    "an event is left out": (
        "gap",
        without_line("events.jsonl", "leaves.jsonl", number=1),
    ),
    "two events are swapped": ("gap", swapped),
    "two leaves are exchanged": ("number-order", exchanged_leaves),
    "a move goes elsewhere": (
        "no-edge",
        event(lambda e: e.update(target="drafted"), instance=TARGET, kind="moved"),
    ),
    "a move leaves another state": (
        "edges",
        event(lambda e: e.update(source="drafted"), instance=TARGET, kind="moved"),
    ),
    "a move is of another edition": (
        "other-edition",
        event(lambda e: e.update(edition="target@0"), instance=TARGET, kind="moved"),
    ),
    "a record moves": (
        "half-a-move",
        event(lambda e: e.update(target="published"), instance=TARGET, kind="recorded"),
    ),
    "a history begins in another state": (
        "no-such-state",
        event(lambda e: e["data"].update(state="x"), instance=TARGET, kind="opened"),
    ),
    "a machine allows more": (
        "wrong-edition",
        document("machines/1.json", lambda m: m["content"]["forcible"].append("x")),
    ),
    "the plan says something else": (
        "wrong-edition",
        document("plans/1.json", lambda p: p["content"].update(year=2023)),
    ),
    "the plan was published at another time": (
        "wrong-root",
        document("plans/1.json", lambda p: p.update(published_at="2024-01-01T00:00:00.000000Z")),
    ),
    "a text is another": (
        "other-text",
        line_of("texts.jsonl", -2, lambda t: t.update(text="another")),
    ),
    "a text is gone, and nobody said so": ("removed-unsaid", text_removed_quietly),
    "a text is left out": ("text-missing", without_line("texts.jsonl", number=0)),
    "evidence is exchanged": (
        "wrong-hash",
        lambda files: files.update({f"evidence/{FILE}": b"%PDF-1.7 another"}),
    ),
    "evidence is left out": ("file-missing", lambda files: files.pop(f"evidence/{FILE}")),
    "evidence is added": (
        "not-spoken-of",
        lambda files: files.update({f"evidence/{hashlib.sha256(b'x').hexdigest()}": b"x"}),
    ),
    "the history ends earlier": (
        "other-end",
        document("manifest.json", lambda m: m["instances"][0].__setitem__(2, "published")),
    ),
    "the manifest counts wrongly": (
        "wrong-counts",
        document("manifest.json", lambda m: m["counts"].update(events=1)),
    ),
    "another key signed": ("nobody-signed", rewritten_by_another_key),
    "a checkpoint claims another size": (
        "bad-signature",
        document(
            "log.json",
            lambda log: log["checkpoints"][-1].update(
                note=log["checkpoints"][-1]["note"].replace("\nafter", "\nAfter")
            ),
        ),
    ),
    "a checkpoint is left out, with its proof": (
        "inconsistent",
        document("log.json", lambda log: log["checkpoints"][1].update(consistency=[])),
    ),
    "nothing is sealed": (
        "nothing-sealed",
        document("log.json", lambda log: log.update(checkpoints=[])),
    ),
    "the proof is short": ("wrong-root", document("log.json", lambda log: log["proof"].reverse())),
    "a hash is written otherwise": (
        "not-a-hash",
        document("log.json", lambda log: log.update(proof=[h.upper() for h in log["proof"]])),
    ),
    "two numbers are exchanged": ("number-order", exchanged_numbers),
    "a number stands twice": (
        "number-order",
        line_of("leaves.jsonl", -2, lambda leaf: leaf.update(position=1)),
    ),
    "a number is another": (
        "number-order",
        line_of("leaves.jsonl", 0, lambda leaf: leaf.update(position=leaf["position"] + 3)),
    ),
    "a leaf is of no event": (
        "two-leaves",
        line_of("leaves.jsonl", 0, lambda leaf: leaf.update(index=0)),
    ),
    "a leaf lies beyond": (
        "leaf-beyond",
        line_of("leaves.jsonl", 0, lambda leaf: leaf.update(index=10**6)),
    ),
    "a hash stands for what can be computed": (
        "bad-leaf",
        line_of("leaves.jsonl", 0, lambda leaf: leaf.update(hash="00" * 32)),
    ),
    "a notice is about another event": ("wrong-root", notice(lambda e: e.update(about=["x"]))),
    "a notice is about no event of the bundle": (
        "notice-elsewhere",
        notice(lambda e: e.update(event=10**9)),
    ),
    "a notice is of another kind": ("not-a-notice", notice(lambda e: e.update(entry="event"))),
    "a notice is to nobody": ("not-a-notice", notice(lambda e: e.update(recipient="li"))),
    "a notice is to somebody who is not listed": (
        "unlisted-person",
        notice(lambda e: e.update(recipient="#" + "0" * 64)),
    ),
    "a notice was sent to somebody else": ("sent-unasked", sent_to_another),
    "a notice is left out": ("wrong-counts", without_line("notices.jsonl", number=-1)),
    "a notice stands twice": (
        "notice-order",
        lambda files: files.update(
            {"notices.jsonl": files["notices.jsonl"] + files["notices.jsonl"]}
        ),
    ),
    "somebody else is named": (
        "other-person",
        document("persons.json", lambda rows: rows[0].update(name="somebody")),
    ),
    "a person is not listed": (
        "unlisted-person",
        document("persons.json", lambda rows: rows.__delitem__(0)),
    ),
    "somebody is listed twice": (
        "no-names",
        document("persons.json", lambda rows: rows.append(rows[0])),
    ),
    "a sealed event is said to be unsealed": (
        "sealed-after-unsealed",
        line_of("leaves.jsonl", 0, lambda leaf: leaf.update(index=None)),
    ),
    "the names stand twice": (
        "not-json",
        lambda files: files.update({"manifest.json": b'{"a":1,"a":1}'}),
    ),
    "a file is not ours": ("not-listed", lambda files: files.update({"run.sh": b"rm -rf /"})),
    "the report is gone": ("missing", lambda files: files.pop("report.en.html")),
    "the format is unknown": (
        "other-format",
        document("manifest.json", lambda m: m.update(format="duban-bundle/2")),
    ),
    "the events are of another cycle": (
        "elsewhere",
        document("manifest.json", lambda m: m.update(cycle="other-2024")),
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forger_who_mends_the_sums_is_found(name: str, named: Path, tmp_path: Path) -> None:
    code, forge = FORGERIES[name]
    files = unpacked(named)
    before = dict(files)
    forge(files)
    assert files != before, "the forgery changes nothing"
    status, said = outcome(packed(tmp_path / "forged.zip", files))
    assert (status, f"[{code}]" in said) == (3, True), said


def test_a_whole_log_made_anew_is_found_by_whoever_holds_a_checkpoint(
    sealed: Sealed, tmp_path: Path
) -> None:
    """With the key, everything can be made anew; the bundle alone cannot show it."""
    (tmp_path / "other").mkdir()
    other = sealed_office(tmp_path / "other")
    other.office.tick("2024-03-25 09:00")
    other.write(tmp_path / "anew.zip", named=True)
    assert outcome(tmp_path / "anew.zip")[0] == 0
    note = tmp_path / "held.note"
    first = Checkpoint.parse(Note.parse(other.held[0]).text)
    assert first.size == Checkpoint.parse(Note.parse(sealed.held[0]).text).size
    forged = Checkpoint(origin=first.origin, size=first.size, root=bytes(range(32)))
    note.write_text(str(Note(forged.text).signed_by([sealed.pen])), "utf-8")
    status, said = outcome(tmp_path / "anew.zip", "--checkpoint", str(note))
    assert (status, "[other-log]" in said) == (3, True)


def flipped(whole: bytes, chance: random.Random) -> bytes:
    changed = bytearray(whole)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def meaning(path: Path) -> Files | None:
    try:
        return unpacked(path)
    except Exception:  # noqa: BLE001 - whatever it raises, it says nothing any more
        return None


def flips(bundle: Path, place: Path, count: int, seed: int) -> int:
    """Flip one bit at a time; return how many flips changed no file of the bundle."""
    chance, whole, files = random.Random(seed), bundle.read_bytes(), unpacked(bundle)
    harmless = 0
    target = place / "flipped.zip"
    for number in range(count):
        target.write_bytes(flipped(whole, chance))
        status, said = outcome(target)
        if status == 0:
            assert meaning(target) == files, f"flip {number} of seed {seed} passed: {said}"
            harmless += 1
        else:
            assert status == 3
    return harmless


@pytest.mark.slow
def test_no_flipped_bit_that_changes_the_meaning_passes(named: Path, tmp_path: Path) -> None:
    """`DUBAN_FLIPS=10000` runs the campaign."""
    count = int(os.environ.get("DUBAN_FLIPS", "150"))
    harmless = flips(named, tmp_path, count, seed=5)
    assert harmless < count / 4


def test_no_flipped_bit_inside_a_file_passes_though_the_sums_are_mended(
    named: Path, tmp_path: Path
) -> None:
    """What only the sums would notice is what a forger mends; proofs notice the rest."""
    chance, files = random.Random(9), unpacked(named)
    proven = (
        "events.jsonl",
        "notices.jsonl",
        "texts.jsonl",
        f"evidence/{FILE}",
        "machines/1.json",
        "plans/1.json",
    )
    for _ in range(60):
        name = chance.choice(proven)
        changed = files | {name: flipped(files[name], chance)}
        status, said = outcome(packed(tmp_path / "forged.zip", changed))
        assert status == 3, (name, said)
