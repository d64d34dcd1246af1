"""What the preflight refuses, and what it leaves to the scenarios, of a server of this test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from steps.target.description.tables import Description, ServerTable
from steps.target.preflight import preflight
from steps.target.target import Target
from steps.target.user_accounts import User

TASK = {"id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "title": "t"}
DESCRIPTION = Description(
    path=Path("target.toml"), name="x", server=ServerTable(url="http://127.0.0.1:1")
)
Answer = tuple[int, Any]
GOOD: dict[str, Answer] = {
    "list": (200, []),
    "create": (201, TASK),
    "read": (200, TASK),
    "delete": (204, None),
}
NOT_FOUND: Answer = (404, {"detail": "Not Found"})
CRASH: Answer = (500, {"detail": "no such column: owner"})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, Callable[[Any], Answer] | Answer]
    requests: list[tuple[str, Any]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        on_a_task = self.path.count("/") == 4
        names = {"GET": "read" if on_a_task else "list", "POST": "create", "DELETE": "delete"}
        sent = json.loads(body) if body else None
        self.requests.append((names[self.command], sent))
        found = self.answers[names[self.command]]
        status, value = found(sent) if callable(found) else found
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"{self.path}/")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


for method in ("GET", "POST", "DELETE"):
    setattr(Handler, f"do_{method}", Handler.answer)


class ServerOfThisTest(Target):
    def __init__(self, port: int) -> None:
        super().__init__(DESCRIPTION)
        self._port = port

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def facts(self) -> dict[str, str]:
        return {}

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def alive(self) -> bool:
        return True

    def make_user(self, name: str, _chosen_id: str | None = None) -> User:
        return User("user", name, "token")


Problem = Callable[..., str]


@pytest.fixture
def problem() -> Iterator[Problem]:
    """Return the problem that the preflight finds when some of the good answers are others."""
    Handler.requests = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()

    def found(**answers: Callable[[Any], Answer] | Answer) -> str:
        Handler.answers = {**GOOD, **answers}
        return preflight(ServerOfThisTest(server.server_port)).problem

    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_life_is_created_listed_read_and_deleted(problem: Problem) -> None:
    assert problem() == ""
    assert [name for name, _ in Handler.requests] == ["list", "create", "list", "read", "delete"]


def test_a_server_whose_every_creation_is_a_500_is_refused_with_its_answer(
    problem: Problem,
) -> None:
    said = problem(create=CRASH)
    assert "creates no task, whatever is sent: 500: " in said
    assert "no such column: owner" in said
    assert [name for name, _ in Handler.requests].count("create") == 3


def test_a_server_that_has_nothing_at_the_paths_of_the_spec_is_refused(problem: Problem) -> None:
    said = problem(list=NOT_FOUND, create=NOT_FOUND)
    assert "has nothing at the paths of the spec for a valid token" in said
    assert 'GET /api/{user_id}/tasks 404: {"detail": "Not Found"}' in said


def test_a_server_that_redirects_all_of_its_paths_is_refused(problem: Problem) -> None:
    said = problem(list=(307, None), create=(307, None))
    assert "has nothing at the paths of the spec for a valid token" in said


def test_a_server_that_only_creates_is_refused(problem: Problem) -> None:
    said = problem(list=CRASH, read=CRASH, delete=NOT_FOUND)
    assert said.startswith("The server creates a task, and nothing else works with a valid token")


def test_the_cause_of_a_refused_token_is_looked_for_in_the_tokens(problem: Problem) -> None:
    assert "signed as [tokens] says" in problem(list=(401, None))
    assert "signed as [tokens] says" in problem(create=(401, None))


def requires_description(sent: Any) -> Answer:
    return (201, TASK) if "description" in sent else (422, {"detail": "description"})


def refuses_description(sent: Any) -> Answer:
    return (500, None) if "description" in sent else (201, TASK)


class FailsOnce:
    """The first creation after a start fails, as one over a connection that broke meanwhile."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _sent: Any) -> Answer:
        self.calls += 1
        return CRASH if self.calls == 1 else (201, TASK)


@pytest.mark.parametrize(
    "answers",
    [
        {"create": (200, TASK)},
        {"create": (201, {"data": {"task": TASK}})},
        {"create": (201, {"id": 42, "title": "t"})},
        {"create": (201, {"title": "t"})},
        {"create": (201, None)},
        {"create": (204, None)},
        {"create": requires_description},
        {"create": refuses_description},
        {"list": NOT_FOUND},
        {"list": CRASH},
        {"list": (307, None)},
        {"list": (200, {"tasks": [TASK], "total": 1})},
        {"read": NOT_FOUND},
        {"read": CRASH, "list": NOT_FOUND},
        {"delete": CRASH},
        {"delete": (200, {"message": "deleted"})},
        {"delete": (405, None), "read": (405, None)},
    ],
    ids=lambda answers: ",".join(answers),
)
def test_a_server_that_deviates_in_one_place_is_judged(
    problem: Problem, answers: dict[str, Any]
) -> None:
    assert problem(**answers) == ""


def test_a_creation_that_fails_once_is_tried_again(problem: Problem) -> None:
    assert problem(create=FailsOnce()) == ""


def test_a_server_that_does_not_answer_is_left_to_the_scenarios() -> None:
    assert preflight(ServerOfThisTest(1)).problem == ""
