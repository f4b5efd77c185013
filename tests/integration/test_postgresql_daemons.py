"""Daemons on PostgreSQL: who waits for whom, who wakes whom, and what a restart does to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from click.testing import Result
from sqlalchemy import text
from structlog.testing import capture_logs

from adapters.application import calendar_of
from adapters.daemon import Daemon
from adapters.liveness import MOST_SKEW
from adapters.retrying import ATTEMPTS
from adapters.sql.clock import DatabaseClock
from adapters.sql.database import connect, reading, writing
from adapters.sql.store import SqlStore
from adapters.sql.trouble import DatabaseInterrupted
from engine.clock import StandingClock, SystemClock
from engine.errors import ConcurrentChange
from engine.ports import NoticeItem, Tenure
from tests.cli.office import ADMINISTRATOR, REFERENCE, Office
from tests.contract.world import (
    CYCLE,
    GOAL,
    NOW,
    deadline,
    filled,
    following,
    instance,
    open_cycle,
    timer,
)
from tests.postgres.databases import asking, empty_database, lent_database
from tests.postgres.server import SAFE, Server
from workflows.running.desk import CALENDAR, Application

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
ONE = instance(f"{CYCLE}/T-1")
AUDITOR = Tenure(body="", post="auditor", person="li", since="")


@pytest.fixture
def url() -> Iterator[str]:
    with lent_database() as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = store_on(url)
    with made.unit_of_work(NOW) as unit:
        open_cycle(unit)
        open_cycle(unit, "another")
    filled(made, ONE)
    yield made
    made.close()


def store_on(url: str) -> SqlStore:
    return SqlStore(connect(url), StandingClock(NOW))


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened in another process."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def test_a_cycle_that_is_held_is_not_waited_for_unless_one_wants_to(store: SqlStore) -> None:
    with store.unit_of_work(NOW) as first, store.unit_of_work(NOW) as second:
        assert first.hold(CYCLE)
        first.load(ONE.key)
        assert not second.hold(CYCLE, wait=False)
        assert not second.hold(ONE.key, wait=False), "all within the cycle"
        assert second.hold("another", wait=False), "and nothing else"


def test_who_waited_reads_what_the_other_wrote(store: SqlStore) -> None:
    sequences: list[int] = []

    def second() -> None:
        with store.unit_of_work(NOW) as unit:
            unit.load(ONE.key)  # out of date by the time it matters
            unit.hold(CYCLE)
            sequences.append(unit.load(ONE.key).sequence)

    with store.unit_of_work(NOW) as first:
        first.hold(CYCLE)
        thread = Thread(target=second)
        first.append(following(ONE))
        first.append(following(ONE, sequence=3))
    thread.start()
    thread.join(PATIENCE_SECONDS)
    assert sequences == [3]


def test_who_waits_too_long_gives_up_and_says_so(url: str, store: SqlStore) -> None:
    hasty = store_on(asking(url, options="-c lock_timeout=50ms"))
    with store.unit_of_work(NOW) as first:
        first.hold(CYCLE)
        with (
            pytest.raises(Exception, match="another process is writing"),
            hasty.unit_of_work(NOW) as second,
        ):
            second.hold(CYCLE)
    hasty.close()


def test_a_deadlock_is_told_as_what_may_be_tried_again(store: SqlStore) -> None:
    together, hurt = Barrier(2), list[DatabaseInterrupted]()

    def hold(first: str, second: str) -> None:
        try:
            with store.unit_of_work(NOW) as unit:
                unit.hold(first)
                together.wait(PATIENCE_SECONDS)
                unit.hold(second)
        except DatabaseInterrupted as error:
            hurt.append(error)

    threads = [Thread(target=hold, args=keys) for keys in ((CYCLE, "another"), ("another", CYCLE))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    (error,) = hurt
    assert error.in_unit
    assert error.outcome_known


@contextmanager
def listening(store: SqlStore) -> Iterator[Event]:
    """An event that is set whenever somebody wakes the daemons."""
    woken, stopped = Event(), Event()
    thread = Thread(target=store.listen, args=(woken.set, stopped))
    thread.start()
    try:
        assert woken.wait(PATIENCE_SECONDS), "it calls when it begins: something may have passed"
        woken.clear()
        yield woken
    finally:
        stopped.set()
        thread.join(PATIENCE_SECONDS)


def test_who_keeps_what_is_due_or_tells_somebody_wakes_the_daemons(store: SqlStore) -> None:
    date = deadline("d-1")
    with listening(store) as woken:
        with store.unit_of_work(NOW) as unit:
            unit.set_deadlines([date], [timer("t-1", date, -1)])
            assert not woken.wait(0.1), "not before it is durable"
        assert woken.wait(PATIENCE_SECONDS)
        woken.clear()
        with store.unit_of_work(NOW) as unit:
            position = unit.append(following(ONE)).position
        assert not woken.wait(0.1), "nobody has to act on a record"
        with store.unit_of_work(NOW) as unit:
            unit.tell([NoticeItem(event=position, recipient="zhang")])
        assert woken.wait(PATIENCE_SECONDS)


def test_a_listener_whose_connection_is_cut_listens_again(store: SqlStore) -> None:
    with listening(store) as woken:
        with writing(store._database) as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            )
        assert woken.wait(PATIENCE_SECONDS), "something may have been missed"


def test_the_servers_clock_tells_the_moment(store: SqlStore) -> None:
    clock = DatabaseClock(store._database)
    first, second = clock.now(), clock.now()
    assert first < second
    assert first.utcoffset() == second.utcoffset() == NOW.utcoffset()


STUMBLE = """
CREATE SEQUENCE tries;
CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('tries') <= {times} THEN
        RAISE EXCEPTION 'others are in the way' USING ERRCODE = '40001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stumble BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION stumble()
