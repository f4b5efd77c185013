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

from sqlalchemy import bindparam, select

from adapters.sql.histories import INSTANCES
from adapters.sql.locks import hold_row
from adapters.sql.prepared import Asked, Prepared, is_asked, together
from adapters.sql.reader import DUE, TENURES, SqlReader
from adapters.sql.rows import INSTANCE_COLUMNS, to_instance, to_tenure, to_timer
from adapters.sql.tables import INSTANCE, SETTING, TENURE, TIMER, WORKFLOW_EDITION
from engine.deadline import Timer
from engine.errors import NotFound
from engine.events import Data, Instance
from engine.ports import Tenure
from workflows.running.desk import CALENDAR

_KEY: Any = bindparam("key")
_CYCLE = select(*INSTANCE_COLUMNS, INSTANCE.c.plan).where(INSTANCE.c.key == _KEY)
# Rows that refer to the cycle may be inserted meanwhile: that needs no more than its key.
_HELD = {
    wait: Prepared(_CYCLE.with_for_update(key_share=True, skip_locked=not wait))
    for wait in (True, False)
}
_SEEN = Prepared(_CYCLE)
_LOCKED = Prepared(INSTANCES.where(INSTANCE.c.key == _KEY).with_for_update(key_share=True))
_OF_CYCLE = select(INSTANCE.c.id).where(INSTANCE.c.key == _KEY).scalar_subquery()
_DUE = Prepared(DUE.where(TIMER.c.cycle_id == _OF_CYCLE))
_CALENDAR = Prepared(select(SETTING.c.value).where(SETTING.c.name == CALENDAR))
_EDITIONS = Prepared(
    select(WORKFLOW_EDITION.c.name, WORKFLOW_EDITION.c.edition).order_by(WORKFLOW_EDITION.c.edition)
)
_TENURES = Prepared(TENURES.where(TENURE.c.person == bindparam("person")))


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
        asked = [
            Asked(_HELD[wait], {"key": cycle}),
            Asked(_EDITIONS, {}),
            Asked(_CALENDAR, {}),
            Asked(_DUE, {"key": cycle, "now": self.now}),
            Asked(_TENURES, {"person": person}),
        ]
        if key != cycle:
            asked.append(Asked(_LOCKED, {"key": key}))
        held, editions, calendar, due, tenures, *mine = together(self._connection, asked)
        if not held:
            # Whoever holds the cycle may want the instance too, which nobody may keep from him.
            self._connection.connection.rollback()
            return False
        self._keep_cycle(held[0])
        self._loaded[cycle] = self._cycles[cycle]
        self._keep_editions(editions)
        self._settings[CALENDAR] = calendar[0][0] if calendar else ""
        self._due[self.now, cycle] = [to_timer(row) for row in due]
        if person:
            self._tenures[person] = [to_tenure(row) for row in tenures]
        for row in (row for rows in mine for row in rows):
            self._keep(row)
        return True

    def load(self, key: str) -> Instance:
        """Return the instance, locked until the unit ends; read from the database once."""
        if key in self._loaded:
            return self._loaded[key]
        cycle = key.partition("/")[0]
        if is_asked(self._connection) or key == cycle:
            row = _LOCKED.first(self._connection, {"key": key})
        else:
            asked = [Asked(_LOCKED, {"key": key}), Asked(_SEEN, {"key": cycle})]
            mine, seen, editions = together(self._connection, [*asked, Asked(_EDITIONS, {})])
            row = next(iter(mine), None)
            self._keep_editions(editions)
            for found in seen:
                self._keep_cycle(found)
        if row is None:
            raise NotFound(what="instance", key=key, hint="duban list")
        return self._keep(row)

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

    def _keep(self, row: Sequence[Any]) -> Instance:
        found = self._loaded[row[0]] = to_instance(row)
        self._ids[found.key] = row[-1]
        return found

    def _keep_cycle(self, row: Sequence[Any]) -> None:
        *columns, plan = row
        found = self._cycles[row[0]] = to_instance(columns)
        self._ids[found.key] = columns[-1]
        if plan is not None:
            self._bound[found.key] = plan

    def _keep_editions(self, rows: Sequence[Any]) -> None:
        self._published = {}
        for name, edition in rows:
            self._published.setdefault(name, []).append(edition)
