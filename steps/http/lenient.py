"""Finds tasks in JSON values and answers, also inside other objects.

A list wrapped in an object, or a task under a key of its own, fails the scenarios of the
requirements that speak of these shapes. It must not decide the verdict of any other scenario, which
only needs the values to go on.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from steps.http.answer import Answer
from steps.http.expectations import fail, shape

FIELDS = ("id", "user_id", "title", "description", "is_completed", "created_at", "updated_at")
ID_NAMES = ("id", "task_id", "taskId", "uuid")
"""Keys under which a task may hold its id."""


def find_task(value: Any) -> dict[str, Any] | None:
    """Return the first object with a `title` in a JSON value, None if there is none."""
    if isinstance(value, dict):
        if "title" in value:
            return value
        return next((task for inner in value.values() if (task := find_task(inner))), None)
    return None


def find_tasks(value: Any) -> list[dict[str, Any]] | None:
    """Return the tasks of the first list in a JSON value, None if there is no list."""
    if isinstance(value, list):
        return [task for item in value if (task := find_task(item))]
    if isinstance(value, dict):
        lists = (find_tasks(inner) for inner in value.values() if isinstance(inner, list | dict))
        return next((found for found in lists if found is not None), None)
    return None


def find_id(task: dict[str, Any]) -> str | None:
    """Return a task's id as text, None if it has none."""
    return next((str(task[name]) for name in ID_NAMES if name in task), None)


def task_in(answer: Answer) -> dict[str, Any]:
    """Return the task in an answer. Raises `AssertionError` when there is none."""
    task = find_task(answer.json)
    if task is None:
        fail(f"expected a task, got {shape(answer)}", answer=answer)
    return task


def tasks_in(answer: Answer) -> list[dict[str, Any]]:
    """Return the tasks of the list in an answer. Raises `AssertionError` when there is no list."""
    tasks = find_tasks(answer.json)
    if tasks is None:
        fail(f"expected a list of tasks, got {shape(answer)}", answer=answer)
    return tasks


def own_tasks(answer: Answer, user: str) -> list[dict[str, Any]]:
    """Return the tasks of a list without those whose `user_id` is not `user`."""
    return [task for task in tasks_in(answer) if str(task.get("user_id", user)) == user]


def task_id(task: dict[str, Any]) -> str:
    """Return a task's id as text. Raises `AssertionError` when it has none."""
    identity = find_id(task)
    if identity is None:
        fail("the task has no id", actual=task)
    return identity


def ordinal(identity: str) -> int:
    """Return the number by which an id is sorted among others, UUIDs or numbers."""
    return int(identity) if identity.isdigit() else uuid.UUID(identity).int


def completed(task: dict[str, Any]) -> bool:
    """Return whether a task is completed. Raises `AssertionError` when it does not say."""
    names = ("is_completed", "completed", "isCompleted", "done")
    found = next((name for name in names if name in task), None)
    if found is None:
        fail("the task has no completion flag", expected="is_completed", actual=task)
    return bool(task[found])


def moment(task: dict[str, Any], name: str) -> datetime:
    """Return the timestamp in a task's field `name`, taken for UTC where it has no zone.

    Raises `AssertionError` when there is none.
    """
    value = task.get(name)
    if not isinstance(value, str):
        fail(f"the task has no {name}", actual=task)
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        fail(f"{name} is no timestamp", expected="RFC 3339", actual=value)
    return in_utc(when)


def in_utc(when: datetime) -> datetime:
    """Return a time with a zone: UTC where it has none."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)
