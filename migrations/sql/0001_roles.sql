-- Two roles without login. They belong to the whole cluster, not to this database, so another
-- database may have made them already, or be making them at this very moment.

DO $$
DECLARE
    wanted text;
BEGIN
    -- tasks_runtime: what the API may do. The operator makes a login role of it:
    --     CREATE ROLE api LOGIN PASSWORD '…' IN ROLE tasks_runtime
    -- tasks_ownership: may answer "does this id belong to another user", and nothing more.
    FOREACH wanted IN ARRAY ARRAY['tasks_runtime', 'tasks_ownership'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another migration made it meanwhile: it exists, which is enough
            END;
        END IF;
    END LOOP;
END
$$;
