"""Working calendars: China, other countries, and the overrides of one organisation."""

from __future__ import annotations

from adapters.calendars.overrides import Overrides, parse_overrides, read_overrides
from adapters.calendars.registry import calendar_named

__all__ = ["Overrides", "calendar_named", "parse_overrides", "read_overrides"]
