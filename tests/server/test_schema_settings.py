"""No setting from outside changes what is stored, which tables are meant, or what a list shows."""

from collections.abc import Callable
from typing import Any

import anyio
import psycopg
import pytest
from sqlalchemy.engine import make_url

from server.database import Database, WrongEncodingError
from server.schemas import TaskInput, TaskRead
from server.settings import Settings
from server.tasks import Tasks
from tests.server.databases import Databases, Schema, alembic, render

TEXTS = ("größe", "日本", "😀" * 200)


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True, client_encoding="utf8") as connection:
        for statement in statements:
            connection.execute(statement)


def as_ann(url: str, use: Callable[[Tasks], Any]) -> Any:
    """What `use` gives for Ann's tasks, over a pool of its own."""

    async def main() -> Any:
        database = Database(
            Settings(database_url=url, jwt_secret="s" * 32, cors_origin="http://localhost:3000")  # type: ignore[arg-type]
        )
        try:
            return await use(Tasks(database, "ann"))
        finally:
            await database.close()

    return anyio.run(main)


async def every_operation(tasks: Tasks) -> list[TaskRead]:
    for text in TEXTS:
        made = await tasks.create(TaskInput(title=text, description=text))
        await tasks.replace(made.id, TaskInput(title=text))
        await tasks.toggle(made.id)
        await tasks.get(made.id)
    return [task for page in await tasks.newest_first() for task in page]


def stored(schema: Schema) -> list[str]:
    with psycopg.connect(schema.owner, client_encoding="utf8") as connection:
        rows = connection.execute("SELECT title FROM public.tasks ORDER BY created_at").fetchall()
    return [title for (title,) in rows]


