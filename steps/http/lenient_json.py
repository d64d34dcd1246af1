"""What a body of the API holds, read leniently: tasks wherever they stand, and their ids."""

from __future__ import annotations

import json
from typing import Any

IDS = ("id", "task_id", "taskId", "uuid")


def as_json(body: bytes) -> Any:
    """Return a body as JSON, None if it is none, or nested deeper than Python reads."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def task_of(value: Any) -> dict[str, Any] | None:
    """Return the first task in a JSON value, None if there is none."""
    if isinstance(value, dict):
        if "title" in value:
            return value
        return next((task for inner in value.values() if (task := task_of(inner))), None)
    return None


def tasks_of(value: Any) -> list[dict[str, Any]] | None:
    """Return the first list in a JSON value as tasks, None if there is none."""
    if isinstance(value, list):
        return [task for item in value if (task := task_of(item))]
    if isinstance(value, dict):
        lists = (tasks_of(inner) for inner in value.values() if isinstance(inner, list | dict))
        return next((found for found in lists if found is not None), None)
    return None


def id_of(task: dict[str, Any]) -> str | None:
    """Return a task's id as text, None if it has none."""
    return next((str(task[name]) for name in IDS if name in task), None)
