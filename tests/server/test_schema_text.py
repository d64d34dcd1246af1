"""The whole migrated schema, as PostgreSQL's catalog has it, is written in `schema.txt`.

Alembic compares tables with models, but knows nothing of policies, grants, triggers, functions
and the text of a check. Here every one of them is a line, and a line that changes is a failure.
"""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation
from sqlalchemy.engine import make_url

from tests.server.databases import Databases, alembic, render

SCHEMA = Path(__file__).with_name("schema.txt")
REGENERATE = "WRITE_SCHEMA=1 python -m pytest tests/server/test_schema_text.py"

# Each statement returns lines. Names of other owners differ between clusters, and the rights of an
# owner on its own objects are no grants; NOT NULL is a constraint only from PostgreSQL 18 on and an
# attribute of its column in all versions, so it stands with the column.
LINES = """
WITH relation AS (
    SELECT oid, relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND relname <> 'alembic_version'
), routine AS (
    SELECT *, proname || '(' || pg_get_function_identity_arguments(oid) || ')' AS signature
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
), granted AS (
    SELECT CASE relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || relname AS object,
        relowner AS owner,
        coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
            AS acl
    FROM relation
    UNION ALL
    SELECT format('column %s.%s', relname, attname), relowner, attacl
    FROM relation JOIN pg_attribute ON attrelid = relation.oid WHERE attacl IS NOT NULL
    UNION ALL
    SELECT 'function ' || signature, proowner, coalesce(proacl, acldefault('f', proowner))
    FROM routine
    UNION ALL
    SELECT 'schema public', nspowner, nspacl FROM pg_namespace WHERE nspname = 'public'
)
SELECT format('relation %s: kind %s, row security %s, forced %s',
    relname, relkind, relrowsecurity, relforcerowsecurity)
FROM relation
UNION ALL
SELECT format('column %s.%s: %s%s%s', relname, attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN ' NOT NULL' END,
    ' DEFAULT ' || pg_get_expr(adbin, adrelid))
FROM relation JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT format('constraint %s.%s: %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
FROM relation JOIN pg_constraint ON conrelid = relation.oid WHERE contype <> 'n'
UNION ALL
SELECT format('index %s.%s: %s', tablename, indexname, indexdef)
FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT format('trigger %s.%s: %s, enabled %s',
    relname, tgname, pg_get_triggerdef(pg_trigger.oid), tgenabled)
FROM relation JOIN pg_trigger ON tgrelid = relation.oid WHERE NOT tgisinternal
UNION ALL
SELECT format('policy %s.%s: %s FOR %s TO %s USING (%s) WITH CHECK (%s)', tablename, policyname,
    permissive, cmd, array_to_string(roles, ', '), qual, with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT format('rule %s.%s: %s', tablename, rulename, definition)
FROM pg_rules WHERE schemaname = 'public'
UNION ALL
SELECT format('function %s: RETURNS %s, %s, volatility %s, security definer %s, %s, owner %s, %s',
    signature, pg_get_function_result(routine.oid), lanname, provolatile, prosecdef,
    coalesce(array_to_string(proconfig, ' '), 'no settings'),
    CASE WHEN proowner = datdba THEN 'of the database' ELSE proowner::regrole::text END,
    regexp_replace(btrim(prosrc, E' \\n'), '\\s*\\n\\s*', ' | ', 'g'))
FROM routine JOIN pg_language ON prolang = pg_language.oid
JOIN pg_database ON datname = current_database()
UNION ALL
SELECT format('grant on %s to %s: %s%s', object,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
    string_agg(privilege_type, ', ' ORDER BY privilege_type),
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
FROM granted, aclexplode(acl)
WHERE grantee <> owner
    -- What everybody may do with the schema differs between PostgreSQL 14 and 15.
    AND (object <> 'schema public' OR grantee <> 0)
GROUP BY object, grantee, is_grantable
UNION ALL
SELECT format('role %s: superuser %s, login %s, bypasses row security %s, member of (%s)',
    rolname, rolsuper, rolcanlogin, rolbypassrls,
    (SELECT string_agg(roleid::regrole::text, ', ' ORDER BY roleid::regrole::text)
     FROM pg_auth_members WHERE member = pg_roles.oid))
FROM pg_roles WHERE rolname IN ('tasks_runtime', 'tasks_ownership')
"""