"""


@pytest.fixture
def opened_office() -> Iterator[str]:
    with empty_database() as url:
        office = Office(Path("ignored"))
        for words in (("init", "--trial", "--clock", "2024-07-08"), ("open", str(REFERENCE))):
            office.does("--database", url, *words, as_=ADMINISTRATOR)
        yield url


def drafts(url: str, times: int) -> Result:
    """Draft the plan, while others are in the way so many times."""
    database = connect(url)
    with writing(database) as connection:
        connection.exec_driver_sql(STUMBLE.format(times=times).replace("%", "%%"))
    database.dispose()
    words = ("move", "qz-2024", "draft", "--as", "group-office")
    return Office(Path("ignored")).run("--database", url, *words, as_=ADMINISTRATOR)


def test_a_command_is_tried_again_where_others_were_in_its_way(opened_office: str) -> None:
    result = drafts(opened_office, times=2)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("drafting → drafted") == 1


@pytest.mark.slow
def test_a_command_is_not_tried_for_ever(opened_office: str) -> None:
    result = drafts(opened_office, times=1000)
    assert result.exit_code == 1
    assert "others changed the same at the same time. Nothing was changed" in result.stderr
    database = connect(opened_office)
    with reading(database) as connection:
        assert connection.scalar(text("SELECT last_value FROM tries")) == ATTEMPTS
    database.dispose()


def test_a_daemon_on_a_host_with_a_wrong_clock_says_so_once(store: SqlStore) -> None:
    wall = StandingClock(SystemClock().now() + MOST_SKEW + timedelta(seconds=1))
    app = Application(store=store, clock=wall, calendar_of=calendar_of, wall=wall)
    worker = Daemon(app)
    with capture_logs() as said:
        worker._begin()
        worker._begin()
    assert [entry["event"] for entry in said] == ["clock.skewed"]


@contextmanager
def daemon(url: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "--database", url, "daemon"],
        cwd=ROOT,
        env={**os.environ, "DUBAN_LANG": "en"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.slow
def test_a_daemon_outlives_the_restart_of_its_server() -> None:
    server = Server(settings=SAFE)
    server.start()
    try:
        with server.connect() as connection:
            connection.execute("CREATE DATABASE year")
        url = server.url("year")
        office = Office(Path("ignored"))

        def does(*words: str) -> None:
            office.does("--database", url, *words, as_=ADMINISTRATOR)

        def reminded() -> int:
            database = connect(url)
            with reading(database) as connection:
                found = connection.scalar(text("SELECT count(*) FROM event WHERE timer > ''"))
            database.dispose()
            return int(found or 0)

        does("init", "--trial", "--clock", "2024-07-08")
        does("open", str(REFERENCE))
        with daemon(url):
            does("clock", "set", "2024-07-20")
            until(lambda: reminded() > 0)
            before = reminded()
            server.kill()
            server.start()
            does("clock", "set", "2024-08-20")
            until(lambda: reminded() > before)
            does("verify")
    finally:
        server.stop()


def test_who_waited_finds_nothing_that_was_true_before(store: SqlStore) -> None:
    """What is asked together with the lock is read as it stands once the lock is there."""
    seen: list[object] = []
    waiting = Event()

    def second() -> None:
        with store.unit_of_work(NOW) as unit:
            assert not unit.hold(ONE.key, wait=False, person="li")
            waiting.set()
            unit.hold(ONE.key, person="li")
            seen.extend(
                (
                    unit.load(ONE.key).sequence,
                    [t.id for t in unit.due(NOW, CYCLE)],
                    unit.setting(CALENDAR),
                    [t.post for t in unit.tenures(person="li")],
                    unit.plan(CYCLE)[0],
                )
            )

    due = deadline("d-1")
    with store.unit_of_work(NOW) as first:
        first.hold(CYCLE)
        first.publish_plan("plan@amended", {"title": "amended"})
        thread = Thread(target=second)
        thread.start()
        assert waiting.wait(PATIENCE_SECONDS)
        event = first.append(following(ONE))
        first.set_deadlines([due], [timer("t-1", due)])
        first.set_setting(CALENDAR, "days@1")
        first.set_tenure(
            Tenure(body="", post="auditor", person="li", since="", event=event.position)
        )
        first.bind_plan(CYCLE, "plan@amended")
    thread.join(PATIENCE_SECONDS)
    assert seen == [2, ["t-1"], "days@1", ["auditor"], "plan@amended"]


def test_what_was_asked_ahead_is_not_believed_once_the_unit_has_changed_it(store: SqlStore) -> None:
    due = deadline("d-1")
    with store.unit_of_work(NOW) as unit:
        assert unit.hold(ONE.key, wait=False, person="li")
        event = unit.append(following(ONE))
        unit.set_deadlines([due], [timer("t-1", due)])
        unit.set_setting(CALENDAR, "days@1")
        unit.set_tenure(
            Tenure(body="", post="auditor", person="li", since="", event=event.position)
        )
        unit.publish_plan("plan@amended", {"title": "amended"})
        unit.bind_plan(CYCLE, "plan@amended")
        unit.publish_workflow(replace(GOAL, final=("high",), void=()))
        assert unit.load(ONE.key).sequence == 2
        assert [t.id for t in unit.due(NOW, CYCLE)] == ["t-1"]
        assert unit.setting(CALENDAR) == "days@1"
        assert [t.post for t in unit.tenures(person="li")] == ["auditor"]
        assert unit.plan(CYCLE)[0] == "plan@amended"
        assert len(unit.machines("goal")) == 2
    with store.unit_of_work(NOW) as unit:
        assert unit.hold(CYCLE, wait=False)
        assert [t.post for t in unit.tenures()] == ["auditor"], "nobody named is everybody"


def test_what_is_refused_among_several_things_is_told_as_such(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    def collide() -> None:
        with store.unit_of_work(NOW) as unit:
            unit.load(ONE.key)
            unit._loaded[ONE.key] = replace(ONE, sequence=0)
            unit.append(following(ONE, sequence=1))

    for _ in range(8):  # the answer may come while others are still being sent
        with pytest.raises(ConcurrentChange):
            collide()
    assert caplog.records == []
