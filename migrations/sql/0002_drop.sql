ALTER TABLE public.tasks
    DROP CONSTRAINT tasks_created_at_year,
    DROP CONSTRAINT tasks_updated_at_year;