def catalog(connection: psycopg.Connection) -> list[str]:
    """Everything in schema public and the two roles, a line each, sorted by code point."""
    # With an empty search_path, PostgreSQL prints every name with its schema.
    connection.execute("SELECT set_config('search_path', 'pg_catalog', true)")
    lines = sorted(line for (line,) in connection.execute(LINES))
    connection.execute("SET LOCAL search_path TO DEFAULT")
    return lines


def difference(connection: psycopg.Connection) -> str:
    """The database against `schema.txt`, as a unified diff; empty if they agree."""
    meant = SCHEMA.read_text(encoding="utf-8").splitlines()
    lines = difflib.unified_diff(
        meant, catalog(connection), "schema.txt", "database", "", "", 0, ""
    )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def migrated(databases: Databases) -> str:
    url = databases.create()
    alembic(url, "upgrade", "head")
    return url


@pytest.fixture
def owner(migrated: str) -> Iterator[psycopg.Connection]:
    """A transaction of a superuser in the migrated database; it is rolled back."""
    with psycopg.connect(migrated) as connection:
        yield connection
        connection.rollback()


def test_the_schema_is_the_one_written_down(owner: psycopg.Connection) -> None:
    if os.environ.get("WRITE_SCHEMA"):
        SCHEMA.write_text("\n".join(catalog(owner)) + "\n", encoding="utf-8")
    found = difference(owner)
    assert not found, f"{found}\n\nIf this is meant, run {REGENERATE} and commit schema.txt."


def test_the_schema_does_not_depend_on_the_migrating_role(
    databases: Databases, migrated: str
) -> None:
    assert migrated  # the fixture that made the roles of the cluster
    login = databases.login(databases.owner_url, "CREATEROLE")
    name = make_url(login).username
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(f"GRANT tasks_ownership TO {name} WITH ADMIN OPTION")
    url = render(login, database=make_url(databases.create(owner=name)).database)
    alembic(url, "upgrade", "head")
    with psycopg.connect(url) as connection:
        assert difference(connection) == ""


PERMISSIVE = "CREATE POLICY tasks_all ON tasks USING (true)"
TOUCH = "CREATE OR REPLACE FUNCTION tasks_touch() RETURNS trigger LANGUAGE plpgsql"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            (
                "ALTER TABLE tasks DROP CONSTRAINT tasks_title_length, ADD CONSTRAINT"
                " tasks_title_length CHECK (char_length(title) BETWEEN 0 AND 200)"
            ),
            "+constraint tasks.tasks_title_length",
        ),
        ("ALTER TABLE tasks DROP CONSTRAINT tasks_pkey", "-constraint tasks.tasks_pkey"),
        ("ALTER TABLE users DROP CONSTRAINT users_email_key", "-constraint users.users_email_key"),
        (
            (
                "ALTER TABLE tasks DROP CONSTRAINT tasks_user_id_fkey, ADD CONSTRAINT"
                " tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users"
            ),
            "+constraint tasks.tasks_user_id_fkey",
        ),
        ("ALTER TABLE tasks ALTER title DROP NOT NULL", "+column tasks.title"),
        ("ALTER TABLE tasks ALTER is_completed SET DEFAULT true", "+column tasks.is_completed"),
        (
            (
                "DROP INDEX tasks_user_created_idx; CREATE INDEX tasks_user_created_idx ON tasks"
                " (user_id, created_at DESC, id DESC) WHERE NOT is_completed"
            ),
            "+index tasks.tasks_user_created_idx",
        ),
        ("DROP TRIGGER tasks_touch ON tasks", "-trigger tasks.tasks_touch"),
        ("ALTER TABLE tasks DISABLE TRIGGER tasks_touch", "+trigger tasks.tasks_touch"),
        ("DROP POLICY tasks_own ON tasks", "-policy tasks.tasks_own"),
        ("ALTER POLICY tasks_own ON tasks USING (true)", "+policy tasks.tasks_own"),
        ("ALTER POLICY tasks_own ON tasks WITH CHECK (true)", "+policy tasks.tasks_own"),
        (PERMISSIVE, "+policy tasks.tasks_all"),
        ("ALTER POLICY tasks_ownership_lookup ON tasks TO PUBLIC", "tasks_ownership_lookup"),
        ("ALTER POLICY users_self ON users USING (true)", "+policy users.users_self"),
        ("ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY", "+relation tasks"),
        ("ALTER TABLE tasks DISABLE ROW LEVEL SECURITY", "+relation tasks"),
        ("ALTER TABLE users DISABLE ROW LEVEL SECURITY", "+relation users"),
        ("GRANT ALL ON tasks TO tasks_runtime", "+grant on table tasks to tasks_runtime"),
        ("GRANT SELECT ON users TO PUBLIC", "+grant on table users to PUBLIC"),
        ("GRANT UPDATE (user_id) ON tasks TO tasks_runtime", "+grant on column tasks.user_id"),
        ("REVOKE DELETE ON tasks FROM tasks_runtime", "+grant on table tasks to tasks_runtime"),
        ("GRANT CREATE ON SCHEMA public TO tasks_runtime", "+grant on schema public"),
        (
            "GRANT EXECUTE ON FUNCTION task_belongs_to_another TO PUBLIC",
            "+grant on function task_belongs_to_another(task uuid) to PUBLIC",
        ),
        ("GRANT tasks_ownership TO tasks_runtime", "+role tasks_runtime"),
        ("ALTER ROLE tasks_runtime BYPASSRLS", "+role tasks_runtime"),
        ("DROP FUNCTION task_belongs_to_another", "-function task_belongs_to_another"),
        (
            "ALTER FUNCTION task_belongs_to_another SECURITY INVOKER",
            "+function task_belongs_to_another",
        ),
        (
            "ALTER FUNCTION task_belongs_to_another RESET search_path",
            "+function task_belongs_to_another",
        ),
        (
            "ALTER FUNCTION task_belongs_to_another OWNER TO CURRENT_USER",
            "+function task_belongs_to_another",
        ),
        (f"{TOUCH} AS 'BEGIN RETURN NEW; END'", "+function tasks_touch"),
        ("CREATE RULE quiet AS ON DELETE TO tasks DO INSTEAD NOTHING", "+rule tasks.quiet"),
        ("CREATE VIEW everything AS SELECT * FROM tasks", "+relation everything"),
    ],
)
def test_a_change_is_noticed(owner: psycopg.Connection, statement: str, named: str) -> None:
    assert difference(owner) == ""
    owner.execute(statement)
    assert named in difference(owner)


