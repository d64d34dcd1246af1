"""The schema: made by the migrations, described by the models, with row-level security.

The tests show what PostgreSQL enforces by itself, whatever statement the API's role sends.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import anyio
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import CheckConstraint, Column, MetaData, Text, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from server.database import Database
from server.models import Task
from server.session import BypassingRoleError
from server.settings import Settings
from tests.server.databases import ROOT, Databases, Schema, alembic, render

AsUser = Callable[[str], psycopg.Connection]

OBJECTS = """
    SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT polname::text FROM pg_policy
"""


@pytest.fixture(scope="session")
def databases(owner_url: str) -> Iterator[Databases]:
    databases = Databases(owner_url)
    yield databases
    databases.drop()


@pytest.fixture(scope="session")
def schema(databases: Databases) -> Schema:
    schema = databases.migrated("ann", "bob")
    with psycopg.connect(schema.owner) as connection:
        for name in ("ann", "bob"):
            connection.execute("INSERT INTO tasks (user_id, title) VALUES (%s, 'x')", (name,))
    return schema


@pytest.fixture
def as_user(schema: Schema) -> Iterator[Callable[[str], psycopg.Connection]]:
    """Open a transaction of the API's role in the name of a user."""
    with psycopg.connect(schema.api) as connection:

        def begin(user: str) -> psycopg.Connection:
            connection.rollback()
            connection.execute("SELECT set_config('app.user_id', %s, true)", (user,))
            return connection

        yield begin
        connection.rollback()


def objects(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute(OBJECTS)} - {
            "alembic_version",
            "alembic_version_pkc",
        }


@pytest.mark.parametrize("superuser", [True, False])
def test_up_down_and_up_again(databases: Databases, superuser: bool) -> None:
    if superuser:
        url = databases.create()
    else:
        migrator = databases.login(databases.owner_url, "CREATEROLE")
        name = make_url(migrator).username
        with psycopg.connect(databases.owner_url, autocommit=True) as connection:
            for role in ("tasks_runtime", "tasks_ownership"):  # as in a cluster that has them
                connection.execute(
                    f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
                    " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
                )
                connection.execute(f"GRANT {role} TO {name} WITH ADMIN OPTION")
        owned = databases.create(owner=name)
        url = render(migrator, database=str(make_url(owned).database))
    alembic(url, "upgrade", "head")
    first = objects(url)
    assert {"tasks", "users", "tasks_user_created_idx", "tasks_own", "tasks_touch"} <= first
    alembic(url, "downgrade", "base")
    assert objects(url) == set()
    alembic(url, "upgrade", "head")
    assert objects(url) == first


def test_the_migrating_role_keeps_no_way_around_isolation(schema: Schema) -> None:
    with psycopg.connect(schema.owner) as connection:
        may_create = connection.execute(
            "SELECT has_schema_privilege('tasks_ownership', 'public', 'CREATE')"
        ).fetchone()
        forced = connection.execute(
            "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = 'tasks'"
        ).fetchone()
    assert may_create == (False,)
    assert forced == (True,)


def drift(url: str, metadata: MetaData) -> list[Any]:
    """What Alembic would change, and the names of checks; `schema.txt` has what Alembic ignores."""
    # As in `migrations/env.py`: where public is not searched, the comparison names it.
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args={"options": "-c search_path=pg_catalog"},
    )
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "public",
                "version_table_schema": "public",
            },
        )
        differences = list(compare_metadata(context, metadata))
        inspector = inspect(connection)
        for table in metadata.tables.values():
            made = {str(c["name"]) for c in inspector.get_check_constraints(table.name, "public")}
            meant = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
            differences += [("check_constraint", table.name, name) for name in made ^ meant]
    return differences


def test_models_and_migrations_agree(schema: Schema) -> None:
    assert drift(schema.owner, SQLModel.metadata) == []


@pytest.mark.parametrize("change", ["column", "index", "check"])
def test_drift_is_noticed(schema: Schema, change: str) -> None:
    metadata = MetaData()
    for table in SQLModel.metadata.tables.values():
        table.to_metadata(metadata)
    tasks = metadata.tables[f"public.{Task.__tablename__}"]
    if change == "column":
        tasks.append_column(Column("colour", Text))
    elif change == "index":
        tasks.indexes.clear()
    else:
        tasks.constraints -= {c for c in tasks.constraints if c.name == "tasks_title_length"}
    assert len(drift(schema.owner, metadata)) == 1


def test_a_missing_url_is_one_sentence() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Set MIGRATION_DATABASE_URL (or DATABASE_URL) to postgresql://")
    assert run.stderr.count("\n") == 1


def task_of(schema: Schema, user: str) -> UUID:
    with psycopg.connect(schema.owner) as connection:
        row = connection.execute("SELECT id FROM tasks WHERE user_id = %s", (user,)).fetchone()
    assert row is not None
    task: UUID = row[0]
    return task


