"""Paths: the operation and the user that they name."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from .faults import broken, differs
from .layouts import laid_out
from .problems import Flaw, Problem, invalid

METHODS = {
    "tasks": ("GET", "POST"),
    "task": ("DELETE", "GET", "PUT"),
    "complete": ("PATCH",),
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """`/api/{user}/tasks`, `/api/{user}/tasks/{task}` or `/api/{user}/tasks/{task}/complete`."""

    resource: str
    """A key of `METHODS`."""
    user: str
    """Decoded; text that is not UTF-8 is no user's id."""
    task: str = ""
    """As it was sent."""

    @property
    def user_is_named(self) -> bool:
        """Whether the path has a user's id."""
        return not laid_out("tasks-without-user")

    @property
    def methods(self) -> tuple[str, ...]:
        return METHODS[self.resource]

    def task_id(self) -> uuid.UUID | int:
        """Return the id of the task. Raises a 422 `Problem` for a malformed one."""
        if differs("integer-ids"):
            if self.task.isdigit() and len(self.task) < 19:
                return int(self.task)
            raise invalid(Flaw(("path", "task_id"), "It must be a number.", "number"))
        if UUID.fullmatch(self.task):
            return uuid.UUID(self.task)
        if broken("malformed-id-404"):
            raise Problem(404, "There is no such task.")
        raise invalid(Flaw(("path", "task_id"), "It must be a UUID.", "uuid"))


def address(path: str) -> Address | None:
    """Return the address that a path is, or None."""
    parts = path.split("/")[1:]
    if laid_out("tasks-without-user"):
        parts = ["api", "", *parts]  # the token alone says whose tasks they are
    if len(parts) < 3 or parts[0] != "api" or parts[2] != "tasks":
        return None
    user = unquote_to_bytes(parts[1]).decode("utf-8", "replace")
    match parts[3:]:
        case []:
            return Address("tasks", user)
        case [task] if task:
            return Address("task", user, task)
        case [task, "complete"]:
            return Address("complete", user, task)
    return None
