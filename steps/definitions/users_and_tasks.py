"""Given: users, their tasks, and what the operator did beforehand."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

import psycopg
from pytest_bdd import given

from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

_characters: Iterator[str] = iter("abcdefghijklmnopqrstuvwxyz")
IDENTITIES: dict[str, Callable[[], str]] = {
    "32 letters and digits": lambda: uuid.uuid4().hex,
    "a UUID": lambda: str(uuid.uuid4()),
    "a single character": lambda: next(_characters),
    "255 characters": lambda: uuid.uuid4().hex.ljust(255, "x"),
    "an e-mail address": lambda: f"alice+{uuid.uuid4().hex}@example.test",
    "text with spaces, percent and umlauts": lambda: f"Zoë 100%25 {uuid.uuid4().hex}",
    "text with a slash": lambda: f"tenant/{uuid.uuid4().hex}",
    "text with a quote, as of an injection": lambda: f"{uuid.uuid4().hex}' OR '1'='1",
}


@given(phrase("{who} is a user"))
def a_user(scene: Scene, who: str) -> None:
    scene.user(who)


@given(phrase("{who} and {other} are users"))
def two_users(scene: Scene, who: str, other: str) -> None:
    scene.user(who)
    scene.user(other)


@given(phrase("a user whose id is {kind}"))
def a_user_with_id(scene: Scene, kind: str) -> None:
    scene.user("Alice", IDENTITIES[kind]())


@given(phrase('{who} has a task "{title}"'))
def a_task(scene: Scene, who: str, title: str) -> None:
    scene.add_task(who, title)
    scene.remember(who)


@given(phrase('{who} has a task "{title}" with the description "{description}"'))
def a_task_with_description(scene: Scene, who: str, title: str, description: str) -> None:
    scene.add_task(who, title, description=description)
    scene.remember(who)


@given(phrase("{who} has created the tasks {titles} in this order"))
def tasks_in_order(scene: Scene, who: str, titles: str) -> None:
    for title in re.findall('"([^"]*)"', titles):
        scene.add_task(who, title)
    scene.remember(who)


@given(phrase("{who} has {count:Number} tasks"))
def many_tasks(scene: Scene, who: str, count: int) -> None:
    user = scene.user(who)
    if "database" in scene.target.capabilities and count >= 100:
        sample = scene.add_task(who, "task 0")
        scene.target.database.copy_task(sample.id, [user.id], count - 1)
    else:
        for number in range(count):
            scene.add_task(who, f"task {number}")
    scene.remember(who)


@given(phrase("{who} has {count:Number} tasks created at the same instant"))
def tasks_of_one_instant(scene: Scene, who: str, count: int) -> None:
    sample = scene.add_task(who, "task 0")
    scene.target.database.copy_task(sample.id, [scene.user(who).id], count - 1)
    scene.remember(who)


@given(phrase("{count:Number} users with {each:Number} task each"))
@given(phrase("{count:Number} users with {each:Number} tasks each"))
def many_users(scene: Scene, count: int, each: int) -> None:
    for number in range(count):
        who = f"User {number}"
        scene.user(who)
        for task in range(each):
            scene.add_task(who, f"{who}, task {task}")


@given(phrase('{who}\'s task "{title}" is completed'))
def a_completed_task(scene: Scene, who: str, title: str) -> None:
    scene.complete(title)
    scene.remember(who)


@given(phrase('{who}\'s task "{title}" is open'))
def an_open_task(scene: Scene, who: str, title: str) -> None:
    assert title in scene.tasks, f"{who} has no task {title}"


@given(phrase('{who} has deleted the task "{title}"'))
def a_deleted_task(scene: Scene, who: str, title: str) -> None:
    answer = scene.client.send(
        "DELETE",
        f"/api/{scene.user(who).id}/tasks/{scene.tasks[title].id}",
        token=scene.user(who).token,
    )
    assert answer.status in {200, 204}, f"the task could not be deleted: {answer}"
    scene.remember(who)


@given(phrase('the operator renames the task "{title}" to "{text}" in the database'))
def renamed_by_operator(scene: Scene, title: str, text: str) -> None:
    scene.target.database.ask(
        "UPDATE {tasks} SET title = %(title)s WHERE id = %(id)s",
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
    """Let every statement succeed and only the commit fail, as a deferred constraint does."""
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
def locked(scene: Scene, title: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(scene.target.database.owner_url) as connection:
        row = scene.target.database.statement("SELECT 1 FROM {tasks} WHERE id = %s FOR UPDATE")
        connection.execute(row, [scene.tasks[title].id])
        yield connection


@given("a table of 100,000 tasks of 1,000 users")
def a_large_table(scene: Scene) -> Iterator[None]:
    """Fill the tables as an operator would who restores a backup, and empty them again."""
    database = scene.target.database
    users = [scene.user(f"User {number}") for number in range(1000)]
    sample = scene.add_task("User 0", "task 0")
    database.copy_task(sample.id, [user.id for user in users], 100_000)
    database.ask("ANALYZE {tasks}")
    count = database.ask("SELECT count(*) FROM {tasks}")[0][0]
    assert count >= 100_000, f"the table holds only {count} tasks"
    yield
    owners = {"users": [user.id for user in users]}
    database.ask("DELETE FROM {tasks} WHERE user_id::text = ANY(%(users)s)", owners)
