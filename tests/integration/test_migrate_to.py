"""Moving from a file into another database: whole, compared, and resumed after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from shutil import copyfile

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from adapters.application import application, create
from adapters.bundle.contents import Contents
from adapters.bundle.writing import Wanted, write_bundle
from adapters.commands.session import Session
from adapters.sql import transfer
from adapters.sql.database import connect, reading, writing
from adapters.sql.moving import AlreadyMoved, freeze, thaw
from adapters.sql.store import SqlStore
from adapters.sql.tables import EVENT, METADATA
from adapters.sql.transfer import CopyDiffers, NotAFile, TargetInUse, Transfer, UnderWay, move
from adapters.sql.trouble import DatabaseTrouble
from cli import main
from engine.events import Kind
from tests.chaos.crashing import in_child
from tests.contract.stores import sqlite_file
from tests.postgres.databases import empty_database
from tests.unit.year import begin, publish, small
from workflows.running.desk import Application, desk
from workflows.running.sealing import seal
from workflows.running.tick import tick


@contextmanager
def file_target(place: Path) -> Iterator[str]:
    yield str(place / "target.db")


@contextmanager
def server_target(_place: Path) -> Iterator[str]:
    with empty_database() as url:
        yield url


TARGETS = {"file": file_target, "postgresql": server_target}


@pytest.fixture
def source(lived: Path, tmp_path: Path) -> str:
    """A copy of the database of the year, each test's own."""
    return str(copyfile(lived, tmp_path / "duban.db"))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with histories, texts, notices, deadlines and timers."""
    place = tmp_path_factory.mktemp("lived")
    engine = connect(str(sqlite_file(place)))
    year = begin(small(4), "2024-06-20 09:00", partial(SqlStore, engine))
    publish(year)
    year.tick("2024-10-12 09:00")
    year.told()
    year.force("T-1", "drafted")
    year.tick("2024-12-20 09:00")
    engine.dispose()
    return sqlite_file(place)


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with TARGETS[request.param](tmp_path) as url:
        yield url


def silent(_total: int, _title: str) -> Callable[[int], None]:
    return lambda _done: None


@contextmanager
def living(url: str) -> Iterator[Application]:
    app = application(url)
    try:
        yield app
    finally:
        assert isinstance(app.store, SqlStore)
        app.store.close()


def bundled(url: str, bundle: Path) -> bytes:
    """The bundle of the year, as the database at ``url`` gives it."""
    with living(url) as app, app.store.reading() as reader:
        (cycle,) = reader.cycles()
        plan = desk(app, reader, cycle.key).plan
        contents = Contents(reader, plan, cycle.key, named=False)
        write_bundle(contents, None, Wanted(within=cycle.key), bundle)
    return bundle.read_bytes()


def test_a_bundle_of_the_copy_has_the_bytes_of_the_original(
    source: str, target: str, tmp_path: Path
) -> None:
    with living(source) as app:
        seal(app)
    before = bundled(source, tmp_path / "before.zip")
    move(source, target, silent)
    assert bundled(target, tmp_path / "after.zip") == before


def rows(database: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, settings of the move left out."""
    engine = connect(database)
    with reading(engine) as connection:
        found = {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in METADATA.tables.items()
        }
    engine.dispose()
    found["setting"] = [row for row in found["setting"] if not str(row[0]).startswith("transfer/")]
    return found


@contextmanager
def opened(database: str) -> Iterator[Application]:
    app = application(database)
    assert isinstance(app.store, SqlStore)
    with closing(app.store):
        yield app


def duban(database: str, *words: str) -> Result:
    given = ["--lang", "en", "--database", database, *words]
    return CliRunner().invoke(main, given, obj=Session(account="root"))


def test_everything_arrives_and_the_year_goes_on(source: str, target: str) -> None:
    before = rows(source)
    moved = move(source, target, silent)
    assert rows(target) == before == rows(source)
    assert moved.events == len(before["event"]) > 50
    assert min(len(before[t]) for t in ("event_text", "notice", "notice_item", "timer")) > 0
    with opened(target) as app:
        assert tick(app).failed == []
        with app.store.reading() as reader:
            (cycle,) = reader.cycles()
            assert {e.kind for e in reader.history(cycle.key)} > {Kind.OPENED, Kind.MOVED}
    assert duban(target, "verify").exit_code == 0
    assert create(target, "root") == (False, False)


def test_numbers_go_on_after_those_that_were_copied(source: str, target: str) -> None:
    move(source, target, silent)
    engine = connect(target)
    with reading(engine) as connection:
        last = connection.scalar(select(func.max(EVENT.c.position)))
    engine.dispose()
    assert duban(target, "post", "assign", "auditor", "wang").exit_code == 0
    engine = connect(target)
    with reading(engine) as connection:
        after = connection.scalar(select(func.max(EVENT.c.position)))
    engine.dispose()
    assert last is not None
    assert after == last + 1


