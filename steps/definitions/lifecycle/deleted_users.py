"""The identity provider deletes users; no task may lack an existing owner."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import psycopg
from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal
from steps.http.lenient import task_id, task_in
from steps.http.operations import CREATE, LIST, READ
from steps.scenario.concurrent_requests import FIRST_WAIT_SECONDS
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@when(phrase("the identity provider deletes {who} and every operation is requested"))
def delete_and_request(scene: Scene, who: str) -> None:
    scene.about("with the token of a deleted user")
    # The tasks are deleted here, because another scenario judges the cascading deletion.
    identity = {"id": scene.users.named(who).id}
    scene.target.database.ask("DELETE FROM {tasks} WHERE {user_id}::text = %(id)s", identity)
    _delete_user(scene, who)
    scene.answers = scene.send_every_operation(who)


@when(phrase("{who} asks for her list and then the identity provider deletes {other}"))
def list_and_delete(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST)
    _delete_user(scene, other)


def _delete_user(scene: Scene, who: str) -> None:
    scene.target.delete_user(scene.users.named(who))


@when(
    phrase(
        "{who} creates {count:Number} tasks at the same time while the identity provider "
        "deletes {other}"
    )
)
def create_while_deleted(scene: Scene, who: str, count: int, other: str) -> None:
    """Commit the deletion only when a creation waits for its lock, if one ever does."""
    user = scene.users.named(other)
    with psycopg.connect(scene.target.database.owner_url) as connection:

        def create() -> Answer:
            return scene.users.send(who, CREATE, record=False)

        def commit(pending: Sequence[Future[list[Answer]]]) -> None:
            scene.concurrent.wait_for_lock(pending, 1, FIRST_WAIT_SECONDS)
            connection.commit()

        deletion = scene.target.database.statement(
            "DELETE FROM {users} WHERE {users_id}::text = %s"
        )
        connection.execute(deletion, [user.id])
        scene.answers = scene.concurrent.send([create] * count, meanwhile=commit)


@when(
    phrase(
        '{who} reads the task "{title}" and the operator tries to hand it to a user who does '
        "not exist"
    ),
    target_fixture="refusal",
)
def assign_to_unknown_user(scene: Scene, who: str, title: str) -> psycopg.Error | None:
    scene.act(who, READ, scene.tasks[title].id)
    identity = task_id(task_in(scene.answer))
    try:
        scene.target.database.ask(
            "UPDATE {tasks} SET {user_id} = %(nobody)s WHERE {id}::text = %(id)s",
            {
                "nobody": scene.users.unknown_id(),
                "id": identity,
            },
        )
    except psycopg.Error as error:
        return error
    return None


@when(
    phrase('{who} reads the task "{title}" and the operator tries to take its user away'),
    target_fixture="refusal",
)
def assign_to_nobody(scene: Scene, who: str, title: str) -> psycopg.Error | None:
    """Try it and take it back: a task that is left without a user would show in other scenarios."""
    scene.act(who, READ, scene.tasks[title].id)
    identity = task_id(task_in(scene.answer))
    taking = scene.target.database.statement(
        "UPDATE {tasks} SET {user_id} = NULL WHERE {id}::text = %s"
    )
    with psycopg.connect(scene.target.database.owner_url) as connection:
        try:
            connection.execute(taking, [identity])
        except psycopg.IntegrityError as error:
            return error
        finally:
            connection.rollback()
    return None


@then("the database refuses")
def refused(refusal: psycopg.Error | None) -> None:
    kind = type(refusal).__name__ if refusal else "no error"
    sentence = "nothing keeps a task from being without a user"
    expect(refusal is not None, sentence, expected="an IntegrityError", actual=kind)


@then("the database refuses because of a foreign key")
def foreign_key_refused(refusal: psycopg.Error | None) -> None:
    kind = type(refusal).__name__ if refusal else "no error"
    expect_equal(kind, "ForeignKeyViolation", "no foreign key keeps tasks from being orphaned")
