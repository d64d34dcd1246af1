CREATE OR REPLACE FUNCTION public.tasks_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Two changes within one tick of the clock, or a clock set back: it advances all the same.
    NEW.updated_at := greatest(clock_timestamp(), OLD.updated_at + interval '1 microsecond');
    NEW.created_at := OLD.created_at;
    RETURN NEW;
END
$$;
