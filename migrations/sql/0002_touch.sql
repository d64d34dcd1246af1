-- A moment after the year 9999 that somebody stored by SQL is shown as the last one of that year,
-- and stays as it is: one microsecond more is out of range at the largest of them.
-- Implements: FR-017
CREATE OR REPLACE FUNCTION public.tasks_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Two changes within one tick of the clock, or a clock set back: it advances all the same.
    NEW.updated_at := CASE
        WHEN OLD.updated_at < '9999-12-31 23:59:59.999999+00'
        THEN greatest(clock_timestamp(), OLD.updated_at + interval '1 microsecond')
        ELSE OLD.updated_at
    END;
    NEW.created_at := OLD.created_at;
    RETURN NEW;
END
$$;
