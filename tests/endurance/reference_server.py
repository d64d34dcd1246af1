"""The reference server in a real environment, and what its clients are told."""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest

from steps.endurance.environment import ROOT, Place
from steps.endurance.fault import NotRunError, run_sql
from steps.process.ports import free_port
from steps.process.server_process import ServerProcess

USERS = [f"user {number}" for number in range(8)]
WELL_SECONDS = 1.0
"""Seconds after the end of a fault within which everything has to be well again."""
PATIENCE_SECONDS = 20
"""Seconds that a client waits for an answer, and a test for a state."""


@dataclass
class Client:
    """Sends requests of one user, each on a connection of its own, and keeps what it was told."""

    port: int
    token: str
    user: str
    acknowledged: set[str] = field(default_factory=set)
    """Titles of the tasks that were answered 201."""

    def request(self, method: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{self.user.replace(' ', '%20')}/tasks",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return int(answer.status), json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def write(self, description: str | None = None) -> int:
        title = secrets.token_hex(8)
        status, answer = self.request("POST", {"title": title, "description": description})
        if status == 201:
            self.acknowledged.add(title)
        else:
            assert_tells_nothing(status, answer)
        return status

    def read(self) -> int:
        """Read the list; if it is answered, nothing acknowledged is missing."""
        status, answer = self.request("GET")
        if status == 200:
            assert self.acknowledged <= {task["title"] for task in answer}
        else:
            assert_tells_nothing(status, answer)
        return status

    def seconds_until_well(self, operation: Callable[[], int], good: int) -> float:
        """Return after how long the last wrong answer's request began; 20 right ones end it."""
        begin = time.monotonic()
        last_wrong, right = 0.0, 0
        while right < 20:
            asked = time.monotonic() - begin
            assert asked < PATIENCE_SECONDS, f"never well: {operation.__name__}, {last_wrong:.2f} s"
            if operation() == good:
                right += 1
            else:
                last_wrong, right = asked + 0.001, 0
                time.sleep(0.005)
        return last_wrong


def assert_tells_nothing(status: int, answer: Any) -> None:
    assert (status, answer) == (500, {"detail": "Internal server error.", "status_code": 500})


@dataclass
class Running:
    """The server as it runs."""

    process: ServerProcess
    place: Place
    clients: list[Client]

    @property
    def client(self) -> Client:
        return self.clients[0]

    @property
    def log(self) -> str:
        return self.process.log.read_text("utf-8")

    def assert_everything_acknowledged_is_there(self) -> None:
        rows = run_sql(self.place.owner_url, "SELECT user_id, title FROM tasks")
        wanted = {(one.user, title) for one in self.clients for title in one.acknowledged}
        assert wanted <= set(rows)
        assert all(title for _, title in rows)


@contextmanager
def opened(environment: Any, folder: Path) -> Iterator[Any]:
    """Open an environment; skip, with the remedy, where it cannot run here."""
    with contextlib.ExitStack() as stack:
        try:
            place = stack.enter_context(environment.open(folder))
        except NotRunError as error:
            pytest.skip(f"not run: {error}")
        yield place


@contextmanager
def serving(
    place: Place,
    folder: Path,
    url: str | None = None,
    prepare: Callable[[], object] = lambda: None,
    **variables: str,
) -> Iterator[Running]:
    """Run the reference server on the place, or on another `url` of its database.

    `prepare` is called when its users are there, before it starts.
    """
    for user in USERS:
        run_sql(
            place.owner_url,
            "INSERT INTO users (id, name, email) VALUES (%(id)s, %(id)s, %(id)s)"
            " ON CONFLICT DO NOTHING",
            {"id": user},
        )
    prepare()
    secret, port = secrets.token_hex(32), free_port()
    environment = {
        "DATABASE_URL": url or place.server_url,
        "JWT_SECRET": secret,
        "CORS_ORIGIN": "http://localhost:3000",
        "PORT": str(port),
        **variables,
    }
    clients = [
        Client(port, jwt.encode({"sub": user, "exp": 4_000_000_000}, secret), user)
        for user in USERS
    ]
    command = [sys.executable, "-m", "server"]
    process = ServerProcess(command, environment, ROOT, port, folder / f"server-{port}.log")
    try:
        process.wait_until_ready("/openapi.json")
        yield Running(process, place, clients)
    finally:
        process.stop()
