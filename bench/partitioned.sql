-- The table of tasks in eight partitions by hash of the user, with all that the migrations gave it.
ALTER TABLE public.tasks RENAME TO tasks_whole;

CREATE TABLE public.tasks (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id text NOT NULL REFERENCES public.users (id) ON DELETE CASCADE,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CHECK (char_length(description) <= 2000),
    is_completed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- A primary key of a partitioned table has to contain the partition key.
    PRIMARY KEY (user_id, id)
) PARTITION BY HASH (user_id);

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format(
            'CREATE TABLE public.tasks_%s PARTITION OF public.tasks'
            ' FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part
        );
    END LOOP;
END
$$;

CREATE INDEX tasks_by_user ON public.tasks (user_id, created_at DESC, id DESC);
-- For the one query that has no user: to which user does this id belong?
CREATE INDEX tasks_by_id ON public.tasks (id);

CREATE TRIGGER tasks_touch BEFORE UPDATE ON public.tasks
FOR EACH ROW EXECUTE FUNCTION public.tasks_touch();

ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tasks_own ON public.tasks
    USING (user_id = nullif(current_setting('app.user_id', true), ''))
    WITH CHECK (user_id = nullif(current_setting('app.user_id', true), ''));
CREATE POLICY tasks_ownership_lookup ON public.tasks FOR SELECT TO tasks_ownership USING (true);
GRANT SELECT, DELETE ON public.tasks TO tasks_runtime;
GRANT INSERT (user_id, title, description) ON public.tasks TO tasks_runtime;
GRANT UPDATE (title, description, is_completed) ON public.tasks TO tasks_runtime;
GRANT SELECT (id, user_id) ON public.tasks TO tasks_ownership;

DROP TABLE public.tasks_whole;
