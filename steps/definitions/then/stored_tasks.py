"""Then: what the tasks are like now, in answers, in lists and in the database."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from pytest_bdd import then

from steps.http.lenient import (
    completed,
    in_utc,
    moment,
    ordinal,
    own_tasks,
    task_id,
    task_in,
    tasks_in,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import UNKNOWN_ID, Scene

RFC_3339_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def titles_of(tasks: list[dict[str, Any]]) -> list[str]:
    """Return the titles in the order of the list."""
    return [task["title"] for task in tasks]


@then(phrase('the list is "{first}", "{second}", "{third}"'))
def list_is(scene: Scene, first: str, second: str, third: str) -> None:
    titles = titles_of(tasks_in(scene.answer))
    assert titles == [first, second, third], f"the order is {titles}: {scene.answer}"


@then(phrase("the list holds exactly {titles:Quoted}"))
def list_holds(scene: Scene, titles: str) -> None:
    assert scene.answer.status == 200, f"expected the list: {scene.answer}"
    _same_titles(titles_of(_own(scene)), titles)


def _own(scene: Scene) -> list[dict[str, Any]]:
    """Return the asker's own tasks: whether there are others is judged where it is the point."""
    answer = scene.answer
    return own_tasks(answer, scene.user(answer.sender or "Alice").id)


@then(phrase("{who}'s list holds exactly {titles:Quoted}"))
def users_list_holds(scene: Scene, who: str, titles: str) -> None:
    _same_titles(titles_of(scene.tasks_of(who)), titles)


def _same_titles(actual: list[str], quoted: str) -> None:
    expected = re.findall('"([^"]*)"', quoted)
    assert sorted(actual) == sorted(expected), f"the list holds {actual}, not {expected}"


@then(phrase("{who}'s list is empty"))
def users_list_is_empty(scene: Scene, who: str) -> None:
    titles = titles_of(scene.tasks_of(who))
    assert titles == [], f"the list holds {titles}"


