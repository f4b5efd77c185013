"""Looking back: any reading command as of a moment, as far as was known at another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from adapters.commands.moments import MOMENT, localised
from adapters.commands.words import option
from adapters.json_shapes import moment
from adapters.memory.past import PastStore
from engine.errors import N_, NotFound, Refused
from engine.past import Horizon
from engine.ports import Reader
from workflows.running.desk import Application, desk


class NotPast(Refused):
    """A moment that is still to come cannot be looked back at."""

    code = "not-past"
    template = N_("{moment} is not past; to look ahead: duban status --now {day}")


class NotThereYet(Refused):
    """The cycle began later, or nobody had recorded it."""

    code = "not-there-yet"
    template = N_("Of {key} nothing had happened by {as_of}, as far as was recorded by {known_at}.")


class LookingBack:
    """The past that was asked for; of each cycle as its own zone reads the moments."""

    def __init__(
        self,
        app: Application,
        reader: Reader,
        as_of: date | datetime | None,
        known_at: date | datetime | None,
    ) -> None:
        """Look back through ``reader``, which stays open; moments are as they were typed."""
        self._app, self._reader = app, reader
        self._as_of, self._known_at = as_of, known_at
        self._stores: dict[str, PastStore] = {}
        self.all_known = known_at is None
        """Whether all counts that is recorded today."""

    def horizon(self, key: str) -> Horizon:
        """Return the two moments; what was known is all, and what was is up to that, unless said.

        Raises:
            NotPast: one of them is still to come.

        """
        zone = self._zone(key)
        known_at = self._moment(self._known_at, zone) or self._reader.now
        return Horizon(self._moment(self._as_of, zone) or known_at, known_at)

    def store(self, key: str) -> PastStore:
        """Return the past of the cycle of ``key``.

        Raises:
            NotFound: there is no such cycle.

        """
        cycle = key.partition("/")[0]
        if cycle not in self._stores:
            self._stores[cycle] = PastStore(self._reader, cycle, self.horizon(cycle))
        return self._stores[cycle]

    def there(self, cycles: Sequence[str]) -> list[str]:
        """Return those of ``cycles`` that had begun, as far as was known.

        Raises:
            NotThereYet: there are some now, and there was none.

        """
        found = [cycle for cycle in cycles if self.store(cycle).past.instances]
        if cycles and not found:
            self.application(cycles[0])
        return found

    def application(self, key: str) -> Application:
        """Return the application on the past of the cycle of ``key``.

        Raises:
            NotThereYet: the cycle had not begun.

        """
        cycle = key.partition("/")[0]
        if cycle not in {c.key for c in self._reader.cycles()}:
            return self._app  # which says best what may have been meant
        if not self.store(cycle).past.instances:
            zone, horizon = self._zone(cycle), self.horizon(cycle)
            raise NotThereYet(
                key=cycle,
                as_of=horizon.as_of.astimezone(zone),
                known_at=horizon.known_at.astimezone(zone),
            )
        return replace(self._app, store=self.store(cycle))

    @property
    def reader(self) -> Reader:
        """Return the present through which this looks back."""
        return self._reader

    def shape(self, key: str) -> dict[str, str | None]:
        """Return the two moments for programs."""
        horizon, zone = self.horizon(key), self._zone(key)
        return {
            "as_of": moment(horizon.as_of, zone),
            "known_at": moment(horizon.known_at, zone),
        }

    def _zone(self, key: str) -> ZoneInfo:
        try:
            return desk(self._app, self._reader, key).zone
        except NotFound:
            return ZoneInfo("UTC")

    def _moment(self, given: date | datetime | None, zone: ZoneInfo) -> datetime | None:
        if given is None:
            return None
        found, now = localised(given, zone, end=True), self._reader.now
        if found <= now:
            return found
        if not isinstance(given, datetime) and given <= now.astimezone(zone).date():
            return now
        raise NotPast(moment=found.astimezone(zone), day=found.astimezone(zone).date())


PRESENT: dict[str, str | None] = {"as_of": None, "known_at": None}
"""What `LookingBack.shape` would be of the present."""

_AS_OF = option(
    "--as-of",
    type=MOMENT,
    metavar="WHEN",
    help=N_("As it was then, as far as is known today; a day means its end."),
)
_KNOWN_AT = option(
    "--known-at",
    type=MOMENT,
    metavar="WHEN",
    help=N_("Only what had been recorded by then; alone: as it was seen then."),
)


def past_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as-of`` and ``--known-at``; what the session reads is then as it was."""

    @wraps(function)
    def looking(session: Any, *args: Any, **kwargs: Any) -> Any:
        session.look_back(kwargs.pop("as_of"), kwargs.pop("known_at"))
        return function(session, *args, **kwargs)

    return cast("Callable[..., Any]", _AS_OF(_KNOWN_AT(looking)))