INSERT_USER = "INSERT INTO users (id, name, email) VALUES (%s, 'x', %s)"
INSERT_TASK = "INSERT INTO tasks (id, user_id, title, description) VALUES (%s, 'ann', %s, %s)"
FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.fixture
def ann(owner: psycopg.Connection) -> psycopg.Connection:
    """Ann has a task of id FIRST, as long as a task may be."""
    owner.execute(INSERT_USER, ("ann", "ann@example.org"))
    owner.execute(INSERT_TASK, (FIRST, "é" * 200, "é" * 2000))
    return owner


@pytest.mark.parametrize(
    ("statement", "values", "error", "constraint"),
    [
        (INSERT_TASK, (SECOND, "", None), CheckViolation, "tasks_title_length"),
        (INSERT_TASK, (SECOND, "x" * 201, None), CheckViolation, "tasks_title_length"),
        (INSERT_TASK, (SECOND, "x", "x" * 2001), CheckViolation, "tasks_description_length"),
        (INSERT_TASK, (FIRST, "x", None), UniqueViolation, "tasks_pkey"),
        (INSERT_USER, ("", "new"), CheckViolation, "users_id_length"),
        (INSERT_USER, ("x" * 256, "new"), CheckViolation, "users_id_length"),
        (INSERT_USER, ("ann", "new"), UniqueViolation, "users_pkey"),
        (INSERT_USER, ("new", "ann@example.org"), UniqueViolation, "users_email_key"),
        ("UPDATE tasks SET title = ''", (), CheckViolation, "tasks_title_length"),
        ("UPDATE tasks SET user_id = 'nobody'", (), ForeignKeyViolation, "tasks_user_id_fkey"),
        (
            "INSERT INTO tasks (user_id, title) VALUES ('nobody', 'x')",
            (),
            ForeignKeyViolation,
            "tasks_user_id_fkey",
        ),
    ],
)
def test_not_even_a_superuser_stores_an_invalid_task(
    ann: psycopg.Connection,
    statement: str,
    values: tuple[str | None, ...],
    error: type[psycopg.Error],
    constraint: str,
) -> None:
    with pytest.raises(error) as refused:
        ann.execute(statement, values)
    assert refused.value.diag.constraint_name == constraint


def test_the_longest_user_id_is_taken(owner: psycopg.Connection) -> None:
    assert owner.execute(INSERT_USER, ("x" * 255, "new")).rowcount == 1
