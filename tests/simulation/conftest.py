"""Thousands of lives have nothing to say but what breaks."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """Let the log be still."""
    wrapper = structlog.make_filtering_bound_logger(logging.CRITICAL)
    before = structlog.get_config()
    structlog.configure(wrapper_class=wrapper)
    yield
    structlog.configure(**before)
