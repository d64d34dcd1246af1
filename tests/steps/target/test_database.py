"""Copying tasks inside the database, with tables of different schemas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from steps.postgres.embedded import EmbeddedPostgres
from steps.target.database import Database
from steps.target.description.tables import DatabaseTable

SCHEMAS = {
    "no defaults, columns of its own, other names": (
        "uuid PRIMARY KEY",
        "gen_random_uuid()",
        DatabaseTable(schema=[], tasks='"Todo"', users='"user"'),
    ),
    "numbers": (
        "bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY",
        "DEFAULT",
        DatabaseTable(schema=[]),
    ),
}


@pytest.fixture(params=list(SCHEMAS.values()), ids=list(SCHEMAS))
def database_with_task(
    request: pytest.FixtureRequest, cluster: EmbeddedPostgres
) -> Iterator[Database]:
    """A database with one task of the user `a`."""
    key, new_id, table = request.param
    database = Database(cluster, table)
    database.create()
    database.ask("CREATE TABLE {users} (id text PRIMARY KEY)")
    database.execute(
        database.statement(
            "CREATE TABLE {new_table} (id {key}, title text NOT NULL, priority int NOT NULL, "
            "user_id text NOT NULL REFERENCES {users} (id), created_at timestamptz NOT NULL)",
            key=key,
            new_table=table.tasks,
        )
    )
    database.ask("INSERT INTO {users} VALUES ('a'), ('b')")
    insert = "INSERT INTO {tasks} VALUES ({new}, 'first', 7, 'a', now())"
    database.execute(database.statement(insert, new=new_id))
    yield database
    database.drop()


def test_copies_are_spread_over_the_users_and_keep_all_other_columns(
    database_with_task: Database,
) -> None:
    sample = str(database_with_task.ask("SELECT id FROM {tasks}")[0][0])
    database_with_task.copy_task(sample, ["a", "b"], 100)
    rows = database_with_task.ask(
        "SELECT user_id, count(*), count(DISTINCT id), count(DISTINCT created_at), min(priority) "
        "FROM {tasks} GROUP BY user_id ORDER BY user_id"
    )
    assert rows == [("a", 51, 51, 1, 7), ("b", 50, 50, 1, 7)]


def test_the_server_can_create_tasks_after_the_copies(database_with_task: Database) -> None:
    sample = str(database_with_task.ask("SELECT id FROM {tasks}")[0][0])
    database_with_task.copy_task(sample, ["a"], 10)
    new_id = "DEFAULT" if sample.isdigit() else "gen_random_uuid()"
    insert = "INSERT INTO {tasks} VALUES ({new}, 'next', 1, 'b', now())"
    database_with_task.execute(database_with_task.statement(insert, new=new_id))
    assert database_with_task.ask("SELECT count(*) FROM {tasks}") == [(12,)]
