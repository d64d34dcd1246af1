"""Finds tasks in JSON values and answers, also inside other objects.

A list wrapped in an object, or a task under a key of its own, fails the scenarios of the
requirements that speak of these shapes. It must not decide the verdict of any other scenario, which
only needs the values to go on. So a field that has another of the usual names is read under the
name of the specification, and a field that a server does not show ends the scenario as not run: the
requirement that names the fields (US5-AS4) judges both.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from steps.http.answer import Answer
from steps.http.expectations import fail, shape
from traceability.evidence.recording.not_run import NotRun
from traceability.model import TARGET_CANNOT

FIELDS = ("id", "user_id", "title", "description", "is_completed", "created_at", "updated_at")
ID_NAMES = ("id", "task_id", "taskId", "uuid", "_id")
"""Keys under which a task may hold its id."""
OTHER_NAMES = {
    "user_id": ("userId", "owner_id", "ownerId"),
    "title": ("name", "text", "summary"),
    "description": ("desc", "details", "notes"),
    "is_completed": ("isCompleted", "completed", "done", "is_done", "isDone", "is_complete",
                     "complete", "finished"),
    "created_at": ("createdAt", "created", "date_created", "creation_date"),
    "updated_at": ("updatedAt", "updated", "modified_at", "modifiedAt", "last_modified"),
}  # fmt: skip
"""Keys under which servers show a field that the specification names otherwise."""
COMPLETED_STATES = {"completed", "complete", "done", "finished", "closed"}
OPEN_STATES = {"open", "pending", "todo", "active", "incomplete", "new", "in_progress"}


def find_task(value: Any) -> dict[str, Any] | None:
    """Return the first task in a JSON value, with the names of the specification.

    None if there is none.
    """
    task = find_object(value)
    return None if task is None else with_names_of_the_spec(task)


def find_object(value: Any) -> dict[str, Any] | None:
    """Return the first task in a JSON value as it stands there, also inside another object.

    It is an object with a `title`, or with an id and a title under another name. None if there is
    none.
    """
    if isinstance(value, dict):
        if "title" in value:
            return value
        if find_id(value) is not None and any(name in value for name in OTHER_NAMES["title"]):
            return value
        return next((task for inner in value.values() if (task := find_object(inner))), None)
    return None


def with_names_of_the_spec(task: dict[str, Any]) -> dict[str, Any]:
    """Return a task in which each field is found under the name that the specification gives it."""
    found = dict(task)
    for name, others in OTHER_NAMES.items():
        other = next((one for one in others if one in task), None)
        if name not in task and other is not None:
            found[name] = task[other]
    state = str(task.get("status", "")).lower()
    if "is_completed" not in found and state in COMPLETED_STATES | OPEN_STATES:
        found["is_completed"] = state in COMPLETED_STATES
    return found


def shown(task: dict[str, Any], name: str) -> Any:
    """Return the value of a task's field. Raises `NotRun` when the server does not show it."""
    if name not in task:
        fields = ", ".join(sorted(task))
        raise NotRun(f"{TARGET_CANNOT}show {name}: a task of its has the fields {fields}")
    return task[name]


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
    return [task for task in tasks_in(answer) if same_id(str(task.get("user_id", user)), user)]


def same_id(first: str, second: str) -> bool:
    """Whether two texts are the same id: of a UUID, upper case means nothing (RFC 9562)."""
    if first == second:
        return True
    try:
        return uuid.UUID(first) == uuid.UUID(second)
    except ValueError:
        return False


def task_id(task: dict[str, Any]) -> str:
    """Return a task's id as text. Raises `AssertionError` when it has none."""
    identity = find_id(task)
    if identity is None:
        fail("the task has no id", actual=task)
    return identity


def ordinal(identity: str) -> int:
    """Return the number by which an id is sorted among others: UUIDs, numbers or texts."""
    if identity.isdigit():
        return int(identity)
    try:
        return uuid.UUID(identity).int
    except ValueError:
        return int.from_bytes(identity.encode()[:64].ljust(64, b"\0"))


def completed(task: dict[str, Any]) -> bool:
    """Return whether a task is completed. Raises `NotRun` when the server does not show it."""
    return bool(shown(task, "is_completed"))


def moment(task: dict[str, Any], name: str) -> datetime:
    """Return the timestamp in a task's field `name`, taken for UTC where it has no zone.

    A number is seconds or milliseconds since 1970. Raises `NotRun` when the server does not show
    the field, and `AssertionError` when it holds no timestamp.
    """
    value = shown(task, name)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        when = datetime.fromisoformat(value)
    except (ValueError, TypeError, OverflowError):
        fail(f"{name} is no timestamp", expected="RFC 3339", actual=value)
    return in_utc(when)


def precision(when: datetime) -> timedelta:
    """Return how far a timestamp that the server shows may be from the time that it means.

    Some servers store or show whole seconds, cut off or rounded.
    """
    return timedelta(milliseconds=1) if when.microsecond else timedelta(seconds=1)


def in_utc(when: datetime) -> datetime:
    """Return a time with a zone: UTC where it has none."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)
