"""Clients that are silent, slow, half there, or gone. Every limit of the server ends them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

from steps.endurance import processes
from steps.endurance.attackers import (
    GRACE,
    LIMIT_SECONDS,
    LIMITS,
    Connection,
    attackers,
    count_open_at,
    create_head,
)
from steps.endurance.fault import BROKEN, REFUSED, SILENT, Fault, Stage
from steps.endurance.http_client import request

MOST_CONNECTIONS = 600
"""Half of them is more than all clients of the load have: an address may keep that many."""
ANOTHER_ADDRESS = "127.0.0.2"
"""Where the attackers come from that shall not take the connections of other clients."""
DRIP = 0.5
"""Seconds from one byte of a slow sender to its next."""


async def be_silent(stage: Stage) -> None:
    """Open 1,000 connections, and send nothing on them."""
    async with stage.fault(), attackers(stage, 1000) as opened:
        await _see_ended(stage, opened, "silent connections")


async def send_slowly(stage: Stage) -> None:
    """Send 200 heads and 200 bodies, one byte every half second."""
    body = b'{"title": "' + b"x" * 200 + b'"}'
    head = create_head(stage, len(body))
    async with stage.fault(), attackers(stage, 400) as opened:
        heads, bodies = opened[:200], opened[200:]
        for one in bodies:
            one.send(head)
        dripping = asyncio.ensure_future(_drip(heads, head, bodies, body))
        try:
            await _see_ended(stage, opened, "slow senders")
        finally:
            dripping.cancel()
        role = {"role": stage.place.role}
        idle = await stage.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %(role)s "
            "AND state = 'idle in transaction' AND xact_start < now() - interval '2 seconds'",
            role,
        )
        stage.measure("transactions open for slow senders", idle[0][0], "", 0)


async def send_half(stage: Stage) -> None:
    """Send 300 requests with half of their body, and then nothing."""
    body = b'{"title": "' + b"x" * 20_000
    async with stage.fault(), attackers(stage, 300) as opened:
        for one in opened:
            one.send(create_head(stage, len(body) * 2) + body)
        await _see_ended(stage, opened, "half-sent bodies")


async def fill_with_halves(stage: Stage) -> None:
    """Take all connections that the server allows, with half of a head or of a body on each."""
    halves = (create_head(stage, 100)[:40], create_head(stage, 100) + b"{")
    async with (
        stage.fault(),
        attackers(stage, MOST_CONNECTIONS * 2, address=ANOTHER_ADDRESS) as opened,
    ):
        for number, one in enumerate(opened):
            one.send(halves[number % 2])
        await asyncio.sleep(stage.seconds)


async def send_large_halves(stage: Stage) -> None:
    """Send 500 heads of 250 KB without their end, and 500 bodies of 60 KB behind such heads."""
    fields = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1300) for number in range(180))
    head = create_head(stage, 65_000)[:-2] + fields
    halves = (head, head + b"\r\n" + b"a" * 60_000)
    async with stage.fault(), attackers(stage, 1000) as opened:
        for number, one in enumerate(opened):
            one.send(halves[number % 2])
        await asyncio.sleep(stage.seconds)


async def vanish(stage: Stage) -> None:
    """Go away 1,200 times: in the middle of a list, of a body, and of an answer."""
    user, token = next(iter(stage.spare.items()))
    ask = request("GET", f"/api/{user}/tasks", token)
    half = create_head(stage, 1000) + b'{"title": "x'
    async with stage.fault():
        for _ in range(12):
            async with attackers(stage, 100) as opened:
                for number, one in enumerate(opened):
                    one.send((ask, half, ask * 3)[number % 3])
                await asyncio.sleep(random.uniform(0.0, stage.seconds / 12))  # noqa: S311


async def exhaust_files(stage: Stage) -> None:
    """Open 400 connections to a server that may open 256 files."""
    size = stage.server.log.stat().st_size
    async with stage.fault():
        async with attackers(stage, 400):
            pid, begun = stage.server.workers()[0], time.monotonic()
            used = processes.processor_seconds(pid)
            await asyncio.sleep(stage.seconds)
            share = (processes.processor_seconds(pid) - used) / (time.monotonic() - begun)
            stage.measure("processor of the worker meanwhile", share, "cores", 0.9)
        await asyncio.sleep(0.2)  # until the server has read that they are gone
    if stage.server.log.stat().st_size == size:
        stage.find("the log has no line about the files that are missing")


async def _see_ended(stage: Stage, opened: Sequence[Connection], what: str) -> None:
    """Let the server end all of these connections; say how long it took, and how many are left."""
    begun = time.monotonic()
    left = await count_open_at(opened, LIMIT_SECONDS + GRACE)
    stage.measure(f"{what} ended after", time.monotonic() - begun, "s")
    stage.measure(f"{what} left open", left, f"of {len(opened)}", 0)


async def _drip(
    heads: Sequence[Connection], head: bytes, bodies: Sequence[Connection], body: bytes
) -> None:
    for place in range(min(len(head), len(body))):
        for connections, data in ((heads, head), (bodies, body)):
            for one in connections:
                one.send(data[place : place + 1])
        await asyncio.sleep(DRIP)


FAULTS = (
    Fault(
        "1,000 silent connections",
        "clients",
        "A thousand connections on which nothing is sent; the server ends them.",
        be_silent,
        short=True,
        settings=LIMITS,
    ),
    Fault(
        "400 slow senders (head, body)",
        "clients",
        "One byte of a head or a body every half second; the server ends them.",
        send_slowly,
        settings=LIMITS,
    ),
    Fault(
        "300 half-sent bodies",
        "clients",
        "Half of a body, and then nothing; the server ends them.",
        send_half,
        settings=LIMITS,
    ),
    Fault(
        "half-sent connections up to the limit",
        "clients",
        "Twice as many half heads and bodies as there may be connections; others are served.",
        fill_with_halves,
        short=True,
        settings={"MAX_CONNECTIONS": str(MOST_CONNECTIONS)},
    ),
    Fault(
        "1,000 half-sent requests of 250 KB",
        "clients",
        "Heads of 250 KB without their end, and bodies behind such heads; memory is bounded.",
        send_large_halves,
        short=True,
    ),
    Fault(
        "1,200 clients that vanish",
        "clients",
        "Connections that are reset in the middle of a list, a body, or an answer.",
        vanish,
        short=True,
    ),
    Fault(
        "ulimit -n 256, 400 connections",
        "clients",
        "More connections than the server may have files.",
        exhaust_files,
        tolerated=frozenset({500, BROKEN, REFUSED, SILENT}),
        files=256,
        clients=0.25,
        # Until the attack ends, a connection may wait for being accepted.
        keeps_longest=20.0,
    ),
)