def test_nothing_is_written_to_what_moves_nor_to_what_was_moved(source: str, target: str) -> None:
    engine = connect(source)
    freeze(engine)
    refused = duban(source, "post", "assign", "auditor", "wang")
    assert refused.exit_code == 1
    assert "being moved to another database" in refused.output
    assert duban(source, "status").exit_code == 0
    assert "moved away" in duban(source, "doctor").output
    move(source, target, silent)
    with (
        opened(source) as app,
        pytest.raises(DatabaseTrouble, match="was moved to another"),
        app.store.unit_of_work(app.clock.now()) as unit,
    ):
        unit.set_setting("x", "y")
    assert duban(source, "verify").exit_code == 0
    assert Path(make_name(target)).name in duban(source, "doctor").output
    with pytest.raises(AlreadyMoved):
        move(source, target, silent)
    assert not thaw(engine)
    engine.dispose()


def make_name(target: str) -> str:
    return target.rpartition("/")[2]


def test_a_move_that_is_given_up_leaves_the_file_as_it_was(source: str) -> None:
    engine = connect(source)
    freeze(engine)
    engine.dispose()
    assert "given up" in duban(source, "migrate-to", "--give-up").output
    assert duban(source, "post", "assign", "auditor", "wang").exit_code == 0
    assert "No move is under way" in duban(source, "migrate-to", "--give-up").output


@pytest.mark.slow
def test_killed_anywhere_it_goes_on_where_it_was(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BATCH", 20)
    before = rows(source)
    kills = 0
    for point in (1, 5, 20):

        def work(point: int = point) -> int:
            passed = 0

            def begun(_total: int, _title: str) -> Callable[[int], None]:
                def told(_done: int) -> None:
                    nonlocal passed
                    passed += 1
                    if passed == point:
                        os.kill(os.getpid(), signal.SIGKILL)

                return told

            move(source, target, begun)
            return passed

        kills += in_child(work) is None
        with pytest.raises(DatabaseTrouble, match="not complete"):
            application(target)
    assert kills == 3
    counted: list[int] = []
    moved = move(source, target, lambda _total, _title: counted.append)
    assert rows(target) == before
    assert sum(counted) == 2 * moved.rows


def test_killed_at_its_last_step_it_is_completed(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Transfer, "_end", lambda *_: None)
        move(source, target, silent)
    with pytest.raises(DatabaseTrouble, match="not complete"):
        application(target)
    with pytest.raises(AlreadyMoved):
        move(source, target, silent)
    with opened(target) as app:
        assert tick(app).failed == []


def test_two_at_once_do_not_meet(source: str, target: str) -> None:
    first = Transfer(source, target)
    with first.alone(), pytest.raises(UnderWay):
        move(source, target, silent)
    first.close()
    move(source, target, silent)


def test_what_is_not_empty_is_no_target(source: str, tmp_path: Path) -> None:
    used = tmp_path / "used.db"
    create(str(used), "somebody")
    with pytest.raises(TargetInUse):
        move(source, str(used), silent)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE accounts (id INTEGER)")
    with pytest.raises(TargetInUse):
        move(source, str(tmp_path / "other.db"), silent)
    assert duban(source, "post", "assign", "auditor", "wang").exit_code == 0, "it was not frozen"
    with pytest.raises(NotAFile):
        move("sqlite:///:memory:", str(tmp_path / "t.db"), silent)


def test_the_copy_of_another_database_is_no_target(
    source: str, target: str, tmp_path: Path
) -> None:
    half = Transfer(source, target)
    half.prepare()
    half.copy(lambda _: None)
    half.close()
    other = tmp_path / "other.db"
    create(str(other), "somebody")
    with pytest.raises(TargetInUse):
        move(str(other), target, silent)
    engine = connect(source)
    assert thaw(engine)  # given up, and begun anew: what was copied before is of another moment
    engine.dispose()
    with pytest.raises(TargetInUse):
        move(source, target, silent)


def test_a_copy_that_differs_is_found(source: str, target: str) -> None:
    half = Transfer(source, target)
    half.prepare()
    half.copy(lambda _: None)
    engine = connect(target)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE timer SET attempts = 7 WHERE attempts = 0")
    engine.dispose()
    with pytest.raises(CopyDiffers, match="timer"):
        half.compare(lambda _: None)
    half.close()


def test_the_command_says_what_to_do_next(source: str, target: str) -> None:
    said = duban(source, "migrate-to", target)
    assert said.exit_code == 0, said.output
    assert "export DUBAN_DATABASE=" in said.output
    assert duban(source, "migrate-to").exit_code == 2
    assert "moved" in duban(source, "migrate-to", target).output
