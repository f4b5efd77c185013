"""Offices to begin with; each is built once and copied for every test that asks for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.office import Office, opened, published


@pytest.fixture(scope="session")
def built_late(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return opened(tmp_path_factory.mktemp("late") / "duban.db", "2024-08-02")


@pytest.fixture(scope="session")
def built_early(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return opened(tmp_path_factory.mktemp("early") / "duban.db", "2024-07-08")


@pytest.fixture(scope="session")
def built_published(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return published(opened(tmp_path_factory.mktemp("published") / "duban.db", "2024-07-08"))


@pytest.fixture
def late(built_late: Office, tmp_path: Path) -> Office:
    """Loaded on 2 August 2024, after four of its own dates."""
    return built_late.copy(tmp_path / "duban.db")


@pytest.fixture
def early(built_early: Office, tmp_path: Path) -> Office:
    """Loaded on 8 July 2024, before all of its dates."""
    return built_early.copy(tmp_path / "duban.db")


@pytest.fixture
def public(built_published: Office, tmp_path: Path) -> Office:
    """Published on 2 August 2024."""
    return built_published.copy(tmp_path / "duban.db")
