"""The machine of the office: it never moves, and keeps what belongs to no cycle."""

from __future__ import annotations

from engine.definition import Workflow

NAME = "office"
KEY = "office"
"""The key of the one office instance of a database."""

OPEN = "open"

TRIAL = "trial"
"""Setting: whether this is a database for trying things out; the office's opening says it, too."""
YES = "yes"

OFFICE = Workflow(name=NAME, states=(OPEN,), initial=OPEN, line=(OPEN,), final=(), transitions=())
