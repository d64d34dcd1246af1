"""Then: the fields of a task, in an answer and read again."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import then

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
    assert actual == values, f"expected {values}: {scene.answer}"


@then(phrase("the task belongs to {who} and is open"))
def belongs_and_open(scene: Scene, who: str) -> None:
    belongs_to(scene, who)
    is_open(scene)


@then(phrase("the task belongs to {who}"))
def belongs_to(scene: Scene, who: str) -> None:
    task, user = task_in(scene.answer), scene.users.named(who)
    owner = str(task.get("user_id", user.id))  # without the field, the list alone shows the owner
    assert owner == user.id, f"the task belongs to {owner}: {scene.answer}"
    listed = {task_id(t) for t in scene.tasks.listed(who)}
    assert task_id(task) in listed, f"the task is not in {who}'s list: {scene.answer}"


@then("both answers carry that user's id")
def both_carry_id(scene: Scene) -> None:
    for answer in scene.answers:
        assert answer.status in {200, 201}, f"expected a task: {answer}"
        owner = task_in(answer).get("user_id")
        assert owner == scene.users.named("Alice").id, f"user_id {owner!r}: {answer}"


@then("the task is open")
@then("the task is still open")
def is_open(scene: Scene) -> None:
    assert not completed(task_in(scene.answer)), f"the task is completed: {scene.answer}"


@then("the task is completed")
@then("the task is still completed")
def is_completed(scene: Scene) -> None:
    assert completed(task_in(scene.answer)), f"the task is open: {scene.answer}"


@then(phrase('the task "{title}" is completed'))
def named_is_completed(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    assert completed(scene.tasks.read(task.owner, task.id)), "the toggles were not all counted"


@then(phrase('the task "{title}" is open'))
def named_is_open(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    assert not completed(scene.tasks.read(task.owner, task.id)), "a toggle was lost"


@then(phrase('of {who}\'s tasks exactly "{title}" is completed'))
def only_completed(scene: Scene, who: str, title: str) -> None:
    done = [task["title"] for task in scene.tasks.listed(who) if completed(task)]
    assert done == [title], f"completed are {done}"


@then("the task's id and timestamps are not those of the body")
def not_from_body(scene: Scene) -> None:
    task = task_in(scene.answer)
    assert task_id(task) != UNKNOWN_ID, f"the id is that of the body: {scene.answer}"
    for name in ("created_at", "updated_at"):
        assert moment(task, name).year > 2001, f"{name} is that of the body: {scene.answer}"


@then(phrase("{who}'s tasks are untouched"))
def untouched(scene: Scene, who: str) -> None:
    before, now = scene.tasks.snapshot_of(who), scene.tasks.listed(who)
    assert now == before, f"{who}'s tasks were {before} and are {now}"


@then("reading it again gives the same task")
def reading_again(scene: Scene) -> None:
    task = task_in(scene.answer)
    again = scene.tasks.read("Alice", task_id(task))
    assert again == task, f"the answer was {task}, reading it again gives {again}"


@then(phrase('reading the task "{title}" is answered {status:d}'))
def reading_is_answered(scene: Scene, title: str, status: int) -> None:
    task = scene.tasks[title]
    url = f"/api/{scene.users.named(task.owner).id}/tasks/{task.id}"
    answer = scene.client.send("GET", url, token=scene.users.named(task.owner).token)
    assert answer.status == status, f"expected {status}: {answer}"


@then("both tasks have that title")
def both_titles(scene: Scene) -> None:
    expected = scene.sent_fields["title"].strip()
    titles = [task_in(answer)["title"] for answer in scene.answers]
    assert titles == [expected] * len(titles), f"expected {expected!r} each time, got {titles}"


@then("both tasks have that description")
def both_descriptions(scene: Scene) -> None:
    expected = scene.sent_fields["description"]
    actual = [task_in(answer).get("description", "(not there)") for answer in scene.answers]
    assert actual == [expected] * len(actual), f"expected {expected!r} each time, got {actual}"


@then(phrase("every answer has {text} as title and description"))
def verbatim(scene: Scene, text: str) -> None:
    for answer in scene.answers:
        task = task_in(answer)
        actual = task["title"], task.get("description")
        assert actual == (text.strip(), text), f"expected {text!r} verbatim: {answer}"


@then("each field has its type, ids are UUIDs and timestamps are RFC 3339 in UTC")
def field_types(scene: Scene) -> None:
    task = scene.answer.json
    assert isinstance(task, dict), f"not a task: {scene.answer}"
    assert UUID.fullmatch(str(task["id"])), f"the id is no UUID: {scene.answer}"
    for name, kinds in {
        "user_id": (str,),
        "title": (str,),
        "description": (str, type(None)),
        "is_completed": (bool,),
    }.items():
        assert isinstance(task[name], kinds), f"{name} has another type: {scene.answer}"
    for name in ("created_at", "updated_at"):
        assert RFC_3339_UTC.fullmatch(task[name]), f"{name} is not RFC 3339 in UTC: {scene.answer}"


@then("the answer is a task")
def answer_is_a_task(scene: Scene) -> None:
    """Accept any status of success and a wrapped task: other scenarios judge these."""
    assert scene.answer.status in {200, 201}, f"expected a task: {scene.answer}"
    task_in(scene.answer)


@then("the answer is 201 with a task")
def created(scene: Scene) -> None:
    _direct_task(scene, 201)


@then("the answer is 200 with a task")
def ok_with_task(scene: Scene) -> None:
    _direct_task(scene, 200)


def _direct_task(scene: Scene, status: int) -> None:
    assert scene.answer.status == status, f"expected {status}: {scene.answer}"
    value = scene.answer.json
    assert isinstance(value, dict), f"expected a task: {scene.answer}"
    assert {"id", "title"} <= value.keys(), f"expected a task: {scene.answer}"


@then(phrase("every reading shows the change before it"))
def readings_are_fresh(scene: Scene) -> None:
    titles = [task_in(answer)["title"] for answer in scene.answers]
    assert titles == [f"change {number}" for number in range(len(titles))], f"read: {titles}"


@then("the last answer is 200 and shows the change")
def shows_the_change(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected 200: {scene.answer}"
    assert task_in(scene.answer)["title"] == "changed", f"an old answer: {scene.answer}"


@then(phrase("the task has exactly the fields {names}"))
def exact_fields(scene: Scene, names: str) -> None:
    expected = set(re.split(", | and ", names))
    assert expected == set(FIELDS)
    value = scene.answer.own_json
    assert isinstance(value, dict), f"not a task: {scene.answer}"
    assert value.keys() == expected, f"fields {sorted(value)}: {scene.answer}"
