-- Every transaction of the API begins with set_config('app.user_id', …, true). Without it, or with
-- an empty one, which a pooled connection may have left behind, no row is visible.

-- Implements: FR-012, SR-003, SC-005
ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;

-- The owner is bound too, so that a server started with the owner's URL by mistake leaks nothing.
-- Implements: SC-005
ALTER TABLE public.tasks FORCE ROW LEVEL SECURITY;

-- Implements: FR-012, SR-003, SC-005
CREATE POLICY tasks_own ON public.tasks
    USING (user_id = nullif(current_setting('app.user_id', true), ''))
    WITH CHECK (user_id = nullif(current_setting('app.user_id', true), ''));

-- No FORCE here: the identity provider owns this table and works with all of it.
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

-- Implements: EC-01
CREATE POLICY users_self ON public.users FOR SELECT
    USING (id = nullif(current_setting('app.user_id', true), ''));

-- What the API may do, column by column: it cannot set an id, a timestamp or another owner.
GRANT USAGE ON SCHEMA public TO tasks_runtime, tasks_ownership;
GRANT SELECT (id) ON public.users TO tasks_runtime;
GRANT SELECT, DELETE ON public.tasks TO tasks_runtime;
GRANT INSERT (user_id, title, description) ON public.tasks TO tasks_runtime;
GRANT UPDATE (title, description, is_completed) ON public.tasks TO tasks_runtime;

-- The one narrow query, for a 403 instead of a 404 (US3-AS3, US4-AS3, US5-AS2). Its answer is one
-- bit about one id; it runs as a role that can read ids and owners of tasks, and nothing else.
GRANT SELECT (id, user_id) ON public.tasks TO tasks_ownership;
CREATE POLICY tasks_ownership_lookup ON public.tasks FOR SELECT TO tasks_ownership USING (true);

-- Implements: US3-AS3, US4-AS3, US5-AS2
CREATE FUNCTION public.task_belongs_to_another(task uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.tasks
        WHERE id = task AND user_id <> nullif(current_setting('app.user_id', true), '')
    )
$$;
REVOKE ALL ON FUNCTION public.task_belongs_to_another(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.task_belongs_to_another(uuid) TO tasks_runtime;

-- A superuser may give a function away. Any other role must be a member of the new owner, which in
-- turn needs CREATE on the schema: both are granted for this one statement and revoked again.
DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        ALTER FUNCTION public.task_belongs_to_another(uuid) OWNER TO tasks_ownership;
    ELSE
        GRANT tasks_ownership TO CURRENT_USER;
        GRANT CREATE ON SCHEMA public TO tasks_ownership;
        ALTER FUNCTION public.task_belongs_to_another(uuid) OWNER TO tasks_ownership;
        REVOKE CREATE ON SCHEMA public FROM tasks_ownership;
        REVOKE tasks_ownership FROM CURRENT_USER;
    END IF;
END
$$;
