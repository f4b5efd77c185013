"""docs/operations.md is true: its backups are whole, its service unit and variables are real."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from shutil import which

import pytest
from click.testing import CliRunner, Result
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from adapters.commands import lazy
from adapters.commands.session import Session
from adapters.monitoring.metrics import Metrics
from cli import main
from tests.docs.sessions import ACCOUNT, ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy" / "duban.service").read_text(encoding="utf-8")
COMPOSE_VARIABLES = {"DUBAN_DATABASE", "DUBAN_LANG", "DUBAN_KEY_FILE", "DUBAN_EVIDENCE"}
PLAN = ROOT / "workflows" / "plans" / "municipal-department.yaml"


def duban(database: Path, *arguments: str) -> Result:
    given = ["--lang", "en", "--database", str(database), *arguments]
    return CliRunner().invoke(main, given, obj=Session(account=ACCOUNT))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    place = tmp_path / "duban.db"
    assert duban(place, "init").exit_code == 0
    assert duban(place, "open", str(PLAN), "--year", "2026").exit_code == 0
    return place


def sound(copy: Path, database: Path) -> None:
    """A copy verifies, and holds every event that the original holds."""
    assert duban(copy, "doctor", "--copy").exit_code == 0
    counts = []
    for file in (copy, database):
        with closing(sqlite3.connect(file)) as connection:
            counts.append(connection.execute("SELECT count(*) FROM event").fetchone())
    assert counts[0] == counts[1]


def test_the_backup_of_the_page_is_whole(database: Path, tmp_path: Path) -> None:
    assert "\nduban backup /backup/duban-$(date +%F).db\n" in PAGE
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(database)):  # somebody else is at work
        assert duban(database, "backup", str(copy)).exit_code == 0
    assert "doctor --copy" in PAGE
    sound(copy, database)


def test_all_that_doctor_looks_at_is_explained(database: Path) -> None:
    output = "\n".join(
        duban(database, *asked).output.partition("\n\n")[0]
        for asked in (["doctor"], ["doctor", "--copy"])
    )
    looked = re.findall(r"^(?:sound|WRONG) +(.+?)(?:  .*)?$", output, re.MULTILINE)
    assert len(looked) > 10
    table = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", PAGE, re.MULTILINE)
    told = " ".join(table).replace("foreign keys, and whether they are enforced", "foreign keys")
    kinds = {subject.replace(" are enforced", "").removeprefix("notices ") for subject in looked}
    assert sorted(kind for kind in kinds if kind not in told) == []


def test_the_service_starts_the_daemon_on_the_database_of_the_page() -> None:
    assert re.search(r"^ExecStart=\S+/duban daemon --listen 127\.0\.0\.1:\d+$", UNIT, re.MULTILINE)
    assert "Type=notify" in UNIT
    set_there = re.findall(r"^Environment=(\w+)=(\S+)$", UNIT, re.MULTILINE)
    assert dict(set_there) == {"DUBAN_DATABASE": "/var/lib/duban/duban.db", "DUBAN_LANG": "zh"}
    assert "KillSignal=SIGTERM" in UNIT
    for line in UNIT.splitlines():
        assert not line or line.startswith(("#", "[")) or "=" in line


def test_the_lines_for_cron_have_five_fields_and_real_options() -> None:
    lines: list[str] = re.findall(r"```cron\n(.*?)```", PAGE, re.DOTALL)
    assert len(lines) == 3
    for line in lines:
        *fields, user, command = line.split(maxsplit=6)
        assert (len(fields), user) == (5, "duban")
        assert not re.search(r"(?<!\\)%", command)  # cron would end the line there
    assert "daemon --once" in lines[0]
    assert "status --assert-alive" in lines[1]


def test_every_metric_is_explained_and_every_one_explained_is_there() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    meanings = page.partition("## When")[0]
    told = set(re.findall(r"`(duban_\w+)", meanings))
    families = text_string_to_metric_families(Metrics("1").page().decode())
    there = {f"{f.name}_total" if f.type == "counter" else f.name for f in families}
    assert {name for name in there if name.startswith("duban_")} == told
    alarms = set(re.findall(r"\b(duban_\w+?)(?:_bucket)?\b", page.partition("## When")[2]))
    assert alarms <= told


@pytest.mark.skipif(which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "duban.service"
    unit.write_text(re.sub(r"(?<=ExecStart=)\S+", "/bin/true", UNIT), encoding="utf-8")
    command = ["systemd-analyze", "verify", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(f"{UNIT}\nWatchdogSec=soon\n", encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "WatchdogSec" in done.stderr


def test_the_containers_run_what_is_there() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    services = YAML(typ="safe").load(text)["services"]
    assert set(services) == {"postgres", "init", "daemon"}
    for name in ("init", "daemon"):
        program, *arguments = services[name]["command"]
        assert program == "duban"
        assert CliRunner().invoke(main, [*arguments, "--help"]).exit_code == 0
    shared = [set(services[name]["environment"]) for name in ("init", "daemon")]
    assert shared[0] == shared[1] == {*COMPOSE_VARIABLES, "PGPASSWORD"}
    assert all(f"| `{name}` |" in PAGE for name in COMPOSE_VARIABLES)
    files = {volume for one in services.values() for volume in one["volumes"]}
    folder = services["daemon"]["environment"]["DUBAN_KEY_FILE"].rpartition("/")[0]
    assert f"files:{folder}" in files
    images = re.findall(r"(?:image:|FROM) (\S+)", text)
    assert all("/" not in image for image in images), "a plain name: where it comes from is local"


def test_statuses_and_variables_are_those_of_the_program() -> None:
    for status in (0, lazy.REFUSED, 2, lazy.BROKEN, lazy.INTERRUPTED):
        assert f"\n| {status} | " in PAGE
    read = set()
    for folder in ("adapters", "engine", "workflows"):
        for module in (ROOT / folder).rglob("*.py"):
            read |= set(re.findall(r"\"(DUBAN_[A-Z_]+)\"", module.read_text(encoding="utf-8")))
    read |= set(re.findall(r"\"(DUBAN_[A-Z_]+)\"", (ROOT / "cli.py").read_text(encoding="utf-8")))
    assert {name for name in read if f"`{name}`" not in PAGE} == set()
    assert {"DUBAN_DATABASE", "DUBAN_LANG"} <= read
