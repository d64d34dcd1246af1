"""Then: which fields a task has, and what is in them."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import then

from steps.http.expectations import (
    expect,
    expect_equal,
    expect_status,
    expect_success,
    fail,
    json_object,
    shape,
)
from steps.http.lenient import (
    FIELDS,
    completed,
    find_object,
    find_task,
    moment,
    shown,
    task_id,
    task_in,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

JSON_TYPES = {str: "a text", int: "a number", bool: "true or false", type(None): "null"}

NOT_SHOWN = "(not there)"

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@then(phrase('the task has the title "{title}"'))
def has_title(scene: Scene, title: str) -> None:
    _expect_fields(scene, title=title)


@then(phrase('the task has the title "{title}" and the description "{description}"'))
def has_title_and_description(scene: Scene, title: str, description: str) -> None:
    _expect_fields(scene, title=title, description=description)


def _expect_fields(scene: Scene, **values: str) -> None:
    task = task_in(scene.answer)
    actual = {name: shown(task, name) for name in values}
    wrong = " and ".join(name for name in values if actual[name] != values[name])
    expect_equal(actual, values, f"the task has another {wrong}", scene.answer)


@then(phrase('{who}\'s task "{title}" has the description "{description}"'))
def described(scene: Scene, who: str, title: str, description: str) -> None:
    actual = shown(scene.tasks.titled(who, title), "description")
    expect_equal(actual, description, "the task has another description")


@then(phrase('{who}\'s task "{title}" has the description "{description}" and is open'))
def described_and_open(scene: Scene, who: str, title: str, description: str) -> None:
    described(scene, who, title, description)
    task = scene.tasks.titled(who, title)
    expect(not completed(task), "the task is completed", expected="open", actual=task)


@then(phrase('{who}\'s task "{title}" has no description'))
def undescribed(scene: Scene, who: str, title: str) -> None:
    """Accept a description that is left out: the requirement of the fields judges that."""
    actual = scene.tasks.titled(who, title).get("description")
    expect_equal(actual, None, "the task has a description")


@then(phrase('{who}\'s task "{title}" has its title and its description as before'))
def title_and_description_stay(scene: Scene, who: str, title: str) -> None:
    """Compare what the server shows: the requirement of the fields judges which it shows."""
    identity = scene.tasks[title].id
    before = next(task for task in scene.tasks.snapshot_of(who) if task_id(task) == identity)
    now = scene.tasks.read(who, identity)
    for name in ("title", "description"):
        changed = f"the {name} of the task has changed"
        expect_equal(now.get(name, NOT_SHOWN), before.get(name, NOT_SHOWN), changed)


@then("the task's id and timestamps are not those of the body")
def not_from_body(scene: Scene) -> None:
    task = task_in(scene.answer)
    sent = scene.sent_fields["id"]
    expect(task_id(task) != sent, "the id is that of the body", answer=scene.answer)
    for name in sorted({"created_at", "updated_at"} & task.keys()):
        new = moment(task, name).year > 2001
        expect(new, f"{name} is that of the body", answer=scene.answer)


@then("both tasks have that title")
def both_titles(scene: Scene) -> None:
    expected = scene.sent_fields["title"].strip()
    titles = [shown(task, "title").strip() for task in _tasks_now(scene)]
    wrong = "the task has another title"
    expect_equal(titles, [expected] * len(titles), wrong, scene.answer)


@then("both tasks have that description")
def both_descriptions(scene: Scene) -> None:
    expected = scene.sent_fields["description"]
    actual = [
        task.get("description") if expected is None else shown(task, "description")
        for task in _tasks_now(scene)
    ]
    wrong = "the task has another description"
    expect_equal(actual, [expected] * len(actual), wrong, scene.answer)


def _tasks_now(scene: Scene) -> list[dict[str, Any]]:
    """Return the tasks of the answers; one that an answer does not show is read again."""
    changed = scene.tasks.first_id_of("Alice")
    tasks = [find_task(answer.json) for answer in scene.answers]
    return [scene.tasks.read("Alice", changed) if task is None else task for task in tasks]


@then(phrase("every task in the answers has {text} as title, and as description if it has one"))
def verbatim(scene: Scene, text: str) -> None:
    tasks = [(answer, find_task(answer.json)) for answer in scene.answers]
    for answer, _ in tasks:
        expect_success(answer)
    shows_one = any(task for _, task in tasks)
    expect(shows_one, "no answer shows a task", expected=FIELDS, answer=scene.answer)
    for answer, task in tasks:
        if task is not None:
            actual = {name: task[name] for name in ("title", "description") if name in task}
            sent = dict.fromkeys(actual, text)
            expect_equal(actual, sent, "text is not kept as it was sent", answer)


@then("the id of the task is a UUID")
def id_is_uuid(scene: Scene) -> None:
    identity = task_id(task_in(scene.answer))
    is_uuid, answer = UUID.fullmatch(identity), scene.answer
    expect(is_uuid, "the id is no UUID", expected="a UUID", actual=identity, answer=answer)


@then("the timestamps are RFC 3339 in UTC, with Z")
def timestamps_in_utc(scene: Scene) -> None:
    task = task_in(scene.answer)
    for name in ("created_at", "updated_at"):
        text = str(shown(task, name))
        right, sentence = RFC_3339_UTC.fullmatch(text), f"{name} is not RFC 3339 in UTC"
        example, answer = "2026-01-02T03:04:05Z", scene.answer
        expect(right, sentence, expected=example, actual=text, answer=answer)


@then("texts are texts, the completion flag is true or false, and timestamps can be read")
def field_types(scene: Scene) -> None:
    """Judge the fields that are there: that all are is judged by itself."""
    task = task_in(scene.answer)
    for name, kinds in {
        "id": (str, int),
        "user_id": (str, int),
        "title": (str,),
        "description": (str, type(None)),
        "is_completed": (bool,),
    }.items():
        if name in task:
            names = " or ".join(JSON_TYPES[kind] for kind in kinds)
            right, sentence = isinstance(task[name], kinds), f"{name} has another type"
            expect(right, sentence, expected=names, actual=task[name], answer=scene.answer)
    for name in sorted({"created_at", "updated_at"} & task.keys()):
        moment(task, name)


@then("the answer is a task")
def answer_is_a_task(scene: Scene) -> None:
    """Accept any status of success and a wrapped task: other scenarios judge these."""
    expect_status(scene.answer, 200, 201)
    task_in(scene.answer)


@then("the answer is 201 with a task")
def created(scene: Scene) -> None:
    expect_status(scene.answer, 201)
    direct_task(scene)


@then("the body is the task itself")
def direct_task(scene: Scene) -> None:
    """A task under a key of another object is no body that is the task."""
    answer, value = scene.answer, json_object(scene.answer)
    task = find_task(value)
    if task is None:
        fail(f"expected a task, got {shape(answer)}", expected=FIELDS, answer=answer)
    direct = value.items() <= task.items()
    expect(direct, "the task stands in another object", expected=FIELDS, answer=answer)


@then(phrase("the task has the fields {names}"))
def has_fields(scene: Scene, names: str) -> None:
    """Look into an object around the task, too: that there is none is judged by itself."""
    expected = set(re.split(", | and ", names))
    expect_equal(sorted(expected), sorted(FIELDS), "the harness knows other fields")
    answer, value = scene.answer, scene.answer.own_json
    value = find_object(value) or value
    if not isinstance(value, dict):
        fail(f"expected a task, got {shape(answer)}", expected=FIELDS, answer=answer)
    missing = sorted(expected - value.keys())
    sentence = f"the task lacks {', '.join(missing)}"
    expect(not missing, sentence, expected=sorted(expected), actual=sorted(value), answer=answer)
