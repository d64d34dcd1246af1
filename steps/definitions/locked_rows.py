"""Races with the same course every time: an operator's lock holds the requests up."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from pytest_bdd import given, then, when

from steps.http.answer import Answer
from steps.http.expectations import expect
from steps.http.operations import DELETE, LIST, TOGGLE, UPDATE, Operation
from steps.scenario.concurrent_requests import (
    CROWD_SECONDS,
    FIRST_WAIT_SECONDS,
    Pending,
    Requests,
)
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@given("the operator holds a lock on all tasks", target_fixture="lock")
def locked_tasks(scene: Scene) -> Iterator[psycopg.Connection]:
    """Lock the table against reading, too, as a migration does for a moment."""
    with psycopg.connect(scene.target.database.owner_url) as connection:
        table = scene.target.database.statement("LOCK TABLE {tasks} IN ACCESS EXCLUSIVE MODE")
        connection.execute(table)
        yield connection


def _request(scene: Scene, title: str, operation: Operation, **request: Any) -> Requests:
    task = scene.tasks[title]
    send = functools.partial(scene.users.send, task.owner, operation, task.id, record=False)
    return lambda: [send(**request)]


@when(phrase('{count:Number} clients toggle the task "{title}" while it is locked'))
def toggle_locked_task(scene: Scene, count: int, title: str, lock: psycopg.Connection) -> None:
    toggles = [_request(scene, title, TOGGLE)] * count
    scene.answers = scene.concurrent.send_to_lock(toggles, lock.commit)


@when(phrase('{count:Number} clients delete the task "{title}" while it is locked'))
def delete_locked_task(scene: Scene, count: int, title: str, lock: psycopg.Connection) -> None:
    deletions = [_request(scene, title, DELETE)] * count
    scene.answers = scene.concurrent.send_to_lock(deletions, lock.commit)


@when(phrase('a deletion of the task "{title}", an update and a toggle wait for its lock, in turn'))
def change_locked_task(scene: Scene, title: str, lock: psycopg.Connection) -> None:
    """Let the deletion win: what comes behind it has read a task that is gone by then."""
    requests = [
        _request(scene, title, DELETE),
        _request(scene, title, UPDATE, json_body={"title": "changed"}),
        _request(scene, title, TOGGLE),
    ]
    scene.answers = scene.concurrent.send_to_lock(requests, lock.commit)


@when(phrase("{count:Number} clients ask for these users' lists while all tasks are locked"))
def list_locked_tasks(scene: Scene, count: int, lock: psycopg.Connection) -> None:
    """Hold all readers up for a moment, so that they are there at the same time."""

    def release(pending: Pending) -> None:
        scene.concurrent.wait_for_lock(pending, 1, FIRST_WAIT_SECONDS)
        scene.concurrent.wait_for_lock(pending, count, CROWD_SECONDS)
        lock.commit()

    scene.answers = scene.concurrent.send(scene.users.lists_of_clients(count), release)


@when(
    phrase(
        '{who} toggles the task "{title}" while it is locked, and {other} asks for his list '
        "{count:Number} times"
    ),
    target_fixture="answered_before_toggle",
)
def toggle_and_list(
    scene: Scene, who: str, title: str, other: str, count: int, lock: psycopg.Connection
) -> bool:
    """Return whether all the other user's lists were answered before the toggle was."""
    times: dict[str, float] = {}

    def toggle() -> Iterator[Answer]:
        yield scene.users.send(who, TOGGLE, scene.tasks[title].id, record=False)
        times["toggle"] = time.perf_counter()

    def lists() -> Iterator[Answer]:
        for _ in range(count):
            yield scene.users.send(other, LIST, record=False)
        times["lists"] = time.perf_counter()

    scene.answers = scene.concurrent.send_to_lock([toggle, lists], lock.commit)
    return times.get("lists", 0) < times.get("toggle", 0)


@then(phrase("{other} was answered before {who} was"))
def other_user_not_blocked(other: str, who: str, answered_before_toggle: bool) -> None:
    expect(answered_before_toggle, "a user had to wait until another user's row was unlocked")
