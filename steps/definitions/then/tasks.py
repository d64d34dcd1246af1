"""Then: the fields of a task, in an answer and read again."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import then

from steps.http.expectations import expect, expect_equal, expect_status
from steps.http.lenient import (
    FIELDS,
    completed,
    find_task,
    moment,
    same_id,
    shown,
    task_id,
    task_in,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

JSON_TYPES = {str: "a text", bool: "true or false", type(None): "null"}
NOT_THERE = object()

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@then(phrase('the task has the title "{title}"'))
def has_title(scene: Scene, title: str) -> None:
    assert shown(task_in(scene.answer), "title") == title, f"another title: {scene.answer}"


@then(phrase('the task has the title "{title}" and the description "{description}"'))
def has_title_and_description(scene: Scene, title: str, description: str) -> None:
    task = task_in(scene.answer)
    actual = shown(task, "title"), shown(task, "description")
    assert actual == (title, description), f"expected {title, description}: {scene.answer}"


@then(phrase('{who}\'s task "{title}" has the description "{description}"'))
def described(scene: Scene, who: str, title: str, description: str) -> None:
    actual = shown(scene.tasks.titled(who, title), "description")
    assert actual == description, f"expected the description {description!r}, got {actual!r}"


@then(phrase('{who}\'s task "{title}" has the description "{description}" and is open'))
def described_and_open(scene: Scene, who: str, title: str, description: str) -> None:
    described(scene, who, title, description)
    assert not completed(scene.tasks.titled(who, title)), "the task is completed"


@then(phrase('{who}\'s task "{title}" has no description'))
def undescribed(scene: Scene, who: str, title: str) -> None:
    """Accept a description that is left out: the requirement of the fields judges that."""
    actual = scene.tasks.titled(who, title).get("description")
    assert actual is None, f"expected no description, got {actual!r}"


@then(phrase('{who}\'s task "{title}" has its title and its description as before'))
def title_and_description_stay(scene: Scene, who: str, title: str) -> None:
    """Compare what the server shows: the requirement of the fields judges which it shows."""
    identity = scene.tasks[title].id
    before = next(task for task in scene.tasks.snapshot_of(who) if task_id(task) == identity)
    now = scene.tasks.read(who, identity)
    for name in ("title", "description"):
        assert now.get(name) == before.get(name), f"{name} was {before.get(name)!r}: {now}"


@then(phrase("the task belongs to {who} and is open"))
def belongs_and_open(scene: Scene, who: str) -> None:
    belongs_to(scene, who)
    done = task_in(scene.answer).get("is_completed", False)
    assert not done, f"the task is completed: {scene.answer}"


@then(phrase("the task belongs to {who}"))
def belongs_to(scene: Scene, who: str) -> None:
    task, user = task_in(scene.answer), scene.users.named(who)
    owner = str(task.get("user_id", user.id))  # without the field, the list alone shows the owner
    assert same_id(owner, user.id), f"the task belongs to {owner}: {scene.answer}"
    listed = {task_id(t) for t in scene.tasks.listed(who)}
    assert task_id(task) in listed, f"the task is not in {who}'s list: {scene.answer}"


@then("both answers carry that user's id")
def both_carry_id(scene: Scene) -> None:
    for answer in scene.answers:
        assert answer.status in {200, 201}, f"expected a task: {answer}"
        own = scene.users.named("Alice").id
        owner = str(task_in(answer).get("user_id", own))
        assert same_id(owner, own), f"user_id {owner!r}: {answer}"


@then("the task is completed")
def is_completed(scene: Scene) -> None:
    expect(completed(task_in(scene.answer)), "the task is open", answer=scene.answer)


@then(phrase('the task "{title}" is completed'))
def named_is_completed(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    assert completed(scene.tasks.read(task.owner, task.id)), f"the task {title} is open"


@then(phrase('the task "{title}" is open'))
def named_is_open(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    assert not completed(scene.tasks.read(task.owner, task.id)), f"the task {title} is completed"


@then(phrase('of {who}\'s tasks exactly "{title}" is completed'))
def only_completed(scene: Scene, who: str, title: str) -> None:
    done = [shown(task, "title") for task in scene.tasks.listed(who) if completed(task)]
    assert done == [title], f"completed are {done}"


@then("the task's id and timestamps are not those of the body")
def not_from_body(scene: Scene) -> None:
    task = task_in(scene.answer)
    sent = scene.sent_fields["id"]
    assert task_id(task) != sent, f"the id is that of the body: {scene.answer}"
    for name in {"created_at", "updated_at"} & task.keys():
        assert moment(task, name).year > 2001, f"{name} is that of the body: {scene.answer}"


@then(phrase("{who}'s tasks are untouched"))
def untouched(scene: Scene, who: str) -> None:
    before, now = scene.tasks.snapshot_of(who), scene.tasks.listed_again(who)
    assert now == before, f"{who}'s tasks were {before} and are {now}"


@then("reading it again gives the same task")
def reading_again(scene: Scene) -> None:
    task = task_in(scene.answer)
    again = scene.tasks.read("Alice", task_id(task))
    expect_equal(again, task, "reading the task again gives another one", scene.answer)


@then(phrase('reading the task "{title}" finds nothing'))
def reading_finds_nothing(scene: Scene, title: str) -> None:
    """Accept every refusal: other scenarios judge with which status a task is not found."""
    task = scene.tasks[title]
    url = f"/api/{scene.users.named(task.owner).id}/tasks/{task.id}"
    answer = scene.client.send("GET", url, token=scene.users.named(task.owner).token)
    assert (answer.status or 0) in range(400, 500), f"the task can still be read: {answer}"


@then("both tasks have that title")
def both_titles(scene: Scene) -> None:
    expected = scene.sent_fields["title"].strip()
    titles = [shown(task, "title").strip() for task in _tasks_now(scene)]
    assert titles == [expected] * len(titles), f"expected {expected!r} each time, got {titles}"


@then("both tasks have that description")
def both_descriptions(scene: Scene) -> None:
    expected = scene.sent_fields["description"]
    actual = [
        task.get("description") if expected is None else shown(task, "description")
        for task in _tasks_now(scene)
    ]
    assert actual == [expected] * len(actual), f"expected {expected!r} each time, got {actual}"


def _tasks_now(scene: Scene) -> list[dict[str, Any]]:
    """Return the tasks of the answers; one that an answer does not show is read again."""
    changed = scene.tasks.first_id_of("Alice")
    tasks = [find_task(answer.json) for answer in scene.answers]
    return [scene.tasks.read("Alice", changed) if task is None else task for task in tasks]


@then(phrase("every task in the answers has {text} as title, and as description if it has one"))
def verbatim(scene: Scene, text: str) -> None:
    tasks = [(answer, find_task(answer.json)) for answer in scene.answers]
    assert any(task for _, task in tasks), f"no answer shows a task: {scene.answer}"
    for answer, task in tasks:
        assert (answer.status or 0) in range(200, 300), f"expected a success: {answer}"
        if task is not None:
            actual = task["title"], task.get("description", text)
            assert actual == (text, text), f"expected {text!r} verbatim: {answer}"


@then("the id of the task is a UUID")
def id_is_uuid(scene: Scene) -> None:
    identity = task_id(task_in(scene.answer))
    assert UUID.fullmatch(identity), f"the id is no UUID: {scene.answer}"


@then("the timestamps are RFC 3339 in UTC, with Z")
def timestamps_in_utc(scene: Scene) -> None:
    task = task_in(scene.answer)
    for name in ("created_at", "updated_at"):
        text = str(shown(task, name))
        assert RFC_3339_UTC.fullmatch(text), f"{name} is not RFC 3339 in UTC: {scene.answer}"


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
            assert isinstance(task[name], kinds), f"{name} has another type: {scene.answer}"
    for name in {"created_at", "updated_at"} & task.keys():
        moment(task, name)


@then("the answer is a task")
def answer_is_a_task(scene: Scene) -> None:
    """Accept any status of success and a wrapped task: other scenarios judge these."""
    expect_status(scene.answer, 200, 201)
    task_in(scene.answer)


@then("the answer is 201 with a task")
def created(scene: Scene) -> None:
    assert scene.answer.status == 201, f"expected 201: {scene.answer}"
    direct_task(scene)


@then("the body is the task itself")
def direct_task(scene: Scene) -> None:
    """A task under a key of another object is no body that is the task."""
    value = scene.answer.json
    assert isinstance(value, dict), f"expected a task: {scene.answer}"
    task = find_task(value)
    assert task is not None, f"expected a task: {scene.answer}"
    assert value.items() <= task.items(), f"the task stands in another object: {scene.answer}"


@then(phrase("every reading shows the change before it"))
def readings_are_fresh(scene: Scene) -> None:
    titles = [shown(task_in(answer), "title") for answer in scene.answers]
    assert titles == [f"change {number}" for number in range(len(titles))], f"read: {titles}"


@then("the last answer is 200 and shows the change")
def shows_the_change(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected 200: {scene.answer}"
    assert shown(task_in(scene.answer), "title") == "changed", f"an old answer: {scene.answer}"


@then(phrase("the task has the fields {names}"))
def has_fields(scene: Scene, names: str) -> None:
    expected = set(re.split(", | and ", names))
    assert expected == set(FIELDS)
    value = scene.answer.own_json
    assert isinstance(value, dict), f"not a task: {scene.answer}"
    missing = sorted(expected - value.keys())
    assert not missing, f"without {', '.join(missing)}, with {sorted(value)}: {scene.answer}"
