"""The issuer of tokens does not publish its keys, or only byte by byte."""

from __future__ import annotations

import asyncio

from steps.endurance.fault import Fault, Stage
from steps.endurance.http_client import Client, request
from steps.endurance.issuer import KeyServer, Mode
from steps.target.tokens import subject

ASKING = 0.25
"""Seconds from one token with an unknown key to the next."""


async def fail(stage: Stage) -> None:
    """Answer 503 instead of the keys."""
    await _attack(stage, "failing")


async def refuse(stage: Stage) -> None:
    """End every connection without an answer."""
    await _attack(stage, "refusing")


async def drip(stage: Stage) -> None:
    """Answer one byte every half second: no single reading of it ever takes long."""
    await _attack(stage, "dripping")


async def _attack(stage: Stage, mode: Mode) -> None:
    """Send tokens with keys that are not known, so that the server asks for the keys anew."""
    keys = stage.issuer
    assert isinstance(keys, KeyServer), "this fault has published keys"
    user = subject(next(iter(stage.spare.values())))
    replies = []
    asked = keys.asked
    async with stage.fault():
        keys.mode = mode
        loop = asyncio.get_running_loop()
        end = loop.time() + stage.seconds
        while loop.time() < end:
            foreign = keys.issuer(type(keys.key)("EdDSA"))
            client = Client(stage.server.port)
            data = request("GET", f"/api/{user}/tasks", foreign.token(user))
            replies.append(asyncio.ensure_future(_exchange(client, data)))
            await asyncio.sleep(ASKING)
        keys.mode = "well"
        came = await asyncio.gather(*replies)
    wrong = sorted({str(status) for status, _ in came} - {"401", "500", "503"})
    if wrong:
        stage.find(f"tokens with an unknown key came to {', '.join(wrong)}, not to a 401")
    stage.measure("longest token with an unknown key", max(s for _, s in came), "s", 10.0)
    stage.note(f"the keys were asked for {keys.asked - asked} times for {len(came)} such tokens")


async def _exchange(client: Client, data: bytes) -> tuple[object, float]:
    reply = await client.exchange(data)
    client.close()
    return reply.outcome, reply.seconds


# The keys of the clients' own tokens are known: nothing of theirs is bad.
FAULTS = (
    Fault(
        "issuer answers 503",
        "issuer",
        "The issuer fails while tokens with unknown keys arrive; known keys stay good.",
        fail,
        short=True,
        published_keys=True,
    ),
    Fault(
        "issuer ends connections",
        "issuer",
        "The issuer ends each connection without an answer.",
        refuse,
        published_keys=True,
    ),
    Fault(
        "issuer drips",
        "issuer",
        "The issuer sends its keys one byte every half second.",
        drip,
        published_keys=True,
    ),
)
