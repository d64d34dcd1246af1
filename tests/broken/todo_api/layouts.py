"""The layouts in which this server can be had, named by the variable LAYOUT; none by default.

In each it keeps the promises of the specification as far as its other paths and names let it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

LAYOUTS = frozenset(os.environ.get("LAYOUT", "").split(","))
CAMEL_CASE = {
    "user_id": "userId",
    "is_completed": "isCompleted",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
}
OTHER_COLUMNS = {
    "user_id": "owner",
    "title": '"Summary"',
    "description": "details",
    "is_completed": "done",
    "created_at": "created",
    "updated_at": '"lastModified"',
}
COLUMN = re.compile(r"(?<!%\()\b(" + "|".join(OTHER_COLUMNS) + r")\b")


def laid_out(name: str) -> bool:
    """Return whether the server has the layout of that name (`layouts.toml`)."""
    return name in LAYOUTS


def statement(text: str) -> str:
    """Return an SQL statement with the names of this layout's columns."""
    if not laid_out("other-columns"):
        return text
    return COLUMN.sub(lambda found: OTHER_COLUMNS[found[1]], text)


def row(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the names of the columns as the specification has the fields."""
    ours = {theirs.strip('"'): name for name, theirs in OTHER_COLUMNS.items()}
    return {ours.get(name, name): value for name, value in values.items()}


def shown(task: dict[str, Any]) -> dict[str, Any]:
    """Return a task with the names of this layout's fields."""
    if not laid_out("camel-case"):
        return task
    return {CAMEL_CASE.get(name, name): value for name, value in task.items()}
