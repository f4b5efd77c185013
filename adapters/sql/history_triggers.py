"""The triggers by which the database itself refuses to change or delete history."""

from __future__ import annotations

from collections.abc import Iterator

APPEND_ONLY = (
    "plan_edition",
    "workflow_edition",
    "legal_move",
    "calendar_edition",
    "event",
    "leaf",
    "checkpoint",
)


def sqlite_triggers() -> Iterator[str]:
    """Yield one trigger per table and forbidden act, in SQLite's words."""
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
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


def postgresql_triggers() -> Iterator[str]:
    """Yield the same in PostgreSQL's words."""
    yield (
        "CREATE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
        )
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