@then("the answer is 200 with a JSON array of tasks")
def json_array(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected 200: {scene.answer}"
    assert isinstance(scene.answer.json, list), f"not a JSON array: {scene.answer}"
    assert scene.answer.json, "the array is empty"


@then("the answer is 200 with an empty JSON array")
def empty_array(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected 200: {scene.answer}"
    assert scene.answer.json == [], f"not an empty JSON array: {scene.answer}"


@then("the list is the same as without the query")
def list_is_the_same(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected the list: {scene.answer}"
    plain = titles_of(scene.tasks_of(scene.answer.sender))
    assert len(plain) > 1, f"a list of {len(plain)} shows nothing"
    titles = titles_of(_own(scene))
    assert titles == plain, f"without the query it is {plain}: {scene.answer}"


@then("the list is empty")
def list_is_empty(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected the list: {scene.answer}"
    assert _own(scene) == [], f"the list is not empty: {scene.answer}"


@then(phrase("the list holds {count:Number} different tasks"))
def list_is_whole(scene: Scene, count: int) -> None:
    tasks = _own(scene)
    assert len({task_id(task) for task in tasks}) == count == len(tasks), (
        f"{len(tasks)} tasks in the list instead of {count}"
    )


@then(phrase("the list holds {count:Number} different tasks, newest first"))
def list_is_complete(scene: Scene, count: int) -> None:
    list_is_whole(scene, count)
    moments = [moment(task, "created_at") for task in tasks_in(scene.answer)]
    assert moments == sorted(moments, reverse=True), "the list is not ordered newest first"


@then("the list is ordered by creation date and id, both descending")
def list_is_ordered(scene: Scene) -> None:
    tasks = tasks_in(scene.answer)
    keys = [(moment(task, "created_at"), ordinal(task_id(task))) for task in tasks]
    assert len(keys) > 1, "there is nothing to order"
    assert keys == sorted(keys, reverse=True), f"not in order: {keys}"


@then(phrase('the task has the title "{title}" and the description "{description}"'))
def has_title_and_description(scene: Scene, title: str, description: str) -> None:
    _has(scene, title=title, description=description)


@then(phrase('the task has the title "{title}" and no description'))
def has_no_description(scene: Scene, title: str) -> None:
    _has(scene, title=title, description=None)


def _has(scene: Scene, **values: Any) -> None:
    task = task_in(scene.answer)
    actual = {name: task.get(name, "(not there)") for name in values}
    assert actual == values, f"expected {values}: {scene.answer}"


@then(phrase("the task belongs to {who} and is open"))
def belongs_and_open(scene: Scene, who: str) -> None:
    belongs(scene, who)
    is_open(scene)


@then(phrase("the task belongs to {who}"))
def belongs(scene: Scene, who: str) -> None:
    task, user = task_in(scene.answer), scene.user(who)
    owner = str(task.get("user_id", user.id))  # where it is not said, the list must show it
    assert owner == user.id, f"the task belongs to {owner}: {scene.answer}"
    listed = {task_id(t) for t in scene.tasks_of(who)}
    assert task_id(task) in listed, f"the task is not in {who}'s list: {scene.answer}"


@then("both answers carry that user's id")
def both_carry_id(scene: Scene) -> None:
    for answer in scene.answers:
        assert answer.status in {200, 201}, f"expected a task: {answer}"
        owner = task_in(answer).get("user_id")
        assert owner == scene.user("Alice").id, f"user_id {owner!r}: {answer}"


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
    assert completed(scene.task_of(task.owner, task.id)), "the toggles were not all counted"


@then(phrase('the task "{title}" is open'))
def named_is_open(scene: Scene, title: str) -> None:
    task = scene.tasks[title]
    assert not completed(scene.task_of(task.owner, task.id)), "a toggle was lost"


@then(phrase('of {who}\'s tasks exactly "{title}" is completed'))
def only_completed(scene: Scene, who: str, title: str) -> None:
    done = [task["title"] for task in scene.tasks_of(who) if completed(task)]
    assert done == [title], f"completed are {done}"


@then("the task's id and timestamps are not those of the body")
def not_from_body(scene: Scene) -> None:
    task = task_in(scene.answer)
    assert task_id(task) != UNKNOWN_ID, f"the id is that of the body: {scene.answer}"
    for name in ("created_at", "updated_at"):
        assert moment(task, name).year > 2001, f"{name} is that of the body: {scene.answer}"


@then(phrase("{who}'s tasks are untouched"))
def untouched(scene: Scene, who: str) -> None:
    before, now = scene.snapshots[who], scene.tasks_of(who)
    assert now == before, f"{who}'s tasks were {before} and are {now}"


@then("reading it again gives the same task")
def reading_again(scene: Scene) -> None:
    task = task_in(scene.answer)
    again = scene.task_of("Alice", task_id(task))
    assert again == task, f"the answer was {task}, reading it again gives {again}"


@then(phrase('reading the task "{title}" is answered {status:d}'))
def reading_is_answered(scene: Scene, title: str, status: int) -> None:
    task = scene.tasks[title]
    url = f"/api/{scene.user(task.owner).id}/tasks/{task.id}"
    answer = scene.client.send("GET", url, token=scene.user(task.owner).token)
    assert answer.status == status, f"expected {status}: {answer}"


@then("both tasks have that title")
def both_titles(scene: Scene) -> None:
    expected = scene.first["title"].strip()
    titles = [task_in(answer)["title"] for answer in scene.answers]
    assert titles == [expected] * 2, f"expected {expected!r} twice, got {titles}"


@then("both tasks have that description")
def both_descriptions(scene: Scene) -> None:
    expected = scene.first["description"]
    actual = [task_in(answer).get("description", "(not there)") for answer in scene.answers]
    assert actual == [expected] * 2, f"expected {expected!r} twice, got {actual}"


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


# Timestamps


@then("the task's created_at lies between the sending of the request and its answer")
def created_just_now(scene: Scene) -> None:
    assert scene.sent is not None
    before, after = scene.sent
    when = moment(task_in(scene.answer), "created_at")
    slack = scene.tolerance
    assert before - slack <= when <= after + slack, f"{before} <= {when} <= {after} does not hold"


@then("its updated_at is the same")
def updated_as_created(scene: Scene) -> None:
    task = task_in(scene.answer)
    distance = abs(moment(task, "updated_at") - moment(task, "created_at"))
    assert distance <= timedelta(milliseconds=100), f"they differ: {scene.answer}"


@then("every answer has the task's first created_at")
def created_at_stays(scene: Scene) -> None:
    first = moment(scene.first, "created_at")
    for answer in scene.answers:
        now = moment(task_in(answer), "created_at")
        assert now == first, f"created_at was {first}: {answer}"


@then("the task's updated_at is later than before")
def updated_at_advanced(scene: Scene) -> None:
    before, now = _updated(scene)
    assert now > before, f"updated_at was {before} and is {now}: {scene.answer}"


@then("the task's updated_at is as before")
def updated_at_stayed(scene: Scene) -> None:
    before, now = _updated(scene)
    assert now == before, f"updated_at was {before} and is {now}: {scene.answer}"


def _updated(scene: Scene) -> tuple[datetime, datetime]:
    return moment(scene.first, "updated_at"), moment(task_in(scene.answer), "updated_at")


# In the database, as its operator sees it


@then("the database holds that task with the same values, as Alice's")
def stored(scene: Scene) -> None:
    task = task_in(scene.answer)
    rows = scene.target.database.ask(
        "SELECT user_id::text, title, description, is_completed, created_at, updated_at "
        "FROM {tasks} WHERE id::text = %(id)s",
        {"id": task_id(task)},
    )
    assert len(rows) == 1, f"{len(rows)} rows of the task in the database"
    user_id, title, description, done, created, updated = rows[0]
    assert (title, description, done) == (
        task["title"],
        task["description"],
        completed(task),
    ), f"the row is {rows[0]}, the answer {scene.answer}"
    assert user_id == scene.user("Alice").id, f"the row belongs to {user_id}"
    moments = in_utc(created), in_utc(updated)
    assert moments == (moment(task, "created_at"), moment(task, "updated_at")), f"{rows[0]}"


@then("the task's user column is a foreign key to the users")
def foreign_key(scene: Scene) -> None:
    keys = scene.target.database.ask(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = '{tasks}'::regclass "
        "AND confrelid = '{users}'::regclass"
    )
    definitions = [row[0] for row in keys]
    found = any("FOREIGN KEY (user_id)" in definition for definition in definitions)
    assert found, f"foreign keys of the tasks to the users: {definitions}"


@then(phrase('no row of the task "{title}" is left in the database'))
def no_row(scene: Scene, title: str) -> None:
    rows = scene.target.database.ask(
        "SELECT * FROM {tasks} WHERE id::text = %(id)s", {"id": scene.tasks[title].id}
    )
    assert rows == [], f"the row is still there: {rows}"


@then(phrase("no task of {who} is left in the database"))
def no_rows_of(scene: Scene, who: str) -> None:
    rows = scene.target.database.ask(
        "SELECT id FROM {tasks} WHERE user_id::text = %(id)s", {"id": scene.users[who].id}
    )
    assert rows == [], f"{len(rows)} tasks are orphaned"
