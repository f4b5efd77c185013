"""The wheel: built from a copy of the sources, installed in a fresh environment, and run there."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "workflows", "adapters")
SOURCES = (*PACKAGES, "cli.py", "pyproject.toml", "README.md", "LICENSE")
JUNK = ("__pycache__", "*.py[cod]", ".*", "*~")


def run(*command: str | Path, cwd: Path) -> str:
    """What the command printed; an assertion with all of it when it failed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COV", "DUBAN_"))
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what makes a wheel: no build leaves traces in the tree, or finds old ones."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns(*JUNK))
        else:
            shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o", dist, cwd=sources)
    return next(dist.glob("duban-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel alone; a .pth file lends it our dependencies.

    A .pth file in a folder that another one names is not read, so the editable install of this
    checkout stays out of sight.
    """
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home)
    lent = "\n".join(dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib")))
    (Path(site.strip()) / "lent.pth").write_text(lent + "\n", encoding="utf-8")
    return home


def test_every_file_of_the_packages_is_in_the_wheel_and_nothing_else(
    sources: Path, wheel: Path
) -> None:
    wanted = {
        path.relative_to(sources).as_posix()
        for package in PACKAGES
        for path in (sources / package).rglob("*")
        if path.is_file()
    }
    inside = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert inside == wanted | {"cli.py"}


@pytest.mark.parametrize(
    ("folder", "ending"),
    [
        ("workflows/plans/", ".yaml"),
        ("adapters/sql/migrations/", "env.py"),
        ("adapters/sql/migrations/versions/", ".py"),
        ("adapters/locale/en/", ".mo"),
        ("adapters/locale/zh/", ".mo"),
    ],
)
def test_what_the_program_reads_beside_its_code_is_in_the_wheel(
    wheel: Path, folder: str, ending: str
) -> None:
    names = ZipFile(wheel).namelist()
    assert [name for name in names if name.startswith(folder) and name.endswith(ending)]


def test_the_licence_is_in_the_wheel(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    assert "--help" in run(installed / "bin" / "duban", "--help", cwd=tmp_path)


@pytest.mark.parametrize("module", ["cli", *PACKAGES])
def test_the_installed_command_is_the_one_from_the_wheel(
    installed: Path, tmp_path: Path, module: str
) -> None:
    code = f"import {module}; print({module}.__file__)"
    found = run(installed / "bin" / "python", "-c", code, cwd=tmp_path)
    assert Path(found.strip()).is_relative_to(installed)
