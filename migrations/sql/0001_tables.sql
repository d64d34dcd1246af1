-- The identity provider's table, with the columns of Better Auth's user in snake_case.
CREATE TABLE public.users (
    id text PRIMARY KEY CONSTRAINT users_id_length CHECK (char_length(id) BETWEEN 1 AND 255),
    name text NOT NULL,
    email text NOT NULL CONSTRAINT users_email_key UNIQUE,
    email_verified boolean NOT NULL DEFAULT false,
    image text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Implements: FR-015, FR-016, FR-013, FR-014, SR-012
CREATE TABLE public.tasks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id text NOT NULL
        CONSTRAINT tasks_user_id_fkey REFERENCES public.users (id) ON DELETE CASCADE,
    title text NOT NULL CONSTRAINT tasks_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT tasks_description_length CHECK (char_length(description) <= 2000),
    is_completed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- One range of this index is one user's list, newest first, in order.
-- Implements: SC-009, US2-AS2
CREATE INDEX tasks_user_created_idx ON public.tasks (user_id, created_at DESC, id DESC);

-- Implements: FR-017
CREATE FUNCTION public.tasks_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Two changes within one tick of the clock, or a clock set back: it advances all the same.
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at + interval '1 microsecond');
    NEW.created_at := OLD.created_at;
    RETURN NEW;
END
$$;

-- Implements: FR-017
CREATE TRIGGER tasks_touch BEFORE UPDATE ON public.tasks
FOR EACH ROW EXECUTE FUNCTION public.tasks_touch();
