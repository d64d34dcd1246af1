"""Requests that are far too long, and answers that nobody reads."""

from __future__ import annotations

import asyncio
import contextlib
import time

from steps.endurance.attackers import (
    GRACE,
    LIMIT_SECONDS,
    LIMITS,
    Connection,
    attackers,
    count_open_at,
)
from steps.endurance.fault import Fault, Stage

LIST_MB = 40
TEXT = 2000
"""Characters of the description of each task in a long list."""
UNREADING = 20
HEAD_MB = 60
HEADS = 3
LONG_PATH = 65_000
PATHS = 100
MB = 1_000_000


MADE_SECONDS = 8.0
"""How long the last of the lists may take before its first byte is written."""


async def do_not_read(stage: Stage) -> None:
    """Ask for a list of 40 MB on 20 connections, and read nothing of it."""
    user, token = list(stage.spare.items())[-1]
    rows = LIST_MB * MB // (TEXT + 300)
    await stage.sql(
        "INSERT INTO tasks (user_id, title, description) SELECT %(user)s, 'long', "
        "repeat('x', %(text)s) FROM generate_series(1, %(rows)s)",
        {"user": user, "text": TEXT, "rows": rows},
    )
    ask = f"GET /api/{user}/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    try:
        async with stage.fault(), attackers(stage, UNREADING, limit=1024) as opened:
            for one in opened:
                one.send(ask.encode())
            begun = time.monotonic()
            await asyncio.sleep(1.0)
            left = await count_open_at(opened, LIMIT_SECONDS * 2 + MADE_SECONDS + GRACE)
            stage.measure("unread answers ended after", time.monotonic() - begun, "s")
            stage.measure("unread answers left open", left, f"of {UNREADING}", 0)
    finally:
        await stage.sql("DELETE FROM tasks WHERE user_id = %(user)s", {"user": user})


async def send_long_heads(stage: Stage) -> None:
    """Send heads of 60 MB, one field after the other."""
    user, token = next(iter(stage.spare.items()))
    start = f"GET /api/{user}/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    field = b"X-Filler: " + b"y" * 8000 + b"\r\n"
    async with stage.fault(), attackers(stage, HEADS) as opened:
        sent = await asyncio.gather(*(_pour(one, start.encode(), field) for one in opened))
        for one in opened:
            status = await _status(one)
            # The rest of a head that is refused may meet a closed connection: then it is reset.
            if status not in {431, None}:
                stage.find(f"a head of {HEAD_MB} MB was answered {status}, not 431")
        stage.measure("taken of a head of 60 MB", max(sent) / MB, "MB")


async def send_long_paths(stage: Stage) -> None:
    """Send paths of 65 KB, without a token, again and again."""
    path = b"/api/" + b"%41" * (LONG_PATH // 3)
    data = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    longest = 0.0
    async with stage.fault():
        end = time.monotonic() + stage.seconds
        while time.monotonic() < end:
            async with attackers(stage, PATHS) as opened:
                begun = time.monotonic()
                for one in opened:
                    one.send(data)
                statuses = await asyncio.gather(*map(_status, opened))
                longest = max(longest, time.monotonic() - begun)
            wrong = {str(status) for status in statuses} - {"401", "404", "414", "None"}
            if wrong:
                stage.find(f"a path of 65 KB without a token was answered {sorted(wrong)}")
                return
            await asyncio.sleep(0.5)
    stage.measure(f"{PATHS} long paths answered within", longest, "s")


async def _pour(one: Connection, start: bytes, field: bytes) -> int:
    """Send a head until it is 60 MB long or the connection has ended; return how much was sent."""
    sent = 0
    with contextlib.suppress(OSError):
        one.send(start)
        while sent < HEAD_MB * MB and not one.ended and not one.writer.is_closing():
            one.send(field)
            sent += len(field)
            async with asyncio.timeout(10):
                await one.writer.drain()
        one.send(b"\r\n")
    return sent


async def _status(one: Connection) -> int | None:
    """Return the status that is answered within 10 s; None: the connection ended without one."""
    try:
        async with asyncio.timeout(10):
            line = await one.reader.readline()
    except (OSError, ValueError):
        return None
    except TimeoutError:
        return -1
    return int(line[9:12]) if line else None


FAULTS = (
    Fault(
        "20 clients that do not read a 40 MB list",
        "clients",
        "Twenty clients ask for a list of 40 MB and read nothing; the server ends them.",
        do_not_read,
        seconds=12.0,
        settle=8.0,
        settings=LIMITS,
        # The bound: what waits unread is at most one list for each client.
        worker_memory=60.0 + UNREADING * LIST_MB * 1.25,
    ),
    Fault(
        "heads of 60 MB",
        "clients",
        "Three heads that do not end, field after field; the server refuses them.",
        send_long_heads,
        short=True,
    ),
    Fault(
        "65 KB paths without a token",
        "clients",
        "A hundred paths of 65 KB at once, again and again.",
        send_long_paths,
        short=True,
    ),
)
