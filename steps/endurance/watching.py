"""Watches the server's processes while a fault lasts, and looks at what is left afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from steps.endurance import processes
from steps.endurance.fault import Stage, run_sql
from steps.endurance.http_client import Client, request
from steps.endurance.server import Server

LOOKS = 0.25
"""Seconds between two looks at the processes."""
POOL = 10
"""Database connections of one worker, as the server has them by default."""
SLOT_SECONDS = 10.0
"""Seconds for which requests are sent until all statements wait at once, refused ones replaced."""
ROUNDS = 4
"""Most requests of one user at a time for that."""
WAITING_SQL = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %(role)s
AND wait_event_type = 'Lock'
"""
OPEN_SQL = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %(role)s
AND xact_start IS NOT NULL
"""


class Watch:
    """Memory, files and processor time of all workers, looked at again and again."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._task: asyncio.Task[None] | None = None
        self.base = 0.0
        """MB of the largest worker before the fault."""
        self.peak = 0.0
        self.last = 0.0
        self.files = 0
        """Most open files of one worker."""

    def start(self) -> None:
        """Take the workers as they are now as the base, and begin to look."""
        self._look()
        self.base, self.peak = self.last, self.last
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look for the last time."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            self._look()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOKS)
            self._look()

    def _look(self) -> None:
        workers = self._server.workers() if self._server.running else []
        self.last = max(map(processes.memory, workers), default=0.0)
        self.peak = max(self.peak, self.last)
        self.files = max([self.files, *map(processes.open_files, workers)])


async def open_transactions(stage: Stage) -> int:
    """Return how many transactions of the server are open; no client asks for anything now."""
    found = 0
    for _ in range(10):  # the last answers have just gone out: their connections come to rest
        found = int((await stage.sql(OPEN_SQL, {"role": stage.place.role}))[0][0])
        if not found:
            break
        await asyncio.sleep(0.1)
    return found


async def count_slots(stage: Stage, expected: int) -> int:
    """Return how many statements of the server wait at once when each needs a locked row.

    A slot that a fault has lost is missing here. Each request is another user's.
    """
    users = [*stage.spare]
    rows = await asyncio.to_thread(prepare, stage.place.owner_url, users)
    held = await asyncio.to_thread(lock, stage.place.owner_url, [*rows.values()])
    most = 0
    tasks: list[asyncio.Task[None]] = []
    try:
        end = time.monotonic() + SLOT_SECONDS
        while most < expected and time.monotonic() < end:
            # One after the other, and more than there are slots: of several workers, one may take
            # most of the connections that come at the same moment.
            waiting = sum(not task.done() for task in tasks)
            if waiting < ROUNDS * len(users):
                user = users[len(tasks) % len(users)]
                asked = _toggle(stage.server.port, user, stage.spare[user], rows[user])
                tasks.append(asyncio.create_task(asked))
                await asyncio.sleep(0.005)
                if waiting < expected:
                    continue
            else:
                await asyncio.sleep(0.05)
            values = {"role": stage.place.role}
            most = max(most, int((await stage.sql(WAITING_SQL, values))[0][0]))
    finally:
        await asyncio.to_thread(held.close)
        await asyncio.gather(*tasks)
    return most


async def _toggle(port: int, user: str, token: str, task: str) -> None:
    client = Client(port)
    await client.exchange(request("PATCH", f"/api/{user}/tasks/{task}/complete", token))
    client.close()


def prepare(url: str, users: Sequence[str]) -> dict[str, str]:
    """Make a task for each of these users; return its id by user."""
    return dict(
        run_sql(
            url,
            "INSERT INTO tasks (user_id, title) SELECT unnest(%(users)s::text[]), 'a slot' "
            "RETURNING user_id, id::text",
            {"users": list(users)},
        )
    )


def lock(url: str, rows: Sequence[str]) -> psycopg.Connection[Any]:
    """Lock rows until the connection that is returned is closed."""
    connection = psycopg.connect(url, connect_timeout=10)
    connection.execute("SELECT FROM tasks WHERE id::text = ANY(%s) FOR UPDATE", [list(rows)])
    return connection
