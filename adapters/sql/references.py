"""What an event refers to, checked on PostgreSQL once for all events of a statement.

A foreign key asks for every row and locks what it finds; three of them were half
of what a set-based move cost. What events refer to never goes away: legal moves
and events are only added to, and instances may be neither deleted nor numbered
anew. So it is enough that it is there when the event is recorded, and nothing
needs a lock. On SQLite the same three are foreign keys, which cost little there.
"""

from __future__ import annotations

from collections.abc import Iterator

ONLY_ON_SQLITE = ("event_instance_id_fkey", "event_is_legal_move", "event_cause_fkey")
"""The foreign keys whose work the trigger does on PostgreSQL, by the names that they had there."""


# Each is asked for by a subselect, never by a join: the plan is kept for as long as the session,
# so it has to go by the keys, whether one event was recorded before or a million.
_EVENT_REFERS = """
CREATE FUNCTION duban_event_refers() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN EXISTS (
            SELECT FROM added a
            WHERE (SELECT true FROM SCHEMA.instance WHERE id = a.instance_id) IS NULL
        ) THEN 'event_instance_id_fkey'
        WHEN EXISTS (
            SELECT FROM (
                SELECT DISTINCT edition, trigger, source, target FROM added
                WHERE edition IS NOT NULL
            ) a
            WHERE (
                SELECT true FROM SCHEMA.legal_move m
                WHERE m.edition = a.edition AND m.trigger = a.trigger
                AND m.source = a.source AND m.target = a.target
            ) IS NULL
        ) THEN 'event_is_legal_move'
        WHEN EXISTS (
            SELECT FROM (SELECT DISTINCT cause FROM added WHERE cause IS NOT NULL) a
            WHERE (SELECT true FROM SCHEMA.event WHERE "position" = a.cause) IS NULL
        ) THEN 'event_cause_fkey'
    END;
    IF broken IS NOT NULL THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'an event refers to what is not there: ' || broken,
            CONSTRAINT = broken, TABLE = 'event';
    END IF;
    RETURN NULL;
END $$
"""

_INSTANCE_IS_KEPT = """
CREATE FUNCTION duban_instance_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an instance is kept, and its number with it';
END $$
"""


def postgresql_references(schema: str) -> Iterator[str]:
    """Yield the functions and triggers; every table is named with its ``schema``.

    Else whoever can make a temporary table could put it before ours.
    """
    yield _EVENT_REFERS.replace("SCHEMA", schema)
    yield (
        "CREATE TRIGGER event_refers AFTER INSERT ON event REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION duban_event_refers()"
    )
    yield _INSTANCE_IS_KEPT
    yield (
        "CREATE TRIGGER instance_is_kept BEFORE DELETE OR TRUNCATE OR UPDATE OF id ON instance "
        "FOR EACH STATEMENT EXECUTE FUNCTION duban_instance_is_kept()"
    )
