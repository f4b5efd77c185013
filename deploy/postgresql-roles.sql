-- Roles on PostgreSQL, so that neither people nor daemons work as the owner of the tables.
--
--   psql --set ON_ERROR_STOP=1 --file=deploy/postgresql-roles.sql postgresql://OWNER@HOST/NAME
--
-- duban_app   does what commands and daemons do; it cannot change, remove or empty history,
--             nor take a trigger away. Redacting a text is all that it may change there.
-- duban_read  sees everything but free text and personal data, and changes nothing.
-- duban_audit sees everything, and changes nothing.
--
-- Accounts are members of them: CREATE ROLE zhang LOGIN IN ROLE duban_app;
-- Run it again after every upgrade: repeating it does no harm, and new tables need it.
-- `duban init` stays with the owner.

BEGIN;

DO $$
DECLARE
    found record;
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['duban_app', 'duban_read', 'duban_audit'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), wanted);
    END LOOP;
    FOR found IN
        SELECT c.oid::regclass AS name,
               EXISTS (
                   SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                   WHERE t.tgrelid = c.oid
                     AND p.proname IN ('duban_append_only', 'duban_only_redacted')
               ) AS is_history
        FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM duban_app, duban_read, duban_audit', found.name);
        EXECUTE format('GRANT SELECT ON %s TO duban_app, duban_read, duban_audit', found.name);
        IF found.name::text = 'alembic_version' THEN
            CONTINUE;
        END IF;
        EXECUTE format('GRANT INSERT ON %s TO duban_app', found.name);
        IF NOT found.is_history THEN
            EXECUTE format('GRANT UPDATE, DELETE ON %s TO duban_app', found.name);
        END IF;
    END LOOP;
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO duban_app', current_schema());
END $$;

-- No instance, date, timer or notice ever goes away.
REVOKE DELETE ON instance, deadline, timer, tenure, notice, notice_item FROM duban_app;

GRANT UPDATE (text, salt) ON event_text TO duban_app;
REVOKE SELECT ON event_text FROM duban_read;
GRANT SELECT (event, name, hash) ON event_text TO duban_read;

COMMIT;
