"""The network between server and PostgreSQL is slow, cuts connections, or is silent."""

from __future__ import annotations

import asyncio

from steps.endurance.fault import Fault, Stage
from steps.endurance.proxy import Direction, Proxy

ONE_WAY = 0.1
"""Seconds: 200 ms there and back."""
SHARE = 0.3


async def delay(stage: Stage) -> None:
    """Let everything take 200 ms there and back."""
    async with stage.fault(), _proxy(stage).delaying(ONE_WAY):
        await asyncio.sleep(stage.seconds)


async def cut_answers(stage: Stage) -> None:
    """Cut 30 % of the connections just before an answer arrives: the statement was executed."""
    await _cut(stage, "answers")


async def cut_questions(stage: Stage) -> None:
    """Cut 30 % of the connections just before a statement arrives: nothing was executed."""
    await _cut(stage, "questions")


async def be_silent(stage: Stage) -> None:
    """Deliver nothing, and end nothing, as after a change of routes."""
    async with stage.fault(), _proxy(stage).silent():
        await asyncio.sleep(stage.seconds)


async def _cut(stage: Stage, what: Direction) -> None:
    proxy = _proxy(stage)
    async with stage.fault(), proxy.cutting(what, SHARE):
        await asyncio.sleep(stage.seconds)
    stage.note(f"{proxy.cuts} connections were cut")
    if not proxy.cuts:
        stage.find("no connection was cut, so nothing was tried")


def _proxy(stage: Stage) -> Proxy:
    assert stage.proxy is not None, "this fault is through a proxy"
    return stage.proxy


AWAY = frozenset({500})
FAULTS = (
    Fault(
        "proxy, 200 ms there and back",
        "network",
        "Every question and every answer of the database takes 100 ms.",
        delay,
        seconds=12.0,
        # Ten connections and 200 ms give 50 requests a second: more of them queue, and some of
        # them so long that they are refused.
        tolerated=AWAY,
        through_proxy=True,
    ),
    Fault(
        "proxy cuts 30 % of the answers",
        "network",
        "Connections to the database end after a statement was executed, before its answer.",
        cut_answers,
        short=True,
        seconds=10.0,
        tolerated=AWAY,
        through_proxy=True,
    ),
    Fault(
        "proxy cuts 30 % of the questions",
        "network",
        "Connections to the database end before a statement arrives.",
        cut_questions,
        seconds=10.0,
        tolerated=AWAY,
        through_proxy=True,
    ),
    Fault(
        "silent network",
        "network",
        "Nothing is delivered between server and database, and no connection ends.",
        be_silent,
        short=True,
        seconds=10.0,
        least=7.0,
        tolerated=AWAY,
        through_proxy=True,
    ),
)
