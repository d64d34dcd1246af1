"""Clients that work: each with a user, a token, a kept connection and a history of its own."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from steps.endurance.history import Content, Exchange, History
from steps.endurance.http_client import Client, Reply, request

PACE = (0.5, 1.5)
"""Seconds from one request of a client to its next: about one a second."""
MOST_TASKS = 30
"""Tasks that a client keeps at a time: lists stay as short as those of people."""
# Operation -> how often of 100. The last four, 6 %, are what no client may do.
OPERATIONS = {
    "create": 28,
    "list": 14,
    "get": 20,
    "put": 16,
    "toggle": 12,
    "delete": 4,
    "foreign task": 2,
    "foreign URL": 2,
    "unknown id": 1,
    "bad token": 1,
}
HOSTILE = {"foreign task": 403, "foreign URL": 403, "unknown id": 404, "bad token": 401}
"""What nobody may do, and the status that refuses it."""
METHODS = ("GET", "PUT", "DELETE", "PATCH")
WRITES = frozenset({"create", "put", "toggle", "delete", "foreign task", "unknown id"})
"""Operations that a database without writes stops: the last two try a write, too."""


@dataclass
class Load:
    """All clients of one fault."""

    port: int
    tokens: Mapping[str, str]
    mark: str
    seed: int = 0
    histories: list[History] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    """User -> a task that its user never deletes: others may try to reach it."""

    def __post_init__(self) -> None:
        self.histories = [History(user, self.mark) for user in self.tokens]
        self._stopped = asyncio.Event()
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Let all clients begin, spread over one second."""
        for number, history in enumerate(self.histories):
            worker = _Worker(self, history, random.Random(f"{self.seed}-{number}"))  # noqa: S311
            self._running.append(asyncio.create_task(worker.run(self._stopped)))

    async def stop(self) -> None:
        """Let each client end its request, then end its connection. Raises what a client did."""
        self._stopped.set()
        await asyncio.gather(*self._running)

    async def cancel(self) -> None:
        """End all clients at once."""
        for one in self._running:
            one.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """All requests of all clients so far, as they ended."""
        found = [one for history in self.histories for one in history.exchanges]
        return sorted(found, key=lambda one: one.ended)


class _Worker:
    """One client at work."""

    def __init__(self, load: Load, history: History, chance: random.Random) -> None:
        self._load = load
        self._history = history
        self._chance = chance
        self._token = load.tokens[history.user]
        self._path = f"/api/{history.user}/tasks"
        self._client = Client(load.port)

    async def run(self, stopped: asyncio.Event) -> None:
        pause = self._chance.random()
        try:
            while not await _set_within(stopped, pause):
                begun = time.monotonic()
                await self._one()
                pause = max(0.0, self._chance.uniform(*PACE) - (time.monotonic() - begun))
        finally:
            self._client.close()

    async def _one(self) -> None:
        name = self._chance.choices([*OPERATIONS], [*OPERATIONS.values()])[0]
        if self._history.user not in self._load.kept or (
            name in {"get", "put", "toggle", "delete"} and not self._history.tasks
        ):
            name = "create"
        if name in HOSTILE:
            await self._attack(name)
        elif name == "create" and len(self._history.tasks) < MOST_TASKS:
            await self._create()
        elif name in {"get", "create"}:
            await self._get()
        elif name == "list":
            await self._list()
        else:
            await self._write(name)

    async def _create(self) -> None:
        content = self._history.next_content()
        body = {"title": content.title, "description": content.description}
        reply = await self._send("create", "POST", self._path, {201}, body)
        answer = _object(reply, 201)
        self._history.created(content, answer)
        if answer is not None:
            self._load.kept.setdefault(self._history.user, str(answer.get("id")))

    async def _get(self) -> None:
        identity = self._chance.choice([*self._history.tasks])
        maybe = None in self._history.tasks[identity].possible
        expected = {200, 404} if maybe else {200}
        reply = await self._send("get", "GET", f"{self._path}/{identity}", expected)
        if (answer := _object(reply, 200)) is not None:
            self._history.read(identity, answer)
        elif reply.outcome == 404 and not maybe:
            self._history.find("lost", f"{identity} was answered 404")

    async def _list(self) -> None:
        reply = await self._send("list", "GET", self._path, {200})
        answer = reply.json() if reply.outcome == 200 else None
        if isinstance(answer, list):
            self._history.listed(answer)

    async def _write(self, name: str) -> None:
        """Replace, toggle or delete one of the tasks of whose state the client is certain."""
        kept = self._load.kept[self._history.user]
        certain = [
            (identity, task)
            for identity, task in self._history.tasks.items()
            if task.certain and not (name == "delete" and identity == kept)
        ]
        if not certain:
            await self._get()
            return
        identity, task = self._chance.choice(certain)
        old = task.possible[0]
        assert old is not None, "a task whose deletion is certain is no task of the history"
        await getattr(self, f"_{name}")(f"{self._path}/{identity}", identity, old)

    async def _put(self, path: str, identity: str, old: Content) -> None:
        content = self._history.next_content()._replace(completed=old.completed)
        body = {"title": content.title, "description": content.description}
        reply = await self._send("put", "PUT", path, {200}, body)
        self._history.changed(identity, content, _object(reply, 200))

    async def _toggle(self, path: str, identity: str, old: Content) -> None:
        reply = await self._send("toggle", "PATCH", f"{path}/complete", {200})
        content = old._replace(completed=not old.completed)
        self._history.changed(identity, content, _object(reply, 200))

    async def _delete(self, path: str, identity: str, old: Content) -> None:
        reply = await self._send("delete", "DELETE", path, {204})
        self._history.removed(identity, acknowledged=reply.outcome == 204)

    async def _attack(self, name: str) -> None:
        """Try what nobody may do. A success is the worst finding of all."""
        other = self._chance.choice([*self._load.kept])
        method = self._chance.choice(METHODS)
        if other == self._history.user and name != "unknown id":
            other, name = self._history.user, "bad token"
        path, token = f"{self._path}/{self._load.kept[other]}", self._token
        if name == "foreign URL":
            path = f"/api/{other}/tasks/{self._load.kept[other]}"
        elif name == "unknown id":
            path = f"{self._path}/{uuid.UUID(int=self._chance.getrandbits(128), version=4)}"
        elif name == "bad token":
            head, payload, signature = token.split(".")
            token = f"{head}.{payload}.{signature[::-1]}"
        body = {"title": f"{self._load.mark} taken over"} if method == "PUT" else None
        if method == "PATCH":
            path += "/complete"
        reply = await self._send(name, method, path, {HOSTILE[name]}, body, token)
        if isinstance(reply.outcome, int) and reply.outcome < 400:
            self._history.find("let in", f"{method} as {name} was answered {reply.outcome}")

    async def _send(
        self,
        operation: str,
        method: str,
        path: str,
        expected: set[int],
        body: Mapping[str, object] | None = None,
        token: str | None = None,
    ) -> Reply:
        reply = await self._client.exchange(request(method, path, token or self._token, body))
        self._history.exchanges.append(
            Exchange(operation, reply.sent, reply.ended, reply.outcome, frozenset(expected))
        )
        self._history.seen(reply.body)
        return reply


def _object(reply: Reply, status: int) -> Mapping[str, object] | None:
    """Return the task in an answer; None: the write was not acknowledged with this status."""
    answer = reply.json() if reply.outcome == status else None
    return answer if isinstance(answer, dict) else None


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Return whether the event is set, at the latest after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True
