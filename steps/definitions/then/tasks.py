"""Then: whose a task is, whether it is completed, and what is read of it later."""

from __future__ import annotations

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import (
    expect,
    expect_equal,
    expect_status,
    expect_statuses,
    expect_unchanged,
)
from steps.http.lenient import (
    completed,
    same_id,
    shown,
    task_id,
    task_in,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@then(phrase("the task belongs to {who} and is open"))
def belongs_and_open(scene: Scene, who: str) -> None:
    belongs_to(scene, who)
    done = task_in(scene.answer).get("is_completed", False)
    expect(not done, "the task is completed", expected="open", answer=scene.answer)


@then(phrase("the task belongs to {who}"))
def belongs_to(scene: Scene, who: str) -> None:
    task, user = task_in(scene.answer), scene.users.named(who)
    owner = str(task.get("user_id", user.id))  # without the field, the list alone shows the owner
    _expect_owner(owner, user.id, "the task belongs to another user", scene.answer)
    listed = [task_id(t) for t in scene.tasks.listed(who)]
    sentence = "the task is not in its owner's list"
    own, answer = task_id(task), scene.answer
    expect(own in listed, sentence, expected=own, actual=listed, answer=answer)


def _expect_owner(actual: str, expected: str, sentence: str, answer: Answer) -> None:
    right = same_id(actual, expected)
    expect(right, sentence, expected=expected, actual=actual, answer=answer)


@then("both answers carry that user's id")
def both_carry_id(scene: Scene) -> None:
    for answer in scene.answers:
        expect_status(answer, 200, 201)
        own = scene.users.named("Alice").id
        owner = str(task_in(answer).get("user_id", own))
        _expect_owner(owner, own, "user_id is not the user's id", answer)


@then("the task is completed")
def is_completed(scene: Scene) -> None:
    expect(completed(task_in(scene.answer)), "the task is open", answer=scene.answer)


@then(phrase('the task "{title}" is completed'))
def named_is_completed(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    done = completed(scene.tasks.read(task.owner, task.id))
    expect(done, "the task is open", expected="completed", actual="open")


@then(phrase('the task "{title}" is open'))
def named_is_open(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    done = completed(scene.tasks.read(task.owner, task.id))
    expect(not done, "the task is completed", expected="open", actual="completed")


@then(phrase('of {who}\'s tasks exactly "{title}" is completed'))
def only_completed(scene: Scene, who: str, title: str) -> None:
    done = [shown(task, "title") for task in scene.tasks.listed(who) if completed(task)]
    expect_equal(done, [title], "other tasks are completed")


@then(phrase("{who}'s tasks are untouched"))
def untouched(scene: Scene, who: str) -> None:
    before, now = scene.tasks.snapshot_of(who), scene.tasks.listed_again(who)
    expect_unchanged(now, before, f"{who}'s tasks have changed")


@then("reading it again gives the same task")
def reading_again(scene: Scene) -> None:
    """A field that is left out is null: other scenarios judge that every field is shown."""
    task = task_in(scene.answer)
    again = scene.tasks.read("Alice", task_id(task))
    shown_now, shown_before = (
        {name: value for name, value in one.items() if value is not None} for one in (again, task)
    )
    sentence = "reading the task again gives another one"
    expect_equal(shown_now, shown_before, sentence, scene.answer)


@then(phrase('reading the task "{title}" finds nothing'))
def reading_finds_nothing(scene: Scene, title: str) -> None:
    """Accept every refusal: other scenarios judge with which status a task is not found."""
    task = scene.tasks[title]
    url = f"/api/{scene.users.named(task.owner).id}/tasks/{task.id}"
    answer = scene.client.send("GET", url, token=scene.users.named(task.owner).token)
    expect_statuses([answer], range(400, 500), "a refusal")


@then(phrase("every reading shows the change before it"))
def readings_are_fresh(scene: Scene) -> None:
    titles = [shown(task_in(answer), "title") for answer in scene.answers]
    changes = [f"change {number}" for number in range(len(titles))]
    expect_equal(titles, changes, "a reading does not show the change before it", scene.answer)


@then("the last answer is 200 and shows the change")
def shows_the_change(scene: Scene) -> None:
    expect_status(scene.answer, 200)
    title = shown(task_in(scene.answer), "title")
    expect_equal(title, "changed", "the answer is older than the change", scene.answer)
