"""What the daemon tells machines: scraped from a real process, and asked of its parts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from adapters.application import create
from adapters.daemon import Daemon
from adapters.liveness import MOST_SKEW
from adapters.messages import translator
from adapters.monitoring.listener import ListenRefused, address_of, listening
from adapters.monitoring.pulse import STALE, STUCK, Pulse
from adapters.monitoring.systemd import Systemd
from adapters.monitoring.watch import Watch
from adapters.sql.database import connect
from adapters.sql.gauges import Gauges
from adapters.sql.store import SqlStore
from adapters.sql.trouble import DatabaseTrouble
from engine.clock import StandingClock, SystemClock
from engine.errors import DeliveryFailed
from engine.message import Message
from engine.ports import Notice
from tests.contract.stores import sqlite_file
from tests.unit.year import Year, begin, small

ROOT = Path(__file__).parents[2]
PATIENCE = 60


class Refusing:
    """A channel that takes nothing."""

    def send(self, notice: Notice, message: Message) -> None:
        raise DeliveryFailed(key=notice.key, channel="log", problem="refused")


@pytest.fixture
def year(tmp_path: Path) -> Iterator[Year]:
    database = connect(str(sqlite_file(tmp_path)))
    yield begin(small(2), "2024-07-01 09:00", partial(SqlStore, database))
    database.dispose()


@pytest.fixture
def watch(year: Year, tmp_path: Path) -> Iterator[Watch]:
    gauges = Gauges(str(sqlite_file(tmp_path)))
    yield Watch("1.2.3", year.clock, gauges, Systemd({}))
    gauges.close()


def daemon(year: Year, watch: Watch, **channels: object) -> Daemon:
    known = watch.counted(channels or {"log": Taking()})  # type: ignore[arg-type]
    return Daemon(year.app, channels=known, words=translator("en"), observer=watch)


class Taking:
    """A channel that takes everything."""

    def send(self, notice: Notice, message: Message) -> None:
        assert notice.items


def scraped(page: bytes) -> Mapping[str, float]:
    """Return each series with its value; labels in braces, in order."""
    found = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            labels = ",".join(f"{n}={v}" for n, v in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_a_pass_is_counted_with_what_it_did_and_how_late(year: Year, watch: Watch) -> None:
    year.at("2024-07-05 09:00")  # a reminder was due at midnight
    daemon(year, watch).run_pass()
    found = scraped(watch.metrics.page())
    assert found["duban_ticks_total{outcome=done}"] == 1
    assert found["duban_timers_fired_total"] == 1
    assert found["duban_timer_lag_seconds_sum"] == 9 * 3600
    assert found["duban_deliveries_total{channel=log,outcome=delivered}"] >= 1
    assert found["duban_timers_due"] == 0
    assert found["duban_daemons_alive"] == 1
    assert found["duban_build_info{version=1.2.3}"] == 1
    assert abs(found["duban_clock_ahead_seconds"]) < MOST_SKEW.total_seconds()


def test_the_clock_of_the_host_is_told_against_that_of_all(year: Year, tmp_path: Path) -> None:
    gauges = Gauges(str(sqlite_file(tmp_path)))
    wall = StandingClock(SystemClock().now() + timedelta(hours=1))
    watch = Watch("1.2.3", year.clock, gauges, Systemd({}), wall)
    daemon(year, watch).run_pass()
    gauges.close()
    assert -3600 <= scraped(watch.metrics.page())["duban_clock_ahead_seconds"] < -3500


def test_a_daemon_that_said_goodbye_is_not_counted(year: Year, watch: Watch) -> None:
    one, other = daemon(year, watch), daemon(year, watch)
    one.name, other.name = "one", "other"
    one.run_pass()
    one._say_goodbye()
    other.run_pass()
    assert scraped(watch.metrics.page())["duban_daemons_alive"] == 1


def test_what_waits_is_counted_by_channel_and_state(year: Year, watch: Watch) -> None:
    year.at("2024-07-05 09:00")
    daemon(year, watch, log=Refusing()).run_pass()
    found = scraped(watch.metrics.page())
    assert found["duban_notices{channel=log,state=failing}"] >= 1
    assert found["duban_deliveries_total{channel=log,outcome=failed}"] >= 1


def test_what_is_due_and_not_done_shows_how_long(year: Year, watch: Watch) -> None:
    year.at("2024-07-05 09:00")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflows.running.tick.fire", _broken)
        daemon(year, watch).run_pass()
    found = scraped(watch.metrics.page())
    assert found["duban_timers_failed_total"] == 1
    assert found["duban_timers_failing"] == 1
    assert found["duban_timers_due"] == 1
    assert found["duban_oldest_due_seconds"] == 9 * 3600


def test_nothing_personal_is_told(year: Year, watch: Watch) -> None:
    year.at("2024-07-05 09:00")
    daemon(year, watch, log=Refusing()).run_pass()
    page = watch.metrics.page().decode()
    people = {holder.person for post in year.plan.posts for holder in post.holders}
    told = [*people, year.key, year.plan.body, *(s.id for s in year.plan.steps)]
    assert [name for name in told if re.search(rf"\b{re.escape(name)}\b", page)] == []
    labels = set(re.findall(r"(\w+)=\"", page))
    assert labels == {"outcome", "channel", "state", "version", "le"}


def test_a_database_that_fails_is_counted_and_makes_it_unready(year: Year, watch: Watch) -> None:
    assert watch.answer("/readyz")[0] is HTTPStatus.SERVICE_UNAVAILABLE  # type: ignore[index]
    worker = daemon(year, watch)
    worker.run_pass()
    assert watch.answer("/readyz")[0] is HTTPStatus.OK  # type: ignore[index]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.daemon.tick", _cut)
        worker.run_pass()
    assert watch.answer("/readyz") == (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "text/plain; charset=utf-8",
        b"the last pass failed\n",
    )
    assert scraped(watch.metrics.page())["duban_database_errors_total"] == 1
    assert watch.answer("/healthz")[0] is HTTPStatus.OK  # type: ignore[index]
    assert watch.answer("/") is None


def test_a_pass_that_hangs_is_no_sign_of_life() -> None:
    now = [0.0]
    pulse = Pulse(clock=lambda: now[0])
    pulse.stir()
    now[0] = STUCK
    assert pulse.alive
    now[0] += 1
    assert not pulse.alive
    pulse.succeed()
    assert pulse.alive
    assert pulse.trouble == ""
    now[0] += STALE + 1
    assert pulse.trouble == "no pass has ended lately"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9464", ("127.0.0.1", 9464)),
        ("10.1.2.3:80", ("10.1.2.3", 80)),
        ("[::1]:9464", ("::1", 9464)),
        (":9464", ("127.0.0.1", 9464)),
    ],
)
def test_a_port_alone_is_on_this_machine_only(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "localhost", "1:2:x", "host:99999", "host:-1", "١٢"])
def test_what_names_no_port_is_refused(text: str) -> None:
    with pytest.raises(ListenRefused, match="names no port"):
        address_of(text)


def test_a_port_that_is_taken_is_said_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenRefused, match=r"127\.0\.0\.1"), listening(address, _nothing):
            pass


@pytest.mark.slow
def test_a_real_daemon_answers_and_tells_systemd(tmp_path: Path) -> None:
    database = tmp_path / "d.db"
    create(str(database), "root")
    with _systemd() as (listener, address), _process(database, address) as process:
        assert process.stdout is not None
        port = _port(process.stdout)
        said = ""
        while "STATUS=last pass" not in said:
            said += listener.recv(4096).decode() + "\n"
        assert "READY=1" in said
        assert _get(port, "/readyz") == (200, b"ready\n")
        assert _get(port, "/healthz") == (200, b"alive\n")
        assert _get(port, "/metrics/")[0] == 404
        assert _is_healthy(port)
        found = scraped(_get(port, "/metrics")[1])
        assert found["duban_ticks_total{outcome=done}"] >= 1
        assert found["process_resident_memory_bytes"] > 0
        while "WATCHDOG=1" not in said:
            said += listener.recv(4096).decode() + "\n"
        process.send_signal(signal.SIGTERM)
        while "STOPPING=1" not in said:
            said += listener.recv(4096).decode() + "\n"
        assert process.wait(PATIENCE) == 0
        assert not _is_healthy(port)


def _is_healthy(port: int) -> bool:
    """What the health check of the compose file says of the daemon on that port."""
    compose = YAML(typ="safe").load(ROOT / "deploy" / "compose.yaml")
    kind, program, *words = compose["services"]["daemon"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "python")
    asked = [word.replace(":9464/", f":{port}/") for word in words]
    assert asked != words
    done = subprocess.run([sys.executable, *asked], capture_output=True, check=False)
    return done.returncode == 0


def test_without_systemd_nothing_is_said_and_nothing_breaks(tmp_path: Path) -> None:
    Systemd({}).say("READY=1")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).say("READY=1")
    assert Systemd({"WATCHDOG_USEC": "2000000"}).watchdog == timedelta(seconds=2)
    assert Systemd({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}).watchdog is None
    assert Systemd({"WATCHDOG_USEC": "soon"}).watchdog is None


def test_a_socket_that_is_a_file_is_spoken_to(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "s"))
        Systemd({"NOTIFY_SOCKET": str(tmp_path / "s")}).say("READY=1", "STATUS=here")
        assert listener.recv(100) == b"READY=1\nSTATUS=here"


@contextmanager
def _systemd() -> Iterator[tuple[socket.socket, str]]:
    """Listen as systemd does, under an abstract name."""
    name = f"duban-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.settimeout(PATIENCE)
        yield listener, f"@{name}"


@contextmanager
def _process(database: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    arguments = ["--database", str(database), "daemon", "--listen", "0"]
    with subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        env={**os.environ, "NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _port(log: IO[str]) -> int:
    for line in log:
        told = json.loads(line)
        if told["event"] == "metrics.listening":
            return int(told["port"])
    raise AssertionError("it never listened")


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def _broken(*_values: object, **_named: object) -> bool:
    raise RuntimeError("broken on purpose")


def _cut(*_values: object, **_named: object) -> None:
    raise DatabaseTrouble(database="d", problem="cut on purpose", hint="")


def _nothing(_path: str) -> None:
    return None
