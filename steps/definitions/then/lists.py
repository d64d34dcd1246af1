"""Then: which tasks a list holds, and in which order."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pytest_bdd import then

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal, expect_status, json_array
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
    expect_equal(titles, [first, second, third], "the list is in another order", scene.answer)


@then(phrase("the list holds exactly {titles:Quoted}"))
def list_holds(scene: Scene, titles: str) -> None:
    expect_status(scene.answer, 200)
    _same_titles(titles_of(_senders_tasks(scene)), titles, scene.answer)


def _senders_tasks(scene: Scene) -> list[dict[str, Any]]:
    """Return the sender's own tasks; other scenarios judge that the list holds no others."""
    answer = scene.answer
    return own_tasks(answer, scene.users.named(answer.sender or "Alice").id)


@then(phrase("{who}'s list holds exactly {titles:Quoted}"))
def users_list_holds(scene: Scene, who: str, titles: str) -> None:
    _same_titles(titles_of(scene.tasks.listed(who)), titles)


def _same_titles(actual: list[str], quoted: str, answer: Answer | None = None) -> None:
    expected = re.findall('"([^"]*)"', quoted)
    expect_equal(sorted(actual), sorted(expected), "the list holds other tasks", answer)


@then(phrase("{who}'s list is empty"))
def users_list_is_empty(scene: Scene, who: str) -> None:
    titles = titles_of(scene.tasks.listed(who))
    expect_equal(titles, [], "the list is not empty")


@then("the answer is 200 with a JSON array of tasks")
def array_of_tasks(scene: Scene) -> None:
    expect_status(scene.answer, 200)
    expect(json_array(scene.answer), "the array is empty", answer=scene.answer)


@then("the answer is 200 with an empty JSON array")
def empty_array(scene: Scene) -> None:
    """Accept tasks of other users: other scenarios judge that a list holds none."""
    expect_status(scene.answer, 200)
    json_array(scene.answer)
    expect_equal(_senders_tasks(scene), [], "the list is not empty", scene.answer)


@then("the list is the same as without the query")
def list_is_the_same(scene: Scene) -> None:
    expect_status(scene.answer, 200)
    plain = titles_of(scene.tasks.listed(scene.answer.sender))
    expect(len(plain) > 1, "the list without the query holds too few tasks to compare")
    titles = titles_of(_senders_tasks(scene))
    expect_equal(titles, plain, "the query changes the list", scene.answer)


@then("the list is empty")
def list_is_empty(scene: Scene) -> None:
    expect_status(scene.answer, 200)
    expect_equal(_senders_tasks(scene), [], "the list is not empty", scene.answer)


@then(phrase("the list holds {count:Number} different tasks"))
def list_has_length(scene: Scene, count: int) -> None:
    tasks = _senders_tasks(scene)
    different = len({task_id(task) for task in tasks})
    wrong = "the list holds a task twice" if different < len(tasks) else ""
    wrong = wrong or "the list does not hold all tasks"
    expect(different == len(tasks), wrong, expected=count, actual=different, answer=scene.answer)
    expect_equal(len(tasks), count, wrong, scene.answer)


@then("the list is ordered newest first")
def list_is_newest_first(scene: Scene) -> None:
    moments = [moment(task, "created_at") for task in tasks_in(scene.answer)]
    expect(len(moments) > 1, "there is nothing to order", answer=scene.answer)
    ordered, sentence = sorted(moments, reverse=True), "the list is not ordered newest first"
    expect_equal(_texts(moments), _texts(ordered), sentence, scene.answer)


def _texts(moments: list[datetime]) -> list[str]:
    return [one.isoformat() for one in moments]


@then("the list is ordered by creation date and id, both descending")
def list_is_ordered(scene: Scene) -> None:
    tasks = tasks_in(scene.answer)
    keys = [(moment(task, "created_at"), ordinal(task_id(task))) for task in tasks]
    expect(len(keys) > 1, "there is nothing to order", answer=scene.answer)
    shown = [(when.isoformat(), str(identity)) for when, identity in keys]
    expect(
        keys == sorted(keys, reverse=True),
        "the list is not ordered by creation date and id, both descending",
        actual=shown,
        answer=scene.answer,
    )
