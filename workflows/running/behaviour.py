"""How invented people behave in a simulation: on time, late, not at all, or all of these."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from engine.deadline import Deadline
from engine.ports import Reader
from workflows.running.desk import Desk
from workflows.running.schedule import last_day_of

PUNCTUAL_SHARE = 0.8
"""How many of a mixed crowd are on time."""


class People(StrEnum):
    """A crowd of one kind; of a mixed one most are on time, and the others come late."""

    PUNCTUAL = "punctual"
    LATE = "late"
    SILENT = "silent"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Habits:
    """When each owner acts on each deadline; the same seed gives the same year."""

    people: People
    seed: int

    def acts_at(self, desk: Desk[Reader], deadline: Deadline, key: str) -> datetime | None:
        """Return when the owner of ``key`` does what ``deadline`` asks; None is never."""
        if deadline.due_at is None:
            return None
        chance = random.Random(f"{self.seed}/{deadline.step}/{deadline.occurrence}/{key}")  # noqa: S311 - a game of chance, no secret
        people = self.people
        if people is People.SILENT:
            return None
        if people is People.MIXED:
            people = People.PUNCTUAL if chance.random() < PUNCTUAL_SHARE else People.LATE
        days = -chance.randint(1, 5) if people is People.PUNCTUAL else chance.randint(1, 12)
        day = last_day_of(desk, deadline.due_at) + timedelta(days=days)
        moment = datetime.combine(day, time(9 + chance.randint(0, 7), 30), desk.zone)
        if deadline.opens_at is not None:
            moment = max(moment, deadline.opens_at + timedelta(hours=10))
        return moment
