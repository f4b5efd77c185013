"""Published machines and plans, read once per process: an edition never changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from adapters.sql.prepared import Prepared
from adapters.sql.tables import INSTANCE, LEGAL_MOVE, PLAN_EDITION, WORKFLOW_EDITION
from adapters.sql.upserts import put_once
from engine.definition import Workflow
from engine.definition_form import from_data
from engine.errors import NotFound
from engine.events import Data
from engine.machine import Machine

_BOUND = Prepared(select(INSTANCE.c.plan).where(INSTANCE.c.key == bindparam("key")))


class Editions:
    """What was published in one database."""

    def __init__(self, known: Editions | None = None) -> None:
        """Know nothing yet, or what ``known`` knows."""
        self._machines: dict[str, Machine] = {}
        self._plans: dict[str, Data] = {}
        if known is not None:
            self._machines |= known._machines  # noqa: SLF001 - of the same class
            self._plans |= known._plans  # noqa: SLF001 - likewise

    def machine(self, connection: Connection, edition: str) -> Machine:
        """Return the machine of ``edition``.

        Raises:
            NotFound: it was never published here.

        """
        if edition not in self._machines:
            self._read_machines(connection)
        if edition not in self._machines:
            raise NotFound(what="workflow_edition", key=edition, hint="duban verify")
        return self._machines[edition]

    def workflows(self, connection: Connection) -> Sequence[Workflow]:
        """Return every published workflow."""
        self._read_machines(connection)
        return [machine.workflow for machine in self._machines.values()]

    def named(self, connection: Connection, workflow: str) -> Sequence[Machine]:
        """Return the machines of every published edition of ``workflow``."""
        self._read_machines(connection)
        return [m for m in self._machines.values() if m.workflow.name == workflow]

    def publish_workflow(self, connection: Connection, workflow: Workflow, now: datetime) -> None:
        """Keep the edition and its legal moves, once."""
        edition = workflow.edition
        row = {
            "edition": edition,
            "name": workflow.name,
            "content": workflow.as_data(),
            "published_at": now,
        }
        if not put_once(connection, WORKFLOW_EDITION, row):
            return
        machine = Machine(workflow)
        moves = [
            {
                "edition": edition,
                "trigger": m.trigger,
                "source": m.source,
                "target": m.target,
                "forced": m.forced,
            }
            for m in machine.moves()
        ]
        if moves:
            connection.execute(insert(LEGAL_MOVE), moves)

    def publish_plan(
        self, connection: Connection, edition: str, content: Data, now: datetime
    ) -> None:
        """Keep the plan edition, once."""
        row = {"edition": edition, "content": dict(content), "published_at": now}
        put_once(connection, PLAN_EDITION, row)

    def plan(self, connection: Connection, cycle: str) -> tuple[str, Data]:
        """Return edition and content of the plan under which ``cycle`` runs now.

        Raises:
            NotFound: there is no such cycle.

        """
        edition = _BOUND.scalar(connection, {"key": cycle})
        if edition is None:
            raise NotFound(what="cycle", key=cycle, hint="duban status")
        return edition, self.published_plan(connection, edition)

    def published_plan(self, connection: Connection, edition: str) -> Data:
        """Return the content of a plan edition.

        Raises:
            NotFound: it was never published here.

        """
        if edition not in self._plans:
            found: Any = connection.scalar(
                select(PLAN_EDITION.c.content).where(PLAN_EDITION.c.edition == edition)
            )
            if found is None:
                raise NotFound(what="plan_edition", key=edition, hint="duban status")
            self._plans[edition] = found
        return self._plans[edition]

    def _read_machines(self, connection: Connection) -> None:
        """Read what is published and not known yet; few, so asking anew costs little."""
        published = set(connection.scalars(select(WORKFLOW_EDITION.c.edition)))
        unknown = published - self._machines.keys()
        if not unknown:
            return
        rows = connection.execute(
            select(WORKFLOW_EDITION.c.edition, WORKFLOW_EDITION.c.content)
            .where(WORKFLOW_EDITION.c.edition.in_(sorted(unknown)))
            .order_by(WORKFLOW_EDITION.c.edition)
        )
        for edition, content in rows:
            self._machines[edition] = Machine(from_data(content))
