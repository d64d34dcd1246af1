"""Given: what the operator did in the database beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from pytest_bdd import given

from steps.http.expectations import expect
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@given(phrase('the operator renames the task "{title}" to "{text}" in the database'))
def renamed_by_operator(scene: Scene, title: str, text: str) -> None:
    scene.target.database.ask(
        "UPDATE {tasks} SET {title} = %(title)s WHERE {id} = %(id)s",
        {"title": text, "id": scene.tasks[title].id},
    )


@given("the operator has switched row-level security off")
def without_row_level_security(scene: Scene) -> Iterator[None]:
    database = scene.target.database
    security = "SELECT relrowsecurity FROM pg_class WHERE oid = '{tasks}'::regclass"
    was_on = database.ask(security)[0][0]
    database.ask("ALTER TABLE {tasks} DISABLE ROW LEVEL SECURITY")
    yield
    if was_on:
        database.ask("ALTER TABLE {tasks} ENABLE ROW LEVEL SECURITY")


@given("the database refuses to commit any new task")
def commits_refused(scene: Scene) -> Iterator[None]:
    """Let every statement succeed and the commit fail, as a deferred constraint does."""
    database = scene.target.database
    database.execute(
        "CREATE FUNCTION refuse_commit() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE integrity_constraint_violation; END $$"
    )
    database.ask(
        "CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT ON {tasks} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_commit()"
    )
    yield
    database.execute("DROP FUNCTION refuse_commit() CASCADE")


@given(phrase('the operator holds a lock on the task "{title}"'), target_fixture="lock")
def locked_task(scene: Scene, title: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(scene.target.database.owner_url) as connection:
        row = scene.target.database.statement("SELECT 1 FROM {tasks} WHERE {id} = %s FOR UPDATE")
        connection.execute(row, [scene.tasks[title].id])
        yield connection


@given("a table of 100,000 tasks of 1,000 users")
def a_large_table(scene: Scene) -> Iterator[None]:
    """Fill the tables inside the database, as a restored backup does; empty them afterwards."""
    database = scene.target.database
    users = [scene.users.named(f"User {number}") for number in range(1000)]
    sample = scene.tasks.add("User 0", "task 0")
    database.copy_task(sample.id, [user.id for user in users], 100_000)
    database.ask("ANALYZE {tasks}")
    count = database.ask("SELECT count(*) FROM {tasks}")[0][0]
    expect(count >= 100_000, "the table could not be filled", expected=100_000, actual=count)
    yield
    owners = {"users": [user.id for user in users]}
    database.ask("DELETE FROM {tasks} WHERE {user_id}::text = ANY(%(users)s)", owners)
