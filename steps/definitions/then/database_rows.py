"""Then: what the database holds, as its operator sees it."""

from __future__ import annotations

from pytest_bdd import then

from steps.http.expectations import expect, expect_equal
from steps.http.lenient import (
    in_utc,
    moment,
    precision,
    same_id,
    task_id,
    task_in,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@then("the database holds that task with the same values, as Alice's")
def row_has_same_values(scene: Scene) -> None:
    task = task_in(scene.answer)
    rows = scene.target.database.ask(
        "SELECT {user_id}::text, {title}, {description}, {is_completed}, {created_at}, "
        "{updated_at} FROM {tasks} WHERE {id}::text = %(id)s",
        {"id": task_id(task)},
    )
    expect_equal(len(rows), 1, "the database does not hold one row of the task", scene.answer)
    user_id, title, description, done, created, updated = rows[0]
    row = {"title": title, "description": description, "is_completed": done}
    # That each is in the answer is judged by itself.
    kept = {name: value for name, value in row.items() if name in task}
    answered = {name: task[name] for name in kept}
    expect_equal(kept, answered, "the database holds other values than the answer", scene.answer)
    own, of_another = scene.users.named("Alice").id, "the row belongs to another user"
    right, answer = same_id(user_id, own), scene.answer
    expect(right, of_another, expected=own, actual=user_id, answer=answer)
    for name, when in {"created_at": created, "updated_at": updated}.items():
        if name in task:
            shown = moment(task, name)
            same = abs(in_utc(when) - shown) < precision(shown)
            other, actual = f"the database holds another {name} than the answer", when.isoformat()
            expect(same, other, expected=task[name], actual=actual, answer=answer)


@then("the task's user column is a foreign key to the users")
def foreign_key(scene: Scene) -> None:
    keys = scene.target.database.ask(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = '{tasks}'::regclass "
        "AND confrelid = '{users}'::regclass"
    )
    definitions = [row[0] for row in keys]
    key = f"FOREIGN KEY ({scene.target.database.columns.plain('user_id')})"
    found = any(key in definition.replace('"', "") for definition in definitions)
    sentence = "the task's user column is no foreign key to the users"
    expect(found, sentence, expected=key, actual=definitions)


@then(phrase('no row of the task "{title}" is left in the database'))
def no_row(scene: Scene, title: str) -> None:
    rows = scene.target.database.ask(
        "SELECT * FROM {tasks} WHERE {id}::text = %(id)s", {"id": scene.tasks[title].id}
    )
    expect(not rows, "the deleted task's row is still in the database", actual=rows)


@then(phrase("no task of {who} is left in the database"))
def no_rows_of(scene: Scene, who: str) -> None:
    """Look for the tasks by their ids, too, and for any without a user: a deletion may cut the tie.

    What the scenario did not create is looked at all the same: such a task is nobody's.
    """
    rows = scene.target.database.ask(
        "SELECT {id} FROM {tasks} WHERE {user_id}::text = %(user)s OR {user_id} IS NULL "
        "OR {id}::text = ANY(%(ids)s)",
        {
            "user": scene.users.named(who).id,
            "ids": [task.id for task in scene.tasks.owned_by(who)],
        },
    )
    orphaned = f"{len(rows)} tasks of the deleted user, or of nobody"
    expect(not rows, "a deleted user's tasks are left in the database", actual=orphaned)