@pytest.mark.parametrize("source", ["environment", "URL", "role", "database"])
def test_texts_are_stored_as_sent_whatever_client_encoding_says(
    schema: Schema, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, api = schema.api, make_url(schema.api)
    if source == "environment":
        monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    elif source == "URL":
        url += "?client_encoding=LATIN1"
    else:
        named = api.username if source == "role" else api.database
        execute(schema.owner, f"ALTER {source} {named} SET client_encoding = 'WIN1252'")
    tasks = as_ann(url, every_operation)
    monkeypatch.undo()
    assert [task.title for task in reversed(tasks)] == stored(schema) == list(TEXTS)


@pytest.mark.parametrize(
    "setting",
    [
        "search_path = ''",
        "search_path = 'pg_temp'",
        "row_security = off",
        "DateStyle = 'German, DMY'",
        "IntervalStyle = 'sql_standard'",
        "TimeZone = 'Asia/Kathmandu'",
        "bytea_output = 'escape'",
        "standard_conforming_strings = off",
        "transform_null_equals = on",
        "extra_float_digits = -15",
        "\"app.user_id\" = 'bob'",
    ],
)
def test_a_setting_of_the_role_changes_nothing(schema: Schema, setting: str) -> None:
    execute(schema.owner, f"ALTER ROLE {make_url(schema.api).username} SET {setting}")
    tasks = as_ann(schema.api, every_operation)
    assert [task.title for task in reversed(tasks)] == list(TEXTS)
    for task in tasks:
        assert task.is_completed
        assert len(task.created_at) == len("2000-01-01T00:00:00.000000Z")
    with psycopg.connect(schema.owner) as connection:
        newest = connection.execute(
            "SELECT to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM"
            " public.tasks"
        ).fetchone()
    assert newest == (tasks[0].created_at.replace("T", " ").rstrip("Z"),)


def test_a_schema_of_the_roles_name_shadows_nothing(schema: Schema) -> None:
    role = make_url(schema.api).username
    execute(
        schema.owner,
        f"CREATE SCHEMA {role} AUTHORIZATION {role}",
        f"CREATE TABLE {role}.tasks (LIKE public.tasks INCLUDING ALL)",
        f"CREATE TABLE {role}.users AS SELECT 'ann'::text AS id",
        f"INSERT INTO {role}.tasks (user_id, title) VALUES ('ann', 'not in public')",
        # Operators and functions that would be found before those of pg_catalog.
        f"CREATE FUNCTION {role}.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
        f"CREATE OPERATOR {role}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = {role}.never)",
        f"CREATE FUNCTION {role}.to_char(timestamp, text) RETURNS text LANGUAGE sql"
        " AS $$SELECT 'never'$$",
        f"CREATE FUNCTION {role}.set_config(text, text, boolean) RETURNS text LANGUAGE sql"
        " AS $$SELECT 'never'$$",
        f"GRANT ALL ON ALL TABLES IN SCHEMA {role} TO {role}",
        f"ALTER ROLE {role} SET search_path = {role}, pg_catalog, public",
    )
    tasks = as_ann(schema.api, every_operation)
    assert [task.title for task in reversed(tasks)] == stored(schema) == list(TEXTS)
    assert "never" not in {task.created_at for task in tasks}


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_a_database_of_another_encoding_is_refused_by_name(
    databases: Databases, owner_url: str, encoding: str
) -> None:
    schema = databases.create()
    name = make_url(schema).database
    execute(
        owner_url,
        f"DROP DATABASE {name}",
        f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'",
    )
    api = databases.login(schema, "")
    with pytest.raises(WrongEncodingError, match=f"encoded in {encoding}: use one .* 'UTF8'"):
        as_ann(api, every_operation)
    with pytest.raises(SystemExit, match=f"encoded in {encoding}.*set MIGRATION_DATABASE_URL to"):
        alembic(render(schema), "upgrade", "head")


MOMENTS = {
    "infinity": "9999-12-31T23:59:59.999999Z",
    "-infinity": "0001-01-01T00:00:00.000000Z",
    "10000-01-01 00:00:00+00": "9999-12-31T23:59:59.999999Z",
    "294276-12-31 23:59:59+00": "9999-12-31T23:59:59.999999Z",
    "0001-12-31 00:00:00+00 BC": "0001-01-01T00:00:00.000000Z",
    "4713-01-01 00:00:00+00 BC": "0001-01-01T00:00:00.000000Z",
    "0999-05-06 07:08:09+00": "0999-05-06T07:08:09.000000Z",
}


def test_a_list_is_served_whatever_somebody_stored_by_sql(databases: Databases) -> None:
    schema = databases.migrated("ann")
    execute(
        schema.owner,
        "ALTER TABLE public.tasks DROP CONSTRAINT tasks_title_length,"
        " DROP CONSTRAINT tasks_description_length",
        *(
            "INSERT INTO public.tasks (user_id, title, created_at, updated_at)"
            f" VALUES ('ann', '{moment}', '{moment}', '{moment}')"
            for moment in MOMENTS
        ),
        "INSERT INTO public.tasks (user_id, title, description) VALUES ('ann', '', ''),"
        " ('ann', '  ', repeat('x', 9000)), ('ann', repeat('y', 9000), NULL)",
    )

    async def everything(tasks: Tasks) -> list[TaskRead]:
        return [task for page in await tasks.newest_first() for task in page]

    tasks = as_ann(schema.api, everything)
    assert len(tasks) == len(MOMENTS) + 3
    shown = {task.title: (task.created_at, task.updated_at) for task in tasks}
    for moment, text in MOMENTS.items():
        assert shown[moment] == (text, text)
    assert [task.created_at for task in tasks] == sorted(shown[t.title][0] for t in tasks)[::-1]


def test_a_task_can_be_changed_whatever_moments_somebody_stored_by_sql(
    databases: Databases,
) -> None:
    schema = databases.migrated("ann")
    moments = [*MOMENTS, "294276-12-31 23:59:59.999999+00"]  # one microsecond more is out of range
    execute(
        schema.owner,
        *(
            "INSERT INTO public.tasks (user_id, title, created_at, updated_at)"
            f" VALUES ('ann', '{moment}', '{moment}', '{moment}')"
            for moment in moments
        ),
    )

    async def toggle_all(tasks: Tasks) -> dict[str, tuple[str, TaskRead]]:
        listed = [task for page in await tasks.newest_first() for task in page]
        return {task.title: (task.updated_at, await tasks.toggle(task.id)) for task in listed}

    changed = as_ann(schema.api, toggle_all)
    assert set(changed) == set(moments)
    for before, task in changed.values():
        assert task.is_completed
        assert task.updated_at > before or before == "9999-12-31T23:59:59.999999Z"


def test_the_second_migration_can_be_taken_back(databases: Databases) -> None:
    schema = databases.migrated("ann")
    alembic(schema.owner, "downgrade", "0001")
    execute(schema.owner, "INSERT INTO public.tasks (user_id, title) VALUES ('ann', 'x')")
    execute(schema.owner, "UPDATE public.tasks SET is_completed = true")
    alembic(schema.owner, "upgrade", "head")
    execute(schema.owner, "UPDATE public.tasks SET is_completed = false")
    with psycopg.connect(schema.owner) as connection:
        (advanced,) = connection.execute(
            "SELECT updated_at > created_at FROM public.tasks"
        ).fetchone() or (None,)
    assert advanced
