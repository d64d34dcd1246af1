"""Given: users and their tasks."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

from pytest_bdd import given

from steps.http.expectations import expect
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

_single_characters: Iterator[str] = iter("abcdefghijklmnopqrstuvwxyz")
USER_IDS: dict[str, Callable[[], str]] = {
    "32 letters and digits": lambda: uuid.uuid4().hex,
    "a UUID": lambda: str(uuid.uuid4()),
    "a single character": lambda: next(_single_characters),
    "255 characters": lambda: uuid.uuid4().hex.ljust(255, "x"),
    "an e-mail address": lambda: f"alice+{uuid.uuid4().hex}@example.test",
    "text with spaces, percent and umlauts": lambda: f"Zoë 100%25 {uuid.uuid4().hex}",
    "text with a slash": lambda: f"tenant/{uuid.uuid4().hex}",
    "text with a quote, as of an injection": lambda: f"{uuid.uuid4().hex}' OR '1'='1",
}


@given(phrase("{who} is a user"))
def a_user(scene: Scene, who: str) -> None:
    scene.users.named(who)


@given(phrase("{who} and {other} are users"))
def two_users(scene: Scene, who: str, other: str) -> None:
    scene.users.named(who)
    scene.users.named(other)


@given(phrase("a user whose id is {kind}"))
def a_user_with_id(scene: Scene, kind: str) -> None:
    scene.users.named("Alice", USER_IDS[kind]())


@given(phrase('{who} has a task "{title}"'))
def a_task(scene: Scene, who: str, title: str) -> None:
    scene.tasks.add(who, title)
    scene.tasks.take_snapshot(who)


@given(phrase('{who} has a task "{title}" with the description "{description}"'))
def a_task_with_description(scene: Scene, who: str, title: str, description: str) -> None:
    scene.tasks.add(who, title, description=description)
    scene.tasks.take_snapshot(who)


@given(phrase("{who} has created the tasks {titles} in this order"))
def tasks_in_order(scene: Scene, who: str, titles: str) -> None:
    for title in re.findall('"([^"]*)"', titles):
        scene.clock.let_pass(scene.tasks.last_created, "created_at")
        scene.tasks.add(who, title)
    scene.tasks.take_snapshot(who)


@given(phrase("{who} has {count:Number} tasks"))
def many_tasks(scene: Scene, who: str, count: int) -> None:
    user = scene.users.named(who)
    if "database" in scene.target.capabilities and count >= 100:
        sample = scene.tasks.add(who, "task 0")
        scene.target.database.copy_task(sample.id, [user.id], count - 1)
    else:
        for number in range(count):
            scene.tasks.add(who, f"task {number}")
    scene.tasks.take_snapshot(who)


@given(phrase("{who} has {count:Number} tasks created at the same instant"))
def tasks_created_at_once(scene: Scene, who: str, count: int) -> None:
    sample = scene.tasks.add(who, "task 0")
    scene.target.database.copy_task(sample.id, [scene.users.named(who).id], count - 1)
    scene.tasks.take_snapshot(who)


@given(phrase("{count:Number} users with {each:Number} task each"))
@given(phrase("{count:Number} users with {each:Number} tasks each"))
def many_users(scene: Scene, count: int, each: int) -> None:
    for number in range(count):
        who = f"User {number}"
        scene.users.named(who)
        for task in range(each):
            scene.tasks.add(who, f"{who}, task {task}")


@given(phrase('{who}\'s task "{title}" is completed'))
def a_completed_task(scene: Scene, who: str, title: str) -> None:
    scene.tasks.complete(title)
    scene.tasks.take_snapshot(who)


@given(phrase('{who}\'s task "{title}" has been updated'))
def an_updated_task(scene: Scene, who: str, title: str) -> None:
    scene.tasks.update(title)
    scene.tasks.take_snapshot(who)


@given(phrase('{who}\'s task "{title}" is open'))
def an_open_task(scene: Scene, who: str, title: str) -> None:
    expect(title in scene.tasks, f"{who} has no task {title}")


@given(phrase('{who} has deleted the task "{title}"'))
def a_deleted_task(scene: Scene, who: str, title: str) -> None:
    scene.tasks.delete(title)
    scene.tasks.take_snapshot(who)