def test_a_user_sees_their_own_rows_only(as_user: AsUser) -> None:
    assert as_user("ann").execute("SELECT user_id FROM tasks").fetchall() == [("ann",)]


@pytest.mark.parametrize("nobody", ["", "carl", "' OR '1'='1"])
def test_without_a_user_no_row_is_visible(as_user: AsUser, nobody: str) -> None:
    assert as_user(nobody).execute("SELECT user_id FROM tasks").fetchall() == []


def test_foreign_rows_can_be_neither_changed_nor_deleted(as_user: AsUser) -> None:
    assert as_user("ann").execute("UPDATE tasks SET title = 'mine'").rowcount == 1
    assert as_user("ann").execute("DELETE FROM tasks WHERE user_id = 'bob'").rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO tasks (user_id, title) VALUES ('bob', 'x')",
        "INSERT INTO tasks (id, user_id, title) VALUES (gen_random_uuid(), 'ann', 'x')",
        "INSERT INTO tasks (user_id, title, created_at) VALUES ('ann', 'x', now())",
        "UPDATE tasks SET user_id = 'bob'",
        "UPDATE tasks SET updated_at = now()",
        "TRUNCATE tasks",
        "SELECT email FROM users",
        "UPDATE users SET id = 'x'",
        "DELETE FROM users",
        "INSERT INTO users (id, name, email) VALUES ('eve', 'Eve', 'eve')",
        "SET ROLE tasks_ownership",
        "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY",
    ],
)
def test_statements_that_the_api_never_sends_are_forbidden(as_user: AsUser, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        as_user("ann").execute(statement)


def test_of_users_only_the_own_id_is_visible(as_user: AsUser) -> None:
    assert as_user("ann").execute("SELECT id FROM users").fetchall() == [("ann",)]


@pytest.mark.parametrize(("asking", "answer"), [("ann", False), ("bob", True), ("", False)])
def test_the_function_says_whether_a_task_is_another_users(
    schema: Schema, as_user: AsUser, asking: str, answer: bool
) -> None:
    query = "SELECT task_belongs_to_another(%s)"
    task = task_of(schema, "ann")
    assert as_user(asking).execute(query, (task,)).fetchone() == (answer,)
    assert as_user(asking).execute(query, (uuid4(),)).fetchone() == (False,)


def test_the_function_is_for_the_runtime_role_only(databases: Databases, schema: Schema) -> None:
    stranger = databases.login(schema.owner, "")
    with psycopg.connect(stranger) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT task_belongs_to_another(gen_random_uuid())")


def test_deleting_a_user_takes_the_tasks_along(schema: Schema) -> None:
    with psycopg.connect(schema.owner) as connection:
        connection.execute("DELETE FROM users WHERE id = 'ann'")
        left = connection.execute("SELECT DISTINCT user_id FROM tasks").fetchall()
        connection.rollback()
    assert left == [("bob",)]


def test_updated_at_advances_within_one_tick_and_created_at_stays(as_user: AsUser) -> None:
    connection = as_user("ann")
    touch = "UPDATE tasks SET title = title RETURNING created_at, updated_at"
    stamps = [connection.execute(touch).fetchone() for _ in range(50)]
    assert len({stamp[0] for stamp in stamps if stamp}) == 1
    updated = [stamp[1] for stamp in stamps if stamp]
    assert updated == sorted(set(updated))
    assert len(updated) == 50


def connect(url: str) -> None:
    """Connect once, as the server does."""

    async def check() -> None:
        database = Database(
            Settings(database_url=url, jwt_secret="s" * 32, cors_origin="http://localhost:3000")  # type: ignore[arg-type]
        )
        try:
            await database.check()
        finally:
            await database.close()

    anyio.run(check)


def test_the_runtime_role_is_accepted(schema: Schema) -> None:
    connect(schema.api)


@pytest.mark.parametrize("options", ["SUPERUSER", "BYPASSRLS", "IN ROLE tasks_ownership"])
def test_a_role_that_could_bypass_isolation_is_refused(
    databases: Databases, schema: Schema, options: str
) -> None:
    with pytest.raises(BypassingRoleError, match="DATABASE_URL"):
        connect(databases.login(schema.owner, options))


def test_a_member_of_the_owner_is_refused(databases: Databases) -> None:

    owner = databases.login(databases.create(), "")
    name = make_url(owner).username
    with psycopg.connect(render(databases.owner_url, database=str(make_url(owner).database))) as c:
        c.execute("CREATE TABLE tasks (user_id text)")
        c.execute(f"ALTER TABLE tasks OWNER TO {name}")
    with pytest.raises(BypassingRoleError):
        connect(databases.login(owner, f"IN ROLE {name}"))
