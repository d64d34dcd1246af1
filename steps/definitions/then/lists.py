"""Then: which tasks a list holds, and in which order."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import then

from steps.http.lenient import (
    moment,
    ordinal,
    own_tasks,
    shown,
    task_id,
    tasks_in,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


def titles_of(tasks: list[dict[str, Any]]) -> list[str]:
    """Return the titles in the order of the list."""
    return [shown(task, "title") for task in tasks]


@then(phrase('the list is "{first}", "{second}", "{third}"'))
def list_is(scene: Scene, first: str, second: str, third: str) -> None:
    titles = titles_of(tasks_in(scene.answer))
    assert titles == [first, second, third], f"the order is {titles}: {scene.answer}"


@then(phrase("the list holds exactly {titles:Quoted}"))
def list_holds(scene: Scene, titles: str) -> None:
    assert scene.answer.status == 200, f"expected the list: {scene.answer}"
    _same_titles(titles_of(_senders_tasks(scene)), titles)


def _senders_tasks(scene: Scene) -> list[dict[str, Any]]:
    """Return the sender's own tasks; other scenarios judge that the list holds no others."""
    answer = scene.answer
    return own_tasks(answer, scene.users.named(answer.sender or "Alice").id)


@then(phrase("{who}'s list holds exactly {titles:Quoted}"))
def users_list_holds(scene: Scene, who: str, titles: str) -> None:
    _same_titles(titles_of(scene.tasks.listed(who)), titles)


def _same_titles(actual: list[str], quoted: str) -> None:
    expected = re.findall('"([^"]*)"', quoted)
    assert sorted(actual) == sorted(expected), f"the list holds {actual}, not {expected}"


@then(phrase("{who}'s list is empty"))
def users_list_is_empty(scene: Scene, who: str) -> None:
    titles = titles_of(scene.tasks.listed(who))
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
    plain = titles_of(scene.tasks.listed(scene.answer.sender))
    assert len(plain) > 1, f"a list of {len(plain)} shows nothing"
    titles = titles_of(_senders_tasks(scene))
    assert titles == plain, f"without the query it is {plain}: {scene.answer}"


@then("the list is empty")
def list_is_empty(scene: Scene) -> None:
    assert scene.answer.status == 200, f"expected the list: {scene.answer}"
    assert _senders_tasks(scene) == [], f"the list is not empty: {scene.answer}"


@then(phrase("the list holds {count:Number} different tasks"))
def list_has_length(scene: Scene, count: int) -> None:
    tasks = _senders_tasks(scene)
    assert len({task_id(task) for task in tasks}) == count == len(tasks), (
        f"{len(tasks)} tasks in the list instead of {count}"
    )


@then("the list is ordered newest first")
def list_is_newest_first(scene: Scene) -> None:
    moments = [moment(task, "created_at") for task in tasks_in(scene.answer)]
    assert len(moments) > 1, "there is nothing to order"
    assert moments == sorted(moments, reverse=True), "the list is not ordered newest first"


@then("the list is ordered by creation date and id, both descending")
def list_is_ordered(scene: Scene) -> None:
    tasks = tasks_in(scene.answer)
    keys = [(moment(task, "created_at"), ordinal(task_id(task))) for task in tasks]
    assert len(keys) > 1, "there is nothing to order"
    assert keys == sorted(keys, reverse=True), f"not in order: {keys}"
