"""Bundles made to do harm: the verifier neither crashes nor hangs, and writes nothing."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.bundle.verifier import archive as reading
from tests.integration.bundles import outcome, packed, sealed_office, stranger, unpacked


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("named")
    sealed_office(place).write(place / "small.zip", named=True)
    return place / "small.zip"


HOSTILE: dict[str, Callable[[zipfile.ZipFile], Any]] = {
    "a path upwards": lambda z: z.writestr("../../etc/passwd", b"x"),
    "an absolute path": lambda z: z.writestr("/etc/passwd", b"x"),
    "a Windows path": lambda z: z.writestr("C:\\x", b"x"),
    "a NUL in a name": lambda z: z.writestr("a\0b", b"x"),
    "a folder": lambda z: z.writestr("evidence/", b""),
    "a deep path": lambda z: z.writestr("a/b/c", b"x"),
    "a name without letters": lambda z: z.writestr("\u202egnp", b"x"),
    "a long name": lambda z: z.writestr("a" * 5000, b"x"),
    "another compression": lambda z: z.writestr("a", b"x", zipfile.ZIP_BZIP2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused(name: str, named: Path, tmp_path: Path) -> None:
    target = tmp_path / "hostile.zip"
    target.write_bytes(named.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        HOSTILE[name](archive)
    status, said = outcome(target)
    assert (status, said.startswith("BAD: ")) == (3, True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(named: Path, tmp_path: Path) -> None:
    target = tmp_path / "twice.zip"
    target.write_bytes(named.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("events.jsonl", b"")
    assert outcome(target)[1].startswith("BAD: events.jsonl: the file is there twice [twice]")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    target = tmp_path / "bomb.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events.jsonl", bytes(16 * 1024 * 1024))
    data = bytearray(target.read_bytes())
    place = data.rindex(b"PK\1\2")
    data[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)
    target.write_bytes(bytes(data))
    status, said = outcome(target)
    assert (status, "[bomb]" in said) == (3, True), said


def test_a_file_longer_than_declared_is_cut_off(named: Path, tmp_path: Path) -> None:
    target = tmp_path / "long.zip"
    data = bytearray(named.read_bytes())
    place = data.index(b"PK\1\2")
    size = struct.unpack_from("<I", data, place + 24)[0]
    struct.pack_into("<I", data, place + 24, size - 1)
    target.write_bytes(bytes(data))
    assert outcome(target)[0] == 3


def test_too_many_files_are_not_counted_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_FILES", 10)
    packed(tmp_path / "many.zip", {f"a{n}": b"" for n in range(12)})
    assert "[too-many]" in outcome(tmp_path / "many.zip")[1]
    monkeypatch.setattr(reading, "_LARGEST_DIRECTORY", 10)
    assert "[too-many]" in outcome(tmp_path / "many.zip")[1]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"PK\5\6" + bytes(18), b"x" * 1000, bytes(22), b"PK\5\6" + b"\xff" * 18],
    ids=["empty", "two", "no files", "text", "zeros", "ones"],
)
def test_what_is_no_zip_is_said_so(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    assert outcome(tmp_path / "x.zip")[0] == 3
    assert outcome(tmp_path / "none.zip")[0] == 3


def test_a_link_in_an_unpacked_bundle_is_refused(named: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(named) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "events.jsonl").unlink()
    (tmp_path / "events.jsonl").symlink_to("/dev/zero")
    assert outcome(tmp_path)[1].startswith("BAD: events.jsonl: it is no ordinary file [no-file]")


@pytest.mark.parametrize(
    "data",
    [b"[" * 3_000_000, b'{"a":' * 1_000_000, b"1" * 1_000_000, b"\xff\xfe[]", b'"' + b"a" * 9],
    ids=["deep list", "deep map", "huge number", "wrong encoding", "half a text"],
)
def test_hostile_json_crashes_nothing(data: bytes, named: Path, tmp_path: Path) -> None:
    files = unpacked(named)
    for name in ("manifest.json", "log.json", "machines/1.json", "persons.json"):
        run = stranger(packed(tmp_path / "x.zip", files | {name: data}), tmp_path)
        assert (run.returncode, run.stderr) == (3, ""), name
    changed = files | {"events.jsonl": data + b"\n" + files["events.jsonl"]}
    status, said = outcome(packed(tmp_path / "x.zip", changed))
    assert (status, said.startswith("BAD: events.jsonl line 1")) == (3, True)
    changed = files | {"notices.jsonl": data + b"\n" + files["notices.jsonl"]}
    status, said = outcome(packed(tmp_path / "x.zip", changed))
    assert (status, said.startswith("BAD: notices.jsonl line 1")) == (3, True)
    (tmp_path / "names.json").write_bytes(data)
    status, said = outcome(named, "--names", str(tmp_path / "names.json"))
    assert (status, said.startswith("BAD: ")) == (3, True)


def test_random_bytes_crash_nothing(tmp_path: Path) -> None:
    chance = random.Random(11)
    target = tmp_path / "x.zip"
    for _ in range(50):
        target.write_bytes(chance.randbytes(chance.randrange(400)) + b"PK\5\6" + bytes(18))
        assert outcome(target)[0] == 3


def test_what_is_printed_cannot_move_the_cursor(named: Path, tmp_path: Path) -> None:
    target = packed(tmp_path / "x.zip", unpacked(named) | {"a": b"x"})
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("\x1b[2Jevil", b"x")
    said = outcome(target)[1]
    assert "\x1b" not in said
    assert io.StringIO(said).readline().startswith("BAD: ")
