"""PostgreSQL goes away, loses connections, stands still, or locks a row."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import psycopg

from steps.endurance import processes, watching
from steps.endurance.fault import Fault, NotRunError, Stage
from steps.endurance.http_client import Client, request
from steps.postgres.embedded import EmbeddedPostgres

ROUNDS = 10
SESSIONS_SQL = "FROM pg_stat_activity WHERE usename = %(role)s AND pid <> pg_backend_pid()"
ONE_USER = 40
"""Requests of one user for one row, as of a client that tries again and again."""


async def nothing(stage: Stage) -> None:
    """Only load: what is bad here is bad without any fault."""
    async with stage.fault():
        await asyncio.sleep(stage.seconds)


async def stop_at_once(stage: Stage) -> None:
    """Stop PostgreSQL as at a crash of its machine, and start it again."""
    cluster = _cluster(stage)
    postmaster = await _postmaster(stage)
    async with stage.fault():
        os.kill(postmaster, signal.SIGQUIT)  # "immediate shutdown": nobody is told anything
        try:
            await asyncio.sleep(stage.seconds / 2)
        finally:
            await asyncio.to_thread(cluster.stop)
            await processes.in_lasting_thread(cluster.start)


async def kill_backend(stage: Stage) -> None:
    """Kill a backend in a statement: PostgreSQL then restarts all of them."""
    [user] = [*stage.spare][:1]
    path = f"/api/{user}/tasks"
    async with stage.fault():
        client = Client(stage.server.port)
        rows = await asyncio.to_thread(watching.prepare, stage.place.owner_url, [user])
        lock = await asyncio.to_thread(watching.lock, stage.place.owner_url, [*rows.values()])
        data = request("PATCH", f"{path}/{rows[user]}/complete", stage.spare[user])
        asked = asyncio.ensure_future(client.exchange(data))
        killed = await _wait_for_lock(stage)
        os.kill(killed, signal.SIGKILL)
        reply = await asked
        with contextlib.suppress(psycopg.Error):
            await asyncio.to_thread(lock.close)
        client.close()
        if reply.outcome != 500:
            stage.find(f"the request of the killed backend came to {reply.outcome}, not to a 500")
        await _until_reachable(stage)


async def terminate_idle(stage: Stage) -> None:
    """End the sessions of the server that rest at that moment, ten times."""
    await _terminate(stage, "AND state = 'idle'")


async def terminate_all(stage: Stage) -> None:
    """End all sessions of the server, ten times."""
    await _terminate(stage, "")


async def stand_still(stage: Stage) -> None:
    """Pause every process of PostgreSQL: connections stay, and nothing is answered."""
    postmaster = await _postmaster(stage)
    async with stage.fault():
        with processes.paused(postmaster):
            await asyncio.sleep(stage.seconds)
        await _until_reachable(stage)


async def lock_row_many(stage: Stage) -> None:
    """Lock one row, and let its user ask for it 40 times at once."""
    await _lock_row(stage, ONE_USER)


async def lock_row_few(stage: Stage) -> None:
    """Lock one row, and let its user ask for it 9 times at once."""
    await _lock_row(stage, 9)


async def _lock_row(stage: Stage, requests: int) -> None:
    user = next(iter(stage.spare))
    token = stage.spare[user]
    rows = await asyncio.to_thread(watching.prepare, stage.place.owner_url, [user])
    data = request("PATCH", f"/api/{user}/tasks/{rows[user]}/complete", token)
    clients = [Client(stage.server.port) for _ in range(requests)]
    async with stage.fault():
        lock = await asyncio.to_thread(watching.lock, stage.place.owner_url, [rows[user]])
        asked = [asyncio.ensure_future(client.exchange(data)) for client in clients]
        try:
            await asyncio.sleep(stage.seconds)
        finally:
            await asyncio.to_thread(lock.close)
        replies = await asyncio.gather(*asked)
    for client in clients:
        client.close()
    served = sum(reply.outcome == 200 for reply in replies)
    refused = sorted({str(reply.outcome) for reply in replies} - {"200"})
    longest = max(reply.seconds for reply in replies)
    stage.note(
        f"of its user's own {requests} requests {served} were served, the others came to "
        f"{', '.join(refused) or 'nothing else'}"
    )
    stage.measure("longest request for the locked row", longest, "s", 10.5)
    toggled = await stage.sql(
        "SELECT is_completed FROM tasks WHERE id::text = %(id)s", {"id": rows[user]}
    )
    if served % 2 != toggled[0][0] and all(reply.outcome in {200, 500} for reply in replies):
        stage.note("a toggle without an acknowledgement is stored")


async def _terminate(stage: Stage, which: str) -> None:
    async with stage.fault():
        for _ in range(ROUNDS):
            statement = f"SELECT pg_terminate_backend(pid) {SESSIONS_SQL} {which}"
            await stage.sql(statement, {"role": stage.place.role})
            await asyncio.sleep(stage.seconds / ROUNDS)


async def _postmaster(stage: Stage) -> int:
    """Return the process of PostgreSQL itself."""
    cluster = _cluster(stage)
    file = cluster.folder / "data" / "postmaster.pid"
    return int(file.read_text("ascii").splitlines()[0])


def _cluster(stage: Stage) -> EmbeddedPostgres:
    if stage.place.cluster is None:
        raise NotRunError("this PostgreSQL is not one that may be stopped")
    return stage.place.cluster


async def _wait_for_lock(stage: Stage) -> int:
    """Return the backend of the server that waits for a lock. Raises `TimeoutError`."""
    statement = f"SELECT pid {SESSIONS_SQL} AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not (found := await stage.sql(statement, {"role": stage.place.role})):
            await asyncio.sleep(0.02)
    return int(found[0][0])


async def _until_reachable(stage: Stage) -> None:
    """Return when PostgreSQL serves again: until then it is away, and so the fault lasts."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                await stage.sql("SELECT 1")
                return
            await asyncio.sleep(0.02)


AWAY = frozenset({500})
FAULTS = (
    Fault("none", "database", "No fault: the load alone.", nothing, short=True, settle=2.0),
    Fault(
        "PostgreSQL stopped at once",
        "database",
        "PostgreSQL ends as at a crash, is away for some seconds, and starts again.",
        stop_at_once,
        short=True,
        tolerated=AWAY,
    ),
    Fault(
        "kill -9 of a backend in a statement",
        "database",
        "A backend dies while it waits for a lock, and PostgreSQL restarts all others.",
        kill_backend,
        tolerated=AWAY,
    ),
    Fault(
        "terminate all idle backends, 10 times",
        "database",
        "Sessions that rest are ended, as a pooler or a scaled-down cloud database ends them.",
        terminate_idle,
        short=True,
        tolerated=AWAY,
    ),
    Fault(
        "terminate all backends, 10 times",
        "database",
        "All sessions of the server are ended, also those in a statement.",
        terminate_all,
        tolerated=AWAY,
    ),
    Fault(
        "PostgreSQL SIGSTOP",
        "database",
        "Every process of PostgreSQL is paused: connections stay, and nothing is answered.",
        stand_still,
        tolerated=AWAY,
        keeps_longest=11.0,
    ),
    Fault(
        "one row locked, 40 requests of its user",
        "database",
        "Another session locks one row, and its user asks for it 40 times at once.",
        lock_row_many,
        short=True,
        seconds=10.0,
    ),
    Fault(
        "one row locked, 9 requests of its user",
        "database",
        "The same with 9 requests: fewer than the server has connections.",
        lock_row_few,
        seconds=10.0,
    ),
)
