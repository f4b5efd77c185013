"""Backups: taken while somebody works, whole or not there; copies that are not whole are found."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.application import application, create
from adapters.sql.backup import BackedUpElsewhere, BackupRefused, back_up
from adapters.sql.database import connect, writing
from adapters.sql.examination import examine_copy
from adapters.sql.store import SqlStore
from adapters.sql.trouble import DatabaseTrouble
from tests.contract.stores import sqlite_file
from tests.unit.year import begin, small
from workflows.running.tick import tick


@pytest.fixture
def database(lived: Path, tmp_path: Path) -> Path:
    """A copy of the database of the year, each test's own."""
    return copyfile(lived, tmp_path / "duban.db")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("lived")
    engine = connect(str(sqlite_file(place)))
    year = begin(small(3), "2024-07-01 09:00", partial(SqlStore, engine))
    year.tick("2024-07-20 09:00")
    engine.dispose()
    return sqlite_file(place)


def wrong(copy: Path) -> list[str]:
    """Return the subjects in which a copy is not sound."""
    return [one.subject for one in examine_copy(str(copy)) if not one.sound]


def test_a_backup_holds_what_was_committed_and_nothing_else(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    writer = connect(str(database))
    with writing(writer) as connection:  # somebody is at work
        connection.exec_driver_sql("INSERT INTO setting VALUES ('half', 'done')")
        made = back_up(str(database), copy)
    writer.dispose()
    assert made.events > 20
    assert wrong(copy) == []
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT * FROM setting WHERE name = 'half'").fetchall() == []


def test_a_restored_backup_goes_on_where_it_was_taken(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    back_up(str(database), copy)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {database.name, copy.name}, "a draft was left behind"
    restored = tmp_path / "restored.db"
    copyfile(copy, restored)
    app = application(str(restored))
    assert tick(app).failed == []
    assert create(str(restored), "root") == (False, False)


def test_a_backup_overwrites_nothing(database: Path, tmp_path: Path) -> None:
    for target in (database, tmp_path, tmp_path / "there"):
        if target.name == "there":
            target.write_text("mine")
        with pytest.raises(BackupRefused, match="there already"):
            back_up(str(database), target)
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(BackupRefused, match="No such file"):
        back_up(str(database), tmp_path / "no" / "where")


def test_a_copy_has_the_permissions_of_the_database(database: Path, tmp_path: Path) -> None:
    database.chmod(0o640)
    back_up(str(database), tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o640


def test_what_is_no_database_of_ours_is_not_backed_up(tmp_path: Path) -> None:
    (tmp_path / "d.db").touch()
    with pytest.raises(DatabaseTrouble, match="not a duban database yet"):
        back_up(str(tmp_path / "d.db"), tmp_path / "copy.db")
    with pytest.raises(BackedUpElsewhere):
        back_up("sqlite:///:memory:", tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []


def test_a_backup_of_what_is_broken_is_no_backup(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE instance SET state = 'rectified' WHERE state = 'drafting'")
        connection.commit()
    with pytest.raises(BackupRefused, match="histories"):
        back_up(str(database), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def cut(copy: Path) -> None:
    with copy.open("r+b") as file:
        file.truncate(copy.stat().st_size // 2)


def statement(sql: str, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (cut, {"file", "schema"}),
        (partial(statement, "DROP TRIGGER event_refuses_delete"), {"triggers that keep history"}),
        (partial(statement, "UPDATE instance SET lamp = '红'"), {"histories"}),
        (partial(statement, "UPDATE timer SET deadline = 'gone'"), {"foreign keys"}),
        (partial(statement, "UPDATE alembic_version SET version_num = '0001'"), {"schema"}),
        (lambda copy: copy.with_name(f"{copy.name}-wal").write_text("x"), {"one file"}),
    ],
    ids=["cut", "trigger", "projection", "reference", "schema", "log"],
)
def test_a_copy_that_is_not_whole_is_found(
    damage: Callable[[Path], object], found: set[str], database: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    back_up(str(database), copy)
    damage(copy)
    assert set(wrong(copy)) & found


def test_looking_at_a_copy_changes_nothing(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    back_up(str(database), copy)
    copy.chmod(0o400)
    before = copy.read_bytes(), copy.stat().st_mtime_ns
    assert wrong(copy) == []
    assert (copy.read_bytes(), copy.stat().st_mtime_ns) == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy.db"]
