"""The triggers by which the database itself refuses to change or delete history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.sql import references

APPEND_ONLY = (
    "plan_edition",
    "workflow_edition",
    "legal_move",
    "calendar_edition",
    "event",
    "leaf",
    "checkpoint",
)
"""The tables of the first schema that are only added to."""

LOG = ("leaf", "log_node", "checkpoint", "checkpoint_stamp")
"""Those of the log, as revision 0002 made them anew."""

LOG_EDITIONS = ("log_edition",)
"""Added by revision 0004."""


def sqlite_triggers() -> Iterator[str]:
    """Yield the triggers of the first schema, in SQLite's words."""
    yield from sqlite_refusals(APPEND_ONLY)
    yield (
        "CREATE TRIGGER event_text_only_redacted BEFORE UPDATE ON event_text "
        "WHEN NEW.text IS NOT NULL OR NEW.hash IS NOT OLD.hash OR NEW.event IS NOT OLD.event "
        "OR NEW.name IS NOT OLD.name "
        "BEGIN SELECT RAISE(ABORT, 'event_text may only be redacted'); END"
    )
    yield (
        "CREATE TRIGGER event_text_refuses_delete BEFORE DELETE ON event_text "
        "BEGIN SELECT RAISE(ABORT, 'event_text may only be redacted'); END"
    )


def sqlite_refusals(tables: Iterable[str]) -> Iterator[str]:
    """Yield one trigger per table and forbidden act, in SQLite's words."""
    for table in tables:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def postgresql_triggers() -> Iterator[str]:
    """Yield those of the first schema in PostgreSQL's words."""
    yield (
        "CREATE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    yield from postgresql_refusals(APPEND_ONLY)
    yield (
        "CREATE FUNCTION duban_only_redacted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' AND NEW.text IS NULL AND NEW.hash = OLD.hash "
        "AND NEW.event = OLD.event AND NEW.name = OLD.name THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'event_text may only be redacted'; END $$"
    )
    yield (
        "CREATE TRIGGER event_text_only_redacted BEFORE UPDATE OR DELETE ON event_text "
        "FOR EACH ROW EXECUTE FUNCTION duban_only_redacted()"
    )


def postgresql_refusals(tables: Iterable[str]) -> Iterator[str]:
    """Yield one trigger per table that is only added to, in PostgreSQL's words."""
    for table in tables:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
        )


POSTGRESQL_KEEPS_TEXTS = (
    "CREATE TRIGGER event_text_refuses_truncate BEFORE TRUNCATE ON event_text "
    "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
)
"""A trigger for each row sees no TRUNCATE."""


def postgresql_refused() -> Iterator[str]:
    """Yield all triggers that a PostgreSQL database has, whichever revision made them."""
    yield from (s for s in postgresql_triggers() if s.startswith("CREATE TRIGGER"))
    yield from postgresql_refusals((*LOG, *LOG_EDITIONS))
    yield POSTGRESQL_KEEPS_TEXTS
    yield from (s for s in references.postgresql_references("") if s.startswith("CREATE TRIGGER"))
