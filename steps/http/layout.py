"""Where a server has the operations of the spec, and what it calls the fields of a task.

Scenarios speak of the spec's paths and fields alone. So that a server with other ones is judged for
all the rest, the client puts each request into the server's own, and its answers back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from steps.http.operations import EVERY, LIST, NAMED, Operation
from traceability.evidence.recording.not_run import NotRun
from traceability.model import TARGET_CANNOT

SPEC_PATH = re.compile(
    r"/api/(?P<user>[^/?]*)/tasks(?:/(?P<task>[^/?]+)(?P<complete>/complete)?)?(?=[/?]|\Z)(?P<rest>.*)",
    re.DOTALL,
)
"""A path of the spec, and what follows it: a query, or a path that the spec does not have."""
COLLECTION = ("list", "create")
ONE_TASK = ("read", "update", "delete", "toggle")
SENTENCES = {
    "list": "list tasks",
    "read": "read one task",
    "create": "create a task",
    "update": "change a task",
    "toggle": "toggle a task's completion",
    "delete": "delete a task",
}


@dataclass(frozen=True)
class Place:
    """Where a request of a scenario goes to at a server."""

    method: str
    path: str
    operation: str = ""
    """Name of the operation that is requested; empty: none of the six."""
    user: str = ""
    """The user id in the spec's path, decoded."""


@dataclass(frozen=True)
class Layout:
    """The layout of one server; by default that of the spec."""

    routes: Mapping[str, Operation] = field(default_factory=lambda: NAMED)
    """By the operation's name; one that is not there is not offered."""
    names: Mapping[str, str] = field(default_factory=dict)
    """From the spec's name of a field to the server's, where they differ."""
    more: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the operation's name: the fields that its body needs besides. `{user_id}` in a text is the
    id in the spec's path."""

    @property
    def spec_names(self) -> Mapping[str, str]:
        """From the server's name of a field to the spec's, where they differ."""
        return {theirs: ours for ours, theirs in self.names.items()}

    def offers(self, operation: Operation) -> bool:
        """Whether the server has the operation, wherever it is."""
        return operation.name in self.routes

    def offered(self, operations: Iterable[Operation]) -> list[Operation]:
        """Return those that the server has. Raises `NotRun` when it has none of them."""
        wanted = list(operations)
        return [one for one in wanted if self.offers(one)] or [self.route(wanted[0])]

    def route(self, operation: Operation) -> Operation:
        """Return the operation as the server has it. Raises `NotRun` when it has none."""
        if operation.name not in self.routes:
            cannot = f"{TARGET_CANNOT}{SENTENCES[operation.name]}"
            raise NotRun(f"{cannot}: [paths] of its target file names no such operation")
        return self.routes[operation.name]

    def names_user(self, operation: Operation) -> bool:
        """Whether the path of an operation names the user."""
        return "{user_id}" in self.route(operation).path

    def require_user_in_path(self, operations: Iterable[Operation] = (LIST,)) -> None:
        """Raise `NotRun` when the path of an offered operation names no user.

        A request under another user's URL is then one under the own.
        """
        for operation in self.offered(operations):
            if not self.names_user(operation):
                raise NotRun(
                    f"{TARGET_CANNOT}be asked under another user's URL: its paths name no user"
                )

    def require_api(self) -> None:
        """Raise `NotRun` when none of the operations is under `/api`."""
        if not any(route.path.startswith("/api/") for route in self.routes.values()):
            raise NotRun(f"{TARGET_CANNOT}be asked under /api: none of its operations is there")

    def place(self, method: str, path: str) -> Place:
        """Return where a request to a path of the spec goes to; another path is left as it is.

        Raises `NotRun` when the server does not have the operation, or when a method that the spec
        does not have there is one of the server's own operations.
        """
        found = SPEC_PATH.fullmatch(path)
        if found is None:
            return Place(method, path)
        rest, user = found["rest"], unquote(found["user"])
        shape = "complete" if found["complete"] else "task" if found["task"] else "tasks"
        operation = None if rest.startswith("/") else _operation(method, shape)
        if self.routes is NAMED:
            return Place(method, path, operation.name if operation else "", user)
        if operation is not None:
            route = self.route(operation)
            return Place(
                route.method,
                _joined(route.path, found["user"], found["task"], rest),
                operation.name,
                user,
            )
        template = self._template(shape)
        if not rest.startswith("/") and any(
            (one.method, _bare(one.path)) == (method, _bare(template))
            for one in self.routes.values()
        ):
            raise NotRun(
                f"{TARGET_CANNOT}refuse {method} at {template}: that is one of its operations"
            )
        return Place(method, _joined(template, found["user"], found["task"], rest), "", user)

    def reaches(self, method: str, path: str) -> bool:
        """Whether a request to a path of the spec goes to a place of its own at the server."""
        try:
            self.place(method, path)
        except NotRun:
            return False
        return True

    def _template(self, shape: str) -> str:
        """Return the server's path for the spec's tasks, one task, or its completion."""
        wanted = {"tasks": COLLECTION, "task": ONE_TASK, "complete": ("toggle",)}[shape]
        found = next((self.routes[name].path for name in wanted if name in self.routes), None)
        if found is None:
            raise NotRun(f"{TARGET_CANNOT}be asked for what [paths] of its target file leaves out")
        return found

    def body(self, value: Any, place: Place) -> Any:
        """Return a JSON body in the server's names; `...` is none, unless the server needs one."""
        needed = self.more.get(place.operation, {})
        more = _filled(needed, place.user)
        if value is ...:
            return more or ...
        if not isinstance(value, dict) or not place.operation:
            return value
        body = {self.names.get(name, name): inner for name, inner in value.items()}
        # A scenario that names a user decides whom; of other fields that the spec does not know,
        # the server says what it needs.
        named = {name for name, one in needed.items() if "{user_id}" in str(one)} & body.keys()
        return body | {name: inner for name, inner in more.items() if name not in named}

    def raw_body(self, body: bytes, place: Place) -> bytes:
        """Return a body that is given in bytes, broken or not, in the server's names.

        Only what begins as a JSON object is changed: all else is no task in any server's names.
        """
        if not body.startswith(b"{") or not place.operation:
            return body
        for ours, theirs in self.names.items():
            body = body.replace(f'"{ours}":'.encode(), f"{json.dumps(theirs)}:".encode())
        more = _filled(self.more.get(place.operation, {}), place.user)
        rest = body[1:]
        fields = ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in more.items())
        comma = ", " if more and not rest.lstrip().startswith(b"}") else ""
        return b"{" + f"{fields}{comma}".encode() + rest

    def chunks(self, chunks: Iterator[bytes], place: Place) -> Iterator[bytes]:
        """Yield a body that is sent in chunks, in the server's names."""
        for number, chunk in enumerate(chunks):
            yield self.raw_body(chunk, place) if number == 0 else chunk

    def in_spec_names(self, value: Any) -> Any:
        """Return a JSON value of the server's in the spec's names."""
        return renamed(value, self.spec_names)


