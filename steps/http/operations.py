"""The six operations of the spec, FR-006 to FR-011."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Operation:
    """One method on one path of the API."""

    name: str
    method: str
    path: str
    has_body: bool = False

    def url(self, user_id: str, task_id: str) -> str:
        """Return the path with both ids filled in, percent-encoded."""
        return self.path.format(user_id=quote(user_id, safe=""), task_id=quote(task_id, safe="%"))

    def body(self, **fields: Any) -> Any:
        """Return a valid body with `fields` changed or added; `...`: the operation has none."""
        return {"title": "from an operation", **fields} if self.has_body or fields else ...


LIST = Operation("list", "GET", "/api/{user_id}/tasks")
READ = Operation("read", "GET", "/api/{user_id}/tasks/{task_id}")
CREATE = Operation("create", "POST", "/api/{user_id}/tasks", has_body=True)
UPDATE = Operation("update", "PUT", "/api/{user_id}/tasks/{task_id}", has_body=True)
TOGGLE = Operation("toggle", "PATCH", "/api/{user_id}/tasks/{task_id}/complete")
DELETE = Operation("delete", "DELETE", "/api/{user_id}/tasks/{task_id}")

EVERY = (LIST, READ, CREATE, UPDATE, TOGGLE, DELETE)
"""In an order in which each can succeed on the same task."""

LONG_SEGMENT = 16
"""Characters of a segment that is an id and no word of a path."""


def operation_name(method: str, path: str) -> str:
    """Return the operation that a request is for: `GET /api/{user_id}/tasks`.

    In a path that is none of the six, `…` stands for ids: the name is the same in every run.
    """
    segments = path.partition("?")[0].split("/")
    for operation in EVERY:
        template = operation.path.split("/")
        if operation.method == method and len(template) == len(segments):
            pairs = zip(template, segments, strict=True)
            if all(part == segment or ("{" in part and segment) for part, segment in pairs):
                return f"{method} {operation.path}"
    shown = ["…" if len(one) >= LONG_SEGMENT or one.isdigit() else one for one in segments]
    return f"{method} {'/'.join(shown)}"


NAMES = frozenset(f"{operation.method} {operation.path}" for operation in EVERY)
"""The six as `operation_name` returns them."""
NAMED = {operation.name: operation for operation in EVERY}
ON_A_TASK = (READ, UPDATE, TOGGLE, DELETE)
