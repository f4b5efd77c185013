"""A server that was lost: its dump and its base backup, restored, are whole, and known for old."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.cli.office import ADMINISTRATOR, REFERENCE, Office
from tests.postgres.server import Server, binaries

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
YEAR = "year"
PATIENCE_SECONDS = 60


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True, slots=True)
class Lost:
    """Copies of yesterday, and what left the house today."""

    base: Path
    dump: Path
    key: Path
    kept: Path
    """A checkpoint that was kept elsewhere since the copies were made."""


def options(program: str) -> list[str]:
    """Return the options that the page gives a program, without those that name a place."""
    (line,) = re.findall(rf"^{program} (.+)$", PAGE, re.MULTILINE)
    places = ("--dbname=", "--pgdata=", "--file=", "/")
    return [word for word in line.split() if not word.startswith(places)]


@dataclass(frozen=True, slots=True)
class Remote:
    """An office whose database is on a server."""

    url: str
    office: Office

    def does(self, *words: str) -> str:
        return self.office.does("--database", self.url, *words, as_=ADMINISTRATOR)


def office_on(server: Server, key: Path) -> Remote:
    office = Office(Path("ignored"), environment={"DUBAN_KEY_FILE": str(key)})
    return Remote(url=server.url(YEAR), office=office)


@contextmanager
def somebody_works(office: Remote) -> Iterator[None]:
    """Let posts be assigned and the log be sealed meanwhile, again and again."""
    stopped, began = Event(), Event()

    def work() -> None:
        for number in count():
            office.does("post", "assign", "reform-head", f"zhao-{number}")
            office.does("seal")
            began.set()
            if stopped.is_set():
                return

    worker = Thread(target=work)
    worker.start()
    try:
        assert began.wait(PATIENCE_SECONDS)
        yield
    finally:
        stopped.set()
        worker.join()


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    """What is left of a server of which everything else was lost."""
    place = tmp_path_factory.mktemp("office")
    with running(Server()) as server:
        with server.connect() as connection:
            connection.execute(f"CREATE DATABASE {YEAR}")
        office = office_on(server, place / "key")
        office.does("init", "--trial", "--clock", "2024-07-08")
        office.does("open", str(REFERENCE))
        dump, base = server.folder / "dump", server.folder / "base"
        with somebody_works(office):
            where = f"--dbname=host={server.folder} port={server.port} user=duban"
            server.run("pg_basebackup", where, f"--pgdata={base}", *options("pg_basebackup"))
            server.run("pg_verifybackup", str(base))
            where = f"{where} dbname={YEAR}"
            server.run("pg_dump", where, f"--file={dump}", *options("pg_dump"))
        office.does("clock", "set", "2024-08-05")
        office.does("daemon", "--once")
        office.does("seal")
        kept = place / "kept.txt"
        kept.write_text(office.does("checkpoint"), encoding="utf-8")
        office.does("verify", "--checkpoint", str(kept))
        yield Lost(base=base, dump=dump, key=place / "key", kept=kept)


@contextmanager
def from_base_backup(lost: Lost) -> Iterator[Server]:
    restored = Server()
    restored._own()
    subprocess.run(["/bin/cp", "-a", str(lost.base), str(restored.data)], check=True)
    with running(restored):
        yield restored


@contextmanager
def from_dump(lost: Lost) -> Iterator[Server]:
    with running(Server()) as restored:
        with restored.connect() as connection:
            connection.execute(f"CREATE DATABASE {YEAR} TEMPLATE template0")
        where = f"--dbname=host={restored.folder} port={restored.port} user=duban dbname={YEAR}"
        restore = [str(binaries() / "pg_restore"), *options("pg_restore"), where, str(lost.dump)]
        subprocess.run(restore, check=True)
        yield restored


@pytest.mark.parametrize("restored", [from_base_backup, from_dump])
def test_what_is_restored_is_whole_and_known_to_be_old(
    lost: Lost, restored: Callable[[Lost], AbstractContextManager[Server]]
) -> None:
    with restored(lost) as server:
        office = office_on(server, lost.key)
        office.does("doctor", "--copy")
        office.does("verify")
        words = ("--database", office.url, "verify", "--checkpoint", str(lost.kept))
        result = office.office.run(*words)
        assert result.exit_code == 3, result.output
        assert "[outside-short]" in result.stdout
        office.does("clock", "set", "2024-08-05")
        office.does("daemon", "--once")
        office.does("doctor", "--copy")