SPEC = Layout()


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a JSON value with other keys; None when it is nested deeper than Python reads."""
    if not names:
        return value
    try:
        return _renamed(value, names)
    except RecursionError:
        return None


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return value


def _operation(method: str, shape: str) -> Operation | None:
    """Return the operation of the spec that a method on a path of that shape is."""
    ends = {"tasks": "/tasks", "task": "/{task_id}", "complete": "/complete"}[shape]
    return next((op for op in EVERY if op.method == method and op.path.endswith(ends)), None)


def _bare(path: str) -> str:
    """Return a path without its query."""
    return path.partition("?")[0]


def _joined(template: str, user: str, task: str | None, rest: str) -> str:
    """Fill both ids, encoded as they are, into a path, and append what follows it."""
    path = template.replace("{user_id}", user).replace("{task_id}", task or "")
    if rest.startswith("?") and "?" in path:
        return f"{path}&{rest[1:]}"
    return _bare(path) + rest if rest.startswith("/") else path + rest


def _filled(fields: Mapping[str, Any], user: str) -> dict[str, Any]:
    return {name: _with_user(value, user) for name, value in fields.items()}


def _with_user(value: Any, user: str) -> Any:
    """Fill the user's id into a JSON value, however deep it stands."""
    if isinstance(value, str):
        return value.replace("{user_id}", user)
    if isinstance(value, dict):
        return {key: _with_user(inner, user) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_user(inner, user) for inner in value]
    return value
