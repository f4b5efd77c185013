"""What a unit of work asks first of its cycle, asked of a server all at once.

On the way to a server and back a statement costs more than it does there. So
whoever holds a cycle, or loads the first instance, asks in the same breath
what every act in a cycle asks next. The lock comes first: whatever follows is
read as it stands once nobody else can change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal, select, true

from adapters.sql.histories import INSTANCES
from adapters.sql.locks import HOLD, hold_row
from adapters.sql.prepared import Asked, Prepared, give_up, is_asked, together
from adapters.sql.reader import DUE, SqlReader
from adapters.sql.rows import INSTANCE_COLUMNS, to_instance
from adapters.sql.tables import INSTANCE, SETTING, TENURE, TIMER, WORKFLOW_EDITION
from engine.deadline import Timer
from engine.errors import NotFound
from engine.events import Data, Instance
from engine.ports import Tenure
from workflows.running.desk import CALENDAR

_KEY: Any = bindparam("key")
_CYCLE: Any = bindparam("cycle")
_THE_CYCLE = select(*INSTANCE_COLUMNS, INSTANCE.c.plan).where(INSTANCE.c.key == _CYCLE)
_WANTED = INSTANCES.where(INSTANCE.c.key == _KEY)
_WIDTH = len(INSTANCE_COLUMNS)


def _listed(columns: Sequence[Any], *where: Any) -> Any:
    """Return a question that is answered with every row that there is, as JSON."""
    rows = func.json_agg(func.json_build_array(*columns)).label("rows")
    return select(rows).where(*where).scalar_subquery()


_ONE = select(literal(1).label("one")).subquery("one")
_CYCLES = _THE_CYCLE.subquery("cycle")
# Who does not wait for the cycle does not wait for the instance either.
_MINE = _WANTED.with_for_update(key_share=True, skip_locked=True).subquery("mine")
_EDITIONS = _listed((WORKFLOW_EDITION.c.name, WORKFLOW_EDITION.c.edition))
_OF_CYCLE = select(INSTANCE.c.id).where(INSTANCE.c.key == _CYCLE).scalar_subquery()
_LOADED = Prepared(_WANTED.with_for_update(key_share=True))
_LOADING = Prepared(select(*_CYCLES.c, _EDITIONS).select_from(_ONE.outerjoin(_CYCLES, true())))
_HOLDING = Prepared(
    select(
        *_CYCLES.c,
        _EDITIONS,
        select(SETTING.c.value).where(SETTING.c.name == CALENDAR).scalar_subquery(),
        DUE.where(TIMER.c.cycle_id == _OF_CYCLE).exists(),
        _listed(list(TENURE.c), TENURE.c.person == bindparam("person")),
        *_MINE.c,
    ).select_from(_ONE.outerjoin(_CYCLES, true()).outerjoin(_MINE, true()))
)


class SqlFirstLook(SqlReader):
    """Holding and loading; what came with it is answered from it, until it is changed."""

    def __init__(self, *values: Any) -> None:
        """Know nothing yet."""
        super().__init__(*values)
        self._loaded: dict[str, Instance] = {}
        self._bound: dict[str, str] = {}
        self._settings: dict[str, str] = {}
        self._due: dict[tuple[datetime, str], Sequence[Timer]] = {}
        self._tenures: dict[str, Sequence[Tenure]] = {}
        self._published: dict[str, list[str]] | None = None

    def hold(self, key: str, *, wait: bool = True, shared: bool = False, person: str = "") -> bool:
        """Let nobody else change the cycle of ``key`` until the unit ends."""
        cycle = key.partition("/")[0]
        self._forget()
        for known in (self._settings, self._due, self._tenures):
            known.clear()
        self._published = None
        if shared or is_asked(self._connection):
            return hold_row(self._connection, cycle, wait=wait, shared=shared)
        values = {"key": key, "cycle": cycle, "now": self.now, "person": person}
        asked = (Asked(HOLD[wait], {"key": cycle}), Asked(_HOLDING, values))
        held, (seen,) = together(self._connection, asked)
        if not held:
            # Whoever holds the cycle may want the instance too, which nobody may keep from him.
            give_up(self._connection)
            return False
        calendar, due, tenures, *mine = self._keep_cycle(seen)
        self._keep_instance(mine)
        self._loaded[cycle] = self._cycles[cycle]
        self._settings[CALENDAR] = calendar or ""
        if not due:
            self._due[self.now, cycle] = ()
        if person:
            names = TENURE.columns.keys()
            found = [Tenure(**dict(zip(names, row, strict=True))) for row in tenures or ()]
            self._tenures[person] = sorted(found, key=lambda tenure: tenure.event)
        return True

    def load(self, key: str) -> Instance:
        """Return the instance, locked until the unit ends; read from the database once."""
        if key not in self._loaded:
            asked = Asked(_LOADED, {"key": key})
            if is_asked(self._connection):
                found = asked.statement.rows(self._connection, asked.values)
            else:  # the cycle is read once the instance is locked, which may have taken a while
                seen = Asked(_LOADING, {"cycle": key.partition("/")[0]})
                found, (cycle,) = together(self._connection, (asked, seen))
                self._keep_cycle(cycle)
            for row in found:
                self._keep_instance(row)
        if key not in self._loaded:
            raise NotFound(what="instance", key=key, hint="duban list")
        return self._loaded[key]

    def find(self, key: str) -> Instance | None:
        """Return the instance, if there is one."""
        return self._loaded.get(key) or super().find(key)

    def plan(self, cycle: str) -> tuple[str, Data]:
        """Return edition and content of the plan under which ``cycle`` runs now."""
        edition = self._bound.get(cycle)
        if edition is None:
            return super().plan(cycle)
        return edition, self.published_plan(edition)

    def due(self, now: datetime, cycle: str = "") -> Sequence[Timer]:
        """Return pending timers that are due and not waiting for a retry, in order of time."""
        found = self._due.pop((now, cycle), None)
        return super().due(now, cycle) if found is None else found

    def setting(self, name: str) -> str:
        """Return a setting of the database, empty when it is not set."""
        found = self._settings.get(name)
        return super().setting(name) if found is None else found

    def tenures(self, body: str = "", person: str = "") -> Sequence[Tenure]:
        """Return who holds which post, of one body (and of the database), or of one person."""
        found = self._tenures.get(person)
        if found is None or body:
            return super().tenures(body, person)
        return found

    def _named(self, workflow: str) -> Sequence[str]:
        if self._published is None:
            return super()._named(workflow)
        return self._published.get(workflow, ())

    def _forget(self) -> None:
        """Read instances again: what is set-based passes those at hand by."""
        self._loaded.clear()
        self._cycles.clear()
        self._bound.clear()

    def _keep_cycle(self, seen: Sequence[Any]) -> Sequence[Any]:
        """Keep the cycle and the editions that come first in a look; return the rest."""
        cycle, (plan, editions, *rest) = seen[:_WIDTH], seen[_WIDTH:]
        if cycle[0] is not None:
            found = self._cycles[cycle[0]] = to_instance(cycle)
            self._ids[found.key] = cycle[-1]
            if plan is not None:
                self._bound[found.key] = plan
        self._published = {}
        for name, edition in sorted(editions or ()):
            self._published.setdefault(name, []).append(edition)
        return rest

    def _keep_instance(self, row: Sequence[Any]) -> None:
        if row[0] is not None:
            found = self._loaded[row[0]] = to_instance(row)
            self._ids[found.key] = row[-1]
