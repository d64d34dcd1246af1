"""What a role, a database or another client of a pooler set for a session, and what it may change.

Each case takes the moments from the server's own answers and compares them with this machine's
clock: a text that has the right form may still name another moment.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from server.schemas import TaskInput, TaskRead
from server.session import BypassingRoleError, UnusableDatabaseError
from server.tasks import Tasks
from tests.server.databases import Databases, Schema
from tests.server.test_schema_settings import TEXTS, as_ann, every_operation, execute, stored


def check_operations(url: str, schema: Schema) -> None:
    """Every operation works, on the texts that were sent, at the time that it is."""
    before = datetime.now(UTC)
    tasks: list[TaskRead] = as_ann(url, every_operation)
    assert [task.title for task in reversed(tasks)] == stored(schema) == list(TEXTS)
    for task in tasks:
        assert before <= datetime.fromisoformat(task.created_at) <= datetime.now(UTC)
        assert task.updated_at > task.created_at


@pytest.mark.parametrize(
    "setting",
    [
        # PostgreSQL 18 takes the abbreviations of the session's zone before any other name.
        "TimeZone = 'UTC+5'",
        "TimeZone = '<UTC>-9'",
        "timezone_abbreviations = 'India'",
        "default_transaction_deferrable = on",
        "quote_all_identifiers = on",
        "array_nulls = off",
        "backslash_quote = off",
        "xmlbinary = 'hex'",
        "check_function_bodies = off",
        "client_min_messages = 'debug5'",
        "plan_cache_mode = 'force_generic_plan'",
        "lock_timeout = 1",
    ],
)
@pytest.mark.parametrize("place", ["ROLE", "DATABASE"])
def test_a_setting_changes_no_value(schema: Schema, place: str, setting: str) -> None:
    api = make_url(schema.api)
    named = api.username if place == "ROLE" else api.database
    execute(schema.owner, f"ALTER {place} {named} SET {setting}")
    check_operations(schema.api, schema)


def test_a_statement_waits_for_a_lock_whatever_the_role_says(schema: Schema) -> None:
    execute(schema.owner, f"ALTER ROLE {make_url(schema.api).username} SET lock_timeout = 1")

    async def toggle_a_locked_one(tasks: Tasks) -> Any:
        made = await tasks.create(TaskInput(title="locked"))
        with psycopg.connect(schema.owner) as owner:
            owner.execute("SELECT FROM public.tasks WHERE id = %s FOR UPDATE", (made.id,))
            toggling = asyncio.ensure_future(tasks.toggle(made.id))
            await asyncio.sleep(0.2)
        return await toggling

    assert as_ann(schema.api, toggle_a_locked_one).is_completed


def test_operators_of_the_roles_own_hide_no_rights(schema: Schema) -> None:
    role = make_url(schema.api).username
    execute(schema.owner, f"GRANT tasks_ownership TO {role}", f"CREATE SCHEMA {role}")
    for kind in ("name", "oid"):
        execute(
            schema.owner,
            f"CREATE FUNCTION {role}.never({kind}, {kind}) RETURNS boolean"
            " LANGUAGE sql AS 'SELECT false'",
            f"CREATE OPERATOR {role}.="
            f" (LEFTARG = {kind}, RIGHTARG = {kind}, FUNCTION = {role}.never)",
        )
    execute(
        schema.owner,
        f"GRANT USAGE ON SCHEMA {role} TO {role}",
        f"ALTER ROLE {role} SET search_path = {role}, pg_catalog, public",
    )
    with pytest.raises(BypassingRoleError):
        as_ann(schema.api, every_operation)


def test_no_transaction_is_ever_idle(schema: Schema) -> None:
    role = make_url(schema.api).username
    execute(schema.owner, f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = 1")
    check_operations(schema.api, schema)


def test_the_environment_of_libpq_changes_no_value(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "UTC+5")
    monkeypatch.setenv("PGDATESTYLE", "German")
    monkeypatch.setenv("PGOPTIONS", "-c search_path=nowhere -c IntervalStyle=sql_standard")
    check_operations(schema.api, schema)


def test_a_role_without_rights_that_the_session_took_is_left(
    databases: Databases, schema: Schema
) -> None:
    bare, api = (make_url(url).username for url in (databases.login(schema.owner, ""), schema.api))
    execute(schema.owner, f"GRANT {bare} TO {api}", f"ALTER ROLE {api} SET role = {bare}")
    check_operations(schema.api, schema)


@pytest.mark.parametrize(
    ("setting", "value", "needed"),
    [
        ("session_replication_role", "replica", "origin"),
        ("default_transaction_isolation", "repeatable read", "read committed"),
        ("default_transaction_isolation", "serializable", "read committed"),
    ],
)
@pytest.mark.parametrize("place", ["ROLE", "DATABASE"])
def test_a_setting_that_no_statement_of_ours_can_undo_is_refused(
    schema: Schema, place: str, setting: str, value: str, needed: str
) -> None:
    api = make_url(schema.api)
    named = api.username if place == "ROLE" else api.database
    execute(schema.owner, f"ALTER {place} {named} SET {setting} = '{value}'")
    said = f"sessions whose {setting} is '{value}': set it to '{needed}' for this role or database"
    with pytest.raises(UnusableDatabaseError, match=said):
        as_ann(schema.api, every_operation)
    execute(schema.owner, f"ALTER {place} {named} SET {setting} = '{needed}'")
    check_operations(schema.api, schema)


def test_concurrent_toggles_wait_for_each_other(schema: Schema) -> None:
    async def race(tasks: Tasks) -> Any:
        made = await tasks.create(TaskInput(title="x"))
        await asyncio.gather(*(tasks.toggle(made.id) for _ in range(20)))
        return await tasks.get(made.id)

    assert not as_ann(schema.api, race).is_completed
