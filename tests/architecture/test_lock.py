"""The lock files: whole, pinned with hashes, and silent about where packages come from."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]["postgresql"]
DEV = [*PROJECT["dependency-groups"]["dev"], *PROJECT["build-system"]["requires"]]

LOCKS = ("requirements.lock", "requirements-dev.lock")
PLACES = [(python, system) for python in ("3.11", "3.12", "3.13") for system in ("linux", "darwin")]
SPEAKS_OF_A_PLACE = re.compile(
    r"://|\s@\s|--(?:index|extra-index|find-links|trusted|no-index)"
    r"|\b[\w-]+\.(?:org|com|io|net|cn|edu|dev|local)\b",
    re.IGNORECASE,
)


def entries(lock: str) -> list[str]:
    """The requirements of a lock file, each with its hashes, on one line."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins(lock: str, python: str = "3.11", system: str = "linux") -> dict[str, str]:
    """Name and version of what the lock installs on this Python and system."""
    here = {name: str(value) for name, value in default_environment().items()}
    place = here | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": system.capitalize(),
    }
    found: dict[str, str] = {}
    for entry in entries(lock):
        wanted = Requirement(entry.partition("--hash=")[0])
        if wanted.marker is None or wanted.marker.evaluate(place):
            found[canonicalize_name(wanted.name)] = str(wanted.specifier).removeprefix("==")
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if SPEAKS_OF_A_PLACE.search(line)] == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.invalid/simple",
        "--find-links wheels",
        "rich @ file:///tmp/rich.whl",
        "# via packages.example.org",
    ],
)
def test_a_host_or_place_would_be_found(line: str) -> None:
    assert SPEAKS_OF_A_PLACE.search(line)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_one_exact_version_with_hashes(lock: str) -> None:
    whole = re.compile(r"[a-z0-9-]+==[\w.]+\s*(;[^;]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries(lock) if not whole.fullmatch(entry.rstrip())] == []


@pytest.mark.parametrize(("python", "system"), PLACES)
@pytest.mark.parametrize(
    ("lock", "wanted"), [(LOCKS[0], RUNTIME + EXTRAS), (LOCKS[1], RUNTIME + EXTRAS + DEV)]
)
def test_a_lock_holds_what_the_project_declares(
    lock: str, wanted: list[str], python: str, system: str
) -> None:
    pinned = pins(lock, python, system)
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not in {lock}: run `make lock`"
        assert version in requirement.specifier, f"{lock} has {version}, wanted is {requirement}"


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    runtime, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert runtime == {name: dev.get(name) for name in runtime}
