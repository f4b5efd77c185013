"""The clock of a trial database: its own time, shared by every process that uses it."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.clock import Clock
from engine.errors import N_, Refused
from engine.facts import to_moment, to_text
from engine.ports import Store
from workflows.office import TRIAL, YES

CLOCK = "trial_clock"

_STANDS = "stands "
_RUNS = "runs "


class NotATrial(Refused):
    """A real database has no clock of its own."""

    code = "not-a-trial"
    template = N_(
        "The clock of a real database cannot be set; try things out with: duban init --trial"
    )


class ClockRunsForward(Refused):
    """A clock that went back would put new events before old ones."""

    code = "clock-backwards"
    template = N_("The trial's clock stands at {now} and cannot go back to {moment}.")


class TrialClock:
    """Stands where it was set, or runs on from there at the pace of the real clock."""

    def __init__(self, store: Store, real: Clock) -> None:
        """Read the setting from ``store``; ``real`` gives the pace."""
        self._store = store
        self._real = real

    def now(self) -> datetime:
        """Return the trial's present moment."""
        with self._store.reading() as reader:
            setting = reader.setting(CLOCK)
        if setting.startswith(_STANDS):
            return to_moment(setting.removeprefix(_STANDS))
        if setting.startswith(_RUNS):
            microseconds = int(setting.removeprefix(_RUNS))
            return self._real.now() + timedelta(microseconds=microseconds)
        return self._real.now()

    def set(self, moment: datetime, *, runs: bool = False) -> None:
        """Let the clock stand at ``moment``, or run on from there.

        Before the first cycle is opened it may be set to any year.

        Raises:
            ClockRunsForward: that would be back in time.

        """
        now = self.now()
        with self._store.reading() as reader:
            begun = bool(reader.cycles())
        if moment < now and begun:
            raise ClockRunsForward(now=now, moment=moment)
        offset = (moment - self._real.now()) // timedelta(microseconds=1)
        with self._store.unit_of_work(moment) as unit:
            unit.set_setting(CLOCK, f"{_RUNS}{offset}" if runs else f"{_STANDS}{to_text(moment)}")


def is_trial(store: Store) -> bool:
    """Return whether the database is one for trying things out."""
    with store.reading() as reader:
        return bool(reader.setting(TRIAL))


def make_trial(store: Store, now: datetime) -> None:
    """Mark a new database as a trial, for good."""
    with store.unit_of_work(now) as unit:
        unit.set_setting(TRIAL, YES)
