CREATE TABLE users (
    id varchar(255) PRIMARY KEY,
    email text NOT NULL UNIQUE
);

CREATE TABLE tasks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id varchar(255) NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title text NOT NULL,
    description text,
    is_completed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX tasks_newest_first ON tasks (user_id, created_at DESC, id DESC);

-- Tells "not yours" from "not there" without giving away a row.
CREATE FUNCTION is_taken(task uuid) RETURNS boolean LANGUAGE sql STABLE
AS 'SELECT EXISTS (SELECT 1 FROM tasks WHERE id = task)';
