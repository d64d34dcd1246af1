"""Then: the fields of a task, in an answer and read again."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import then

from steps.http.expectations import expect, expect_equal, expect_status, json_object, shape
from steps.http.lenient import (
    FIELDS,
    completed,
    moment,
    task_id,
    task_in,
)
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

JSON_TYPES = {str: "a text", bool: "true or false", type(None): "null"}
NOT_THERE = object()

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@then(phrase('the task has the title "{title}" and the description "{description}"'))
def has_title_and_description(scene: Scene, title: str, description: str) -> None:
    _assert_fields(scene, title=title, description=description)


@then(phrase('the task has the title "{title}" and no description'))
def has_no_description(scene: Scene, title: str) -> None:
    _assert_fields(scene, title=title, description=None)


def _assert_fields(scene: Scene, **values: Any) -> None:
    task = task_in(scene.answer)
    actual = {name: task.get(name, "(not there)") for name in values}
    wrong = " and ".join(name for name in values if actual[name] != values[name])
    expect_equal(actual, values, f"the task has another {wrong}", scene.answer)


@then(phrase("the task belongs to {who} and is open"))
def belongs_and_open(scene: Scene, who: str) -> None:
    belongs_to(scene, who)
    is_open(scene)


@then(phrase("the task belongs to {who}"))
def belongs_to(scene: Scene, who: str) -> None:
    task, user = task_in(scene.answer), scene.users.named(who)
    owner = str(task.get("user_id", user.id))  # without the field, the list alone shows the owner
    expect_equal(owner, user.id, "the task belongs to another user", scene.answer)
    listed = [task_id(t) for t in scene.tasks.listed(who)]
    sentence = "the task is not in its owner's list"
    own, answer = task_id(task), scene.answer
    expect(own in listed, sentence, expected=own, actual=listed, answer=answer)


@then("both answers carry that user's id")
def both_carry_id(scene: Scene) -> None:
    for answer in scene.answers:
        expect_status(answer, 200, 201)
        owner = task_in(answer).get("user_id")
        user_id = scene.users.named("Alice").id
        expect_equal(owner, user_id, "user_id is not the user's id", answer)


@then("the task is open")
@then("the task is still open")
def is_open(scene: Scene) -> None:
    expect(not completed(task_in(scene.answer)), "the task is completed", answer=scene.answer)


@then("the task is completed")
@then("the task is still completed")
def is_completed(scene: Scene) -> None:
    expect(completed(task_in(scene.answer)), "the task is open", answer=scene.answer)


@then(phrase('the task "{title}" is completed'))
def named_is_completed(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    done = completed(scene.tasks.read(task.owner, task.id))
    expect(done, "a toggle was lost", expected="completed", actual="open")


@then(phrase('the task "{title}" is open'))
def named_is_open(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    done = completed(scene.tasks.read(task.owner, task.id))
    expect(not done, "a toggle was lost", expected="open", actual="completed")


@then(phrase('of {who}\'s tasks exactly "{title}" is completed'))
def only_completed(scene: Scene, who: str, title: str) -> None:
    done = [task["title"] for task in scene.tasks.listed(who) if completed(task)]
    expect_equal(done, [title], "other tasks are completed")


@then("the task's id and timestamps are not those of the body")
def not_from_body(scene: Scene) -> None:
    task = task_in(scene.answer)
    expect(task_id(task) != UNKNOWN_ID, "the id is that of the body", answer=scene.answer)
    for name in ("created_at", "updated_at"):
        new = moment(task, name).year > 2001
        expect(new, f"{name} is that of the body", answer=scene.answer)


@then(phrase("{who}'s tasks are untouched"))
def untouched(scene: Scene, who: str) -> None:
    before, now = scene.tasks.snapshot_of(who), scene.tasks.listed(who)
    expect_equal(now, before, f"{who}'s tasks have changed")


@then("reading it again gives the same task")
def reading_again(scene: Scene) -> None:
    task = task_in(scene.answer)
    again = scene.tasks.read("Alice", task_id(task))
    expect_equal(again, task, "reading the task again gives another one", scene.answer)


@then(phrase('reading the task "{title}" is answered {status:d}'))
def reading_is_answered(scene: Scene, title: str, status: int) -> None:
    task = scene.tasks[title]
    url = f"/api/{scene.users.named(task.owner).id}/tasks/{task.id}"
    answer = scene.client.send("GET", url, token=scene.users.named(task.owner).token)
    expect_status(answer, status)


@then("both tasks have that title")
def both_titles(scene: Scene) -> None:
    expected = scene.sent_fields["title"].strip()
    titles = [task_in(answer)["title"] for answer in scene.answers]
    expect_equal(titles, [expected] * 2, "the task has another title", scene.answer)


@then("both tasks have that description")
def both_descriptions(scene: Scene) -> None:
    expected = scene.sent_fields["description"]
    actual = [task_in(answer).get("description", "(not there)") for answer in scene.answers]
    expect_equal(actual, [expected] * 2, "the task has another description", scene.answer)


@then(phrase("every answer has {text} as title and description"))
def verbatim(scene: Scene, text: str) -> None:
    for answer in scene.answers:
        task = task_in(answer)
        actual = {"title": task["title"], "description": task.get("description")}
        verbatim = {"title": text.strip(), "description": text}
        expect_equal(actual, verbatim, "text is not kept as it was sent", answer)


@then("each field has its type, ids are UUIDs and timestamps are RFC 3339 in UTC")
def field_types(scene: Scene) -> None:
    task, answer = json_object(scene.answer), scene.answer
    is_uuid = UUID.fullmatch(str(task.get("id")))
    expect(is_uuid, "the id is no UUID", expected="a UUID", actual=task.get("id"), answer=answer)
    for name, kinds in {
        "user_id": (str,),
        "title": (str,),
        "description": (str, type(None)),
        "is_completed": (bool,),
    }.items():
        names = " or ".join(JSON_TYPES[kind] for kind in kinds)
        value = task.get(name, NOT_THERE)
        right, sentence = isinstance(value, kinds), f"{name} has another type"
        shown = "(not there)" if value is NOT_THERE else value
        expect(right, sentence, expected=names, actual=shown, answer=answer)
    for name in ("created_at", "updated_at"):
        value = task.get(name, "(not there)")
        right = RFC_3339_UTC.fullmatch(str(value)) is not None
        sentence = f"{name} is not RFC 3339 in UTC"
        expect(right, sentence, expected="2026-01-02T03:04:05Z", actual=value, answer=answer)


@then("the answer is a task")
def answer_is_a_task(scene: Scene) -> None:
    """Accept any status of success and a wrapped task: other scenarios judge these."""
    expect_status(scene.answer, 200, 201)
    task_in(scene.answer)


@then("the answer is 201 with a task")
def created(scene: Scene) -> None:
    _direct_task(scene, 201)


@then("the answer is 200 with a task")
def ok_with_task(scene: Scene) -> None:
    _direct_task(scene, 200)


def _direct_task(scene: Scene, status: int) -> None:
    expect_status(scene.answer, status)
    value = json_object(scene.answer)
    is_task, got = {"id", "title"} <= value.keys(), shape(scene.answer)
    expect(is_task, f"expected a task, got {got}", expected=FIELDS, answer=scene.answer)


@then(phrase("every reading shows the change before it"))
def readings_are_fresh(scene: Scene) -> None:
    titles = [task_in(answer)["title"] for answer in scene.answers]
    changes = [f"change {number}" for number in range(len(titles))]
    expect_equal(titles, changes, "a reading does not show the change before it", scene.answer)


@then("the last answer is 200 and shows the change")
def shows_the_change(scene: Scene) -> None:
    expect_status(scene.answer, 200)
    title = task_in(scene.answer)["title"]
    expect_equal(title, "changed", "the answer is older than the change", scene.answer)


@then(phrase("the task has exactly the fields {names}"))
def exact_fields(scene: Scene, names: str) -> None:
    expected = set(re.split(", | and ", names))
    expect_equal(sorted(expected), sorted(FIELDS), "the harness knows other fields")
    value = json_object(scene.answer)
    missing, more = sorted(expected - value.keys()), sorted(value.keys() - expected)
    wrong = [f"lacks {', '.join(missing)}"] if missing else []
    wrong += [f"has {', '.join(more)} besides"] if more else []
    sentence = f"the task {' and '.join(wrong)}"
    expect(
        not wrong, sentence, expected=sorted(expected), actual=sorted(value), answer=scene.answer
    )
