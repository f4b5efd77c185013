"""The folder of evidence: what is taken, what is found, two at once, and killed in the middle."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Thread

import pytest

from adapters.evidence import folder as module
from adapters.evidence.folder import EvidenceFolder, Found
from adapters.evidence.trouble import EvidenceRefused, FileTrouble
from engine.errors import NotFound
from workflows.plan.model import EvidenceRules

ANY = EvidenceRules()
CONTENT = b"%PDF-1.7 report"
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "duban.db.files")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "总结.pdf"
    path.write_bytes(CONTENT)
    return path


def keep(folder: EvidenceFolder, path: Path, rules: EvidenceRules = ANY) -> str:
    with folder.keeping(path, rules) as kept:
        return kept.sha256


def files(folder: EvidenceFolder) -> list[str]:
    return sorted(p.name for p in folder.place.iterdir() if p.name != ".lock")


def test_a_file_lies_under_its_hash_and_can_be_read_only(
    folder: EvidenceFolder, file: Path
) -> None:
    with folder.keeping(file, ANY) as kept:
        assert (kept.sha256, kept.name, kept.size, kept.new) == (HASH, "总结.pdf", 15, True)
    assert files(folder) == [HASH]
    assert (folder.place / HASH).stat().st_mode & 0o777 == 0o440
    assert folder.examine(HASH) is Found.SOUND


def test_whoever_may_write_beside_it_may_hand_in_too(folder: EvidenceFolder, file: Path) -> None:
    """The people of an office share a folder by its group; their umask has no say."""
    folder.place.parent.chmod(0o2770)
    before = os.umask(0o077)
    try:
        keep(folder, file)
    finally:
        os.umask(before)
    assert folder.place.stat().st_mode & 0o7777 == 0o2770
    assert (folder.place / ".lock").stat().st_mode & 0o777 == 0o660
    assert (folder.place / HASH).stat().st_mode & 0o777 == 0o440


def test_the_same_file_twice_is_kept_once(folder: EvidenceFolder, file: Path) -> None:
    keep(folder, file)
    with folder.keeping(file, ANY) as kept:
        assert not kept.new
    assert files(folder) == [HASH]


def test_what_is_refused_is_taken_away_only_if_it_is_new(
    folder: EvidenceFolder, file: Path
) -> None:
    def refused() -> None:
        with folder.keeping(file, ANY):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refused()
    assert files(folder) == []
    keep(folder, file)
    with pytest.raises(KeyboardInterrupt):
        refused()
    assert files(folder) == [HASH]


def test_what_was_altered_is_found_and_mended_by_handing_it_in_again(
    folder: EvidenceFolder, file: Path, tmp_path: Path
) -> None:
    keep(folder, file)
    place = folder.place / HASH
    place.chmod(0o640)
    place.write_bytes(CONTENT + b" ")
    assert folder.examine(HASH) is Found.ALTERED
    with pytest.raises(FileTrouble, match="not what it was"):
        folder.copy(HASH, tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()
    keep(folder, file)
    assert folder.examine(HASH) is Found.SOUND


@pytest.mark.parametrize(
    "name", ["../duban.db", "/etc/passwd", "", ".", "..", ".lock", HASH.upper(), f"{HASH}\n", "\0"]
)
def test_only_a_hash_names_a_file(folder: EvidenceFolder, file: Path, name: str) -> None:
    keep(folder, file)
    assert folder.examine(name) is Found.MISSING
    with pytest.raises(NotFound):
        list(folder.pieces(name))


def test_a_link_in_the_folder_is_not_followed(folder: EvidenceFolder, file: Path) -> None:
    keep(folder, file)
    (folder.place / HASH).unlink()
    (folder.place / HASH).symlink_to(file)
    assert folder.examine(HASH) is Found.ALTERED
    (folder.place / HASH).unlink()
    (folder.place / HASH).mkdir()
    assert folder.examine(HASH) is Found.ALTERED


def test_only_ordinary_files_are_taken(folder: EvidenceFolder, file: Path, tmp_path: Path) -> None:
    (tmp_path / "link.pdf").symlink_to(file)
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "empty.pdf").touch()
    for name, problem in {
        "link.pdf": "symbolic link",
        "pipe.pdf": "no ordinary file",
        "empty.pdf": "empty",
        ".": "a folder",
        "none.pdf": "no such file",
        "nul\0.pdf": "null",
    }.items():
        with pytest.raises(FileTrouble, match=problem):
            keep(folder, tmp_path / name)
    with pytest.raises(FileTrouble, match="no ordinary file"):
        keep(folder, Path("/dev/zero"))
    assert not folder.place.exists() or files(folder) == []


def test_the_plan_says_which_files_are_taken(
    folder: EvidenceFolder, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = EvidenceRules(largest_mb=1, types=("pdf", "txt"))
    assert keep(folder, file, rules) == HASH
    other = tmp_path / "x.exe"
    other.write_bytes(b"MZ")
    with pytest.raises(EvidenceRefused, match="no files of this kind"):
        keep(folder, other, rules)
    disguised = tmp_path / "x.PDF"
    disguised.write_bytes(b"MZ")
    with pytest.raises(FileTrouble, match="not what its name says"):
        keep(folder, disguised, rules)
    large = tmp_path / "large.txt"
    with large.open("wb") as writing:
        writing.truncate(1024 * 1024 + 1)
    with pytest.raises(EvidenceRefused, match="larger"):
        keep(folder, large, rules)
    large.write_bytes(b"x" * 100)
    monkeypatch.setattr(module, "MEGABYTE", 10)  # it grows while it is read
    monkeypatch.setattr(module, "_require", lambda *_: None)
    with pytest.raises(EvidenceRefused, match="larger"):
        keep(folder, large, rules)
    assert files(folder) == [HASH]


def test_a_full_disk_is_said_and_leaves_nothing(
    folder: EvidenceFolder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileTrouble, match="the disk is full"):
        keep(folder, file)
    assert files(folder) == []


def test_what_nobody_works_on_any_more_is_swept_away(folder: EvidenceFolder, file: Path) -> None:
    keep(folder, file)
    old, young = folder.place / ".old.part", folder.place / ".young.part"
    for part in (old, young):
        part.touch()
    os.utime(old, (0, 0))
    keep(folder, file)
    assert files(folder) == [".young.part", HASH]


def test_two_at_once_keep_what_either_has_recorded(folder: EvidenceFolder, file: Path) -> None:
    """One is refused, one is not; the refused one must not take the other's file away."""
    folder.place.mkdir()
    begin = Barrier(8)

    def work(number: int) -> None:
        begin.wait()
        for _ in range(10):
            with suppress(ZeroDivisionError), folder.keeping(file, ANY):
                done.append(1 // (number % 2) and folder.examine(HASH))
            after.append((bool(done), folder.examine(HASH)))

    done: list[object] = []
    after: list[tuple[bool, Found]] = []
    threads = [Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(done) == {Found.SOUND}
    assert files(folder) == [HASH]


def test_a_kill_in_the_middle_leaves_no_half_file(folder: EvidenceFolder, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as writing:
        writing.truncate(64 * 1024 * 1024)
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from adapters.evidence import folder\n"
        "from workflows.plan.model import EvidenceRules\n"
        "true = os.fsync\n"
        "os.fsync = lambda handle: os.kill(os.getpid(), 9)\n"
        "with folder.EvidenceFolder(Path(sys.argv[1])).keeping(Path(sys.argv[2]), "
        "EvidenceRules()):\n"
        "    pass\n"
    )
    words = [sys.executable, "-c", program, str(folder.place), str(large)]
    assert subprocess.run(words, check=False).returncode == -9
    assert all(name.endswith(".part") for name in files(folder))
    assert list(folder.names()) == []
    keep(folder, large)
    assert len(list(folder.names())) == 1


def test_a_file_is_copied_out_whole_and_replaces_nothing(
    folder: EvidenceFolder, file: Path, tmp_path: Path
) -> None:
    keep(folder, file)
    out = tmp_path / "out.pdf"
    folder.copy(HASH, out)
    assert out.read_bytes() == CONTENT
    with pytest.raises(FileTrouble, match="there already"):
        folder.copy(HASH, out)
    with pytest.raises(FileTrouble, match="no such file"):
        folder.copy(HASH, tmp_path / "none" / "out.pdf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["duban.db.files", "out.pdf", "总结.pdf"]


def test_removing_says_whether_it_was_there(folder: EvidenceFolder, file: Path) -> None:
    assert not folder.remove(HASH)
    keep(folder, file)
    assert folder.remove(HASH)
    assert not folder.remove(HASH)
    assert folder.examine(HASH) is Found.MISSING
