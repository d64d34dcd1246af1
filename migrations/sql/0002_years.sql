-- RFC 3339 has four digits for a year and neither infinity nor years before Christ, so the API can
-- show no such moment. PostgreSQL takes them, and somebody may have stored some by SQL.

-- The owner is bound by row-level security, too, and the trigger would put created_at back: both
-- rest within this transaction, whose lock keeps everybody else out.
ALTER TABLE public.tasks NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.tasks DISABLE TRIGGER tasks_touch;

-- The nearest moment that can be shown, and one day to go before the year 10000: `tasks_touch`
-- adds a microsecond with every change.
UPDATE public.tasks SET
    created_at = greatest(least(created_at, '9999-12-31 00:00:00+00'), '0001-01-01 00:00:00+00'),
    updated_at = greatest(least(updated_at, '9999-12-31 00:00:00+00'), '0001-01-01 00:00:00+00')
WHERE pg_catalog.date_part('year', pg_catalog.timezone('UTC', created_at)) NOT BETWEEN 1 AND 9999
    OR pg_catalog.date_part('year', pg_catalog.timezone('UTC', updated_at)) NOT BETWEEN 1 AND 9999;

ALTER TABLE public.tasks ENABLE TRIGGER tasks_touch;
ALTER TABLE public.tasks FORCE ROW LEVEL SECURITY;

-- Written without a literal moment, which would be read in the session's time zone.
ALTER TABLE public.tasks
    ADD CONSTRAINT tasks_created_at_year CHECK (
        pg_catalog.date_part('year', pg_catalog.timezone('UTC', created_at)) BETWEEN 1 AND 9999
    ),
    ADD CONSTRAINT tasks_updated_at_year CHECK (
        pg_catalog.date_part('year', pg_catalog.timezone('UTC', updated_at)) BETWEEN 1 AND 9999
    );
