"""Time stamps in a bundle, made by a real authority, and what hostile hands make of them."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.bundle.verifier import stamps as reading
from adapters.bundle.verifier.trouble import Bad
from engine.log import Stamp
from tests.integration.bundles import (
    Change,
    Sealed,
    edited,
    outcome,
    packed,
    sealed_office,
    stranger,
    unpacked,
)
from tests.integration.stamping import TimeStamper, stamping

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the stamps")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeStamper]:
    with stamping(tmp_path_factory.mktemp("stamps") / "tsa") as stamper:
        yield stamper


def stamped(authority: TimeStamper, note: str, *words: str) -> bytes:
    (authority.folder / "note").write_text(note, "utf-8")
    ask = ["openssl", "ts", "-query", "-data", "note", "-cert", *(words or ("-sha256",))]
    query = subprocess.run(ask, cwd=authority.folder, check=True, capture_output=True)
    return authority.reply(query.stdout)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, authority: TimeStamper) -> Sealed:
    made = sealed_office(tmp_path_factory.mktemp("office"))
    with made.office.store.unit_of_work(made.office.clock.now()) as unit:
        for one, words in zip(unit.checkpoints(), ("-sha256", "-sha512"), strict=True):
            token = stamped(authority, one.note, words)
            unit.keep_stamp(
                Stamp(size=one.size, authority="tsa", token=token, received_at=unit.now)
            )
    return made


@pytest.fixture(scope="module")
def bundle(sealed: Sealed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "stamped.zip"
    sealed.write(target)
    return target


def test_an_imprint_is_checked_and_it_is_said_that_this_proves_little(bundle: Path) -> None:
    status, said = outcome(bundle)
    assert (status, said.splitlines()[0]) == (0, "GOOD")
    assert said.count("Time stamp of tsa: it saw checkpoint") == 2
    assert "NOT PROVEN: who made the 2 time stamps." in said


def test_signatures_are_checked_by_openssl_below_what_is_trusted(
    bundle: Path, authority: TimeStamper, tmp_path: Path
) -> None:
    run = stranger(bundle, tmp_path, "--trust", str(authority.trust))
    assert (run.returncode, run.stderr) == (0, "")
    assert "The signatures of all 2 time stamps were checked by openssl" in run.stdout
    with stamping(tmp_path / "other") as other:
        status, said = outcome(bundle, "--trust", str(other.trust))
    assert (status, "[stamp-signature]" in said) == (3, True)
    assert outcome(bundle, "--trust", str(tmp_path / "none"))[0] == 3
    (tmp_path / "empty.pem").write_text("")
    assert "[unreadable]" in outcome(bundle, "--trust", str(tmp_path / "empty.pem"))[1]


def test_without_openssl_it_is_said_that_nobody_looked(
    bundle: Path, authority: TimeStamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    status, said = outcome(bundle, "--trust", str(authority.trust))
    assert (status, "NOT PROVEN: who made the 2 time stamps." in said) == (0, True)


def test_the_moment_is_the_one_that_openssl_reads(bundle: Path, authority: TimeStamper) -> None:
    row = json.loads(unpacked(bundle)["log.json"])["stamps"][0]
    (authority.folder / "token").write_bytes(base64.b64decode(row["token"]))
    show = ["openssl", "ts", "-reply", "-in", "token", "-text"]
    told = subprocess.run(
        show, cwd=authority.folder, check=True, capture_output=True, text=True
    ).stdout
    clock = reading.stamp_of(row, "x").moment[11:19]
    assert f" {clock}" in told.partition("Time stamp: ")[2].splitlines()[0]


def forged(bundle: Path, target: Path, change: Change) -> str:
    files = unpacked(bundle)
    files["log.json"] = edited(files["log.json"], change)
    status, said = outcome(packed(target, files))
    assert status == 3, said
    return said


def test_a_stamp_of_something_else_is_found(
    bundle: Path, authority: TimeStamper, tmp_path: Path
) -> None:
    other = base64.b64encode(stamped(authority, "another note")).decode()
    forgeries: dict[str, Change] = {
        "another": lambda log: log["stamps"][0].update(token=other),
        "exchanged": lambda log: log["stamps"][0].update(size=log["stamps"][1]["size"]),
        "of nothing": lambda log: log["stamps"][0].update(size=1),
    }
    for change in forgeries.values():
        assert "[stamp-of-another]" in forged(bundle, tmp_path / "x.zip", change)
    tokens: tuple[Any, ...] = ("", "AAAA", "é", 5, None, [], "A" * 400_000, "MAA=")
    for token in tokens:
        said = forged(
            bundle,
            tmp_path / "x.zip",
            lambda log, token=token: log["stamps"][0].update(token=token),  # type: ignore[misc]
        )
        assert "[not-a-stamp]" in said, token
    many: Change = lambda log: log.update(stamps=log["stamps"] * 3000)  # noqa: E731
    assert "[too-many]" in forged(bundle, tmp_path / "x.zip", many)
    assert "[wrong-members]" in forged(
        bundle, tmp_path / "x.zip", lambda log: log["stamps"].append({})
    )


def test_a_refusal_is_no_stamp(bundle: Path, tmp_path: Path) -> None:
    refusal = base64.b64encode(bytes.fromhex("30053003020102")).decode()
    said = forged(bundle, tmp_path / "x.zip", lambda log: log["stamps"][0].update(token=refusal))
    assert "[not-a-stamp]" in said


def test_nothing_that_is_made_of_a_stamp_crashes_the_reader_or_passes_for_another(
    bundle: Path,
) -> None:
    """Bits flipped, bytes cut out, lengths that lie: refused, or the same hash and moment."""
    log = json.loads(unpacked(bundle)["log.json"])
    row, note = log["stamps"][0], log["checkpoints"][0]["note"]
    good, chance = reading.stamp_of(row, "x"), random.Random(17)
    refused, codes = 0, set()
    for _ in range(3000):
        token = bytearray(good.token)
        place = chance.randrange(len(token))
        match chance.randrange(3):
            case 0:
                token[place] ^= 1 << chance.randrange(8)
            case 1:
                del token[place : place + chance.randrange(1, 40)]
            case _:
                token[place : place + 4] = chance.choice(
                    [b"\x84\xff\xff\xff", b"\x80\0\0\0", b"\x30\x30\x30\x30", bytes(4)]
                )
        changed = row | {"token": base64.b64encode(bytes(token)).decode()}
        try:
            found = reading.stamp_of(changed, "x")
            reading.require_imprint(found, note, "x")
        except Bad as bad:
            codes.add(bad.code)
            refused += 1
            continue
        assert (found.hashing, found.imprint) == (good.hashing, good.imprint)
    assert refused > 300
    assert codes == {"not-a-stamp", "stamp-of-another"}


@pytest.mark.slow
def test_openssl_refuses_what_the_reader_of_imprints_lets_pass(
    bundle: Path, authority: TimeStamper
) -> None:
    """Whatever bit is flipped: a moment that was changed never passes where it is verified."""
    log = json.loads(unpacked(bundle)["log.json"])
    row, note = log["stamps"][0], log["checkpoints"][0]["note"]
    good, chance, passed = reading.stamp_of(row, "x"), random.Random(3), 0
    for _ in range(150):
        token = bytearray(good.token)
        token[chance.randrange(len(token))] ^= 1 << chance.randrange(8)
        changed = row | {"token": base64.b64encode(bytes(token)).decode()}
        try:
            found = reading.stamp_of(changed, "x")
            reading.require_imprint(found, note, "x")
            reading.require_signature(found, note, str(authority.trust), "x")
        except Bad:
            continue
        passed += 1
        assert found.moment == good.moment
    assert passed < 75
