"""Row-level security: the server's own login sees and changes one user's rows only."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg
from pytest_bdd import then, when

from steps.http.expectations import expect_equal, fail
from steps.http.lenient import task_id, tasks_in
from steps.http.operations import LIST
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.target.capabilities import offered


class Selected(NamedTuple):
    """The rows that the server's login selected from all tasks."""

    without_user: list[Any]
    """While the session named no user."""
    for_user: list[Any]
    """While it named one."""


@when(
    phrase(
        "{who} asks for her list, and the server's login then selects all tasks in {other}'s name"
    ),
    target_fixture="selected",
)
def select_everything(scene: Scene, who: str, other: str) -> Selected:
    scene.act(who, LIST)
    everything = scene.target.database.statement("SELECT {id} FROM {tasks}")
    with psycopg.connect(scene.target.database.server_url) as login:
        without_user = login.execute(everything).fetchall()
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.users.named(other).id])
        return Selected(without_user, login.execute(everything).fetchall())


@when(
    phrase(
        "{who} asks for her list, and the server's login then renames and deletes all tasks in "
        "{other}'s name"
    )
)
def change_everything(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST)
    with psycopg.connect(scene.target.database.server_url) as login:
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.users.named(other).id])
        login.execute(scene.target.database.statement("UPDATE {tasks} SET {title} = 'taken over'"))
        login.execute(scene.target.database.statement("DELETE FROM {tasks}"))


@then(phrase("in {who}'s name it cannot store a task of {other}'s"))
def cannot_store(scene: Scene, who: str, other: str) -> None:
    with psycopg.connect(scene.target.database.server_url) as login:
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.users.named(who).id])
        smuggled = "INSERT INTO {tasks} ({user_id}, {title}) VALUES (%s, 'smuggled in')"
        statement, values = scene.target.database.statement(smuggled), [scene.users.named(other).id]
        try:
            login.execute(statement, values)
        except psycopg.errors.InsufficientPrivilege:
            return
        fail("the server's login can store a task for another user", expected="a refusal")


@then(phrase("it sees exactly {who}'s tasks"))
def sees_own(scene: Scene, who: str, selected: Selected) -> None:
    seen = sorted(str(row[0]) for row in selected.for_user)
    own = sorted(task.id for task in scene.tasks.owned_by(who))
    expect_equal(seen, own, "the server's login sees other rows than the user's")
    listed = sorted(task_id(task) for task in tasks_in(scene.answer))
    expect_equal(listed, own, "the list holds other tasks", scene.answer)


@then("in nobody's name it sees none")
def sees_nothing(selected: Selected) -> None:
    sentence = "the server's login sees tasks in nobody's name"
    expect_equal(len(selected.without_user), 0, sentence)


@when("the server is started with a login that could see every row")
def start_with_owner(scene: Scene) -> None:
    scene.start_result = scene.target.try_start(
        {}, offered(scene.target.description.offers.row_security)
    )
