"""The server itself is killed, stopped, or paused, whole or one of its workers."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable

from steps.endurance import processes
from steps.endurance.fault import BROKEN, REFUSED, Fault, Outcome, Stage
from steps.process.ports import port_in_use

SHUTDOWN_SECONDS = 10.0
"""Seconds after a SIGTERM within which the server must have ended."""
REPLACED_SECONDS = 20.0
"""Seconds within which a worker that died or stands still must be replaced."""
ORPHAN_SECONDS = 10.0
"""Seconds within which workers must end whose parent was killed."""
AWAY_SECONDS = 1.0


async def kill_and_restart(stage: Stage) -> None:
    """Kill the server and all of its workers, and start it again after a second."""
    async with stage.fault():
        await stage.server.kill()
        await asyncio.sleep(AWAY_SECONDS)
        await stage.server.start()


async def terminate_and_restart(stage: Stage) -> None:
    """End the server by SIGTERM, and start it again as soon as it has ended."""
    async with stage.fault():
        begun = time.monotonic()
        stage.server.signal(signal.SIGTERM)
        ended = await stage.server.wait(SHUTDOWN_SECONDS * 2)
        stage.measure("ended after SIGTERM", time.monotonic() - begun, "s", SHUTDOWN_SECONDS + 1)
        if not ended:
            await stage.server.kill()
        await stage.server.start()


async def kill_worker(stage: Stage) -> None:
    """Kill one of the workers: it must be replaced, while the others serve."""
    await _lose_worker(stage, signal.SIGKILL)


async def pause_worker(stage: Stage) -> None:
    """Pause one of the workers: it must be replaced, although it has not ended."""
    await _lose_worker(stage, signal.SIGSTOP)


async def kill_parent(stage: Stage) -> None:
    """Kill the parent of the workers alone: they must not hold the port as orphans."""
    server = stage.server
    workers = server.workers()
    async with stage.fault():
        begun = time.monotonic()
        server.signal(signal.SIGKILL)
        ended = await _until(lambda: not any(map(_runs, workers)), ORPHAN_SECONDS)
        stage.measure("workers ended after their parent", time.monotonic() - begun, "s")
        if not ended:
            stage.find(f"workers still run {ORPHAN_SECONDS:g} s after their parent was killed")
            for pid in filter(_runs, workers):
                os.kill(pid, signal.SIGKILL)
        # The next start needs the port, whatever the orphans did.
        await _until(lambda: not port_in_use(server.port), ORPHAN_SECONDS)
        await server.start()


async def pause(stage: Stage) -> None:
    """Pause the whole server, as a machine that is suspended."""
    async with stage.fault():
        stage.server.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(stage.seconds)
        finally:
            stage.server.signal(signal.SIGCONT)


async def _lose_worker(stage: Stage, how: signal.Signals) -> None:
    server = stage.server
    async with stage.fault():
        before = server.workers()
        if len(before) != stage.fault_played.workers:
            stage.find(f"{len(before)} workers run, not {stage.fault_played.workers}")
        begun = time.monotonic()
        os.kill(before[0], how)

        def replaced() -> bool:
            now = server.workers()
            return before[0] not in now and len(now) == len(before)

        if not await _until(replaced, REPLACED_SECONDS):
            stage.find(f"the worker was not replaced within {REPLACED_SECONDS:g} s")
            if _runs(before[0]):
                os.kill(before[0], signal.SIGKILL)
        stage.measure("worker replaced after", time.monotonic() - begun, "s")


def _runs(pid: int) -> bool:
    """Return whether a process has not ended (one whose parent does not ask for it has)."""
    return bool(processes.command(pid))


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether a condition comes true within so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.1)
    return True


GONE: frozenset[Outcome] = frozenset({BROKEN, REFUSED})


def _fault(
    name: str,
    says: str,
    run: Callable[[Stage], Awaitable[None]],
    *,
    workers: int = 1,
    short: bool = False,
    keeps_longest: float = 10.0,
) -> Fault:
    """Make a fault in which connections end, or none can be made."""
    return Fault(
        name,
        "server",
        says,
        run,
        short=short,
        tolerated=GONE,
        workers=workers,
        keeps_longest=keeps_longest,
    )


FAULTS = (
    _fault(
        "server kill -9 and restart, WORKERS=1",
        "The server is killed, and started again after a second.",
        kill_and_restart,
        short=True,
    ),
    _fault(
        "server kill -9 and restart, WORKERS=4",
        "The server and its four workers are killed, and started again after a second.",
        kill_and_restart,
        workers=4,
    ),
    _fault(
        "SIGTERM, WORKERS=1",
        "The server is told to end, and started again as soon as it has.",
        terminate_and_restart,
        short=True,
    ),
    _fault("SIGTERM, WORKERS=2", "The same with two workers.", terminate_and_restart, workers=2),
    _fault("SIGTERM, WORKERS=4", "The same with four workers.", terminate_and_restart, workers=4),
    _fault(
        "worker kill -9, WORKERS=2",
        "One of two workers is killed; the fault ends when it is replaced.",
        kill_worker,
        workers=2,
        short=True,
    ),
    _fault(
        "worker SIGSTOP, WORKERS=2",
        "One of two workers is paused for good; the fault ends when it is replaced.",
        pause_worker,
        workers=2,
        # What the paused worker had taken is kept until it is replaced.
        keeps_longest=REPLACED_SECONDS,
    ),
    _fault(
        "parent kill -9, WORKERS=2",
        "The parent of two workers is killed alone, and the server started again.",
        kill_parent,
        workers=2,
    ),
    _fault(
        "server SIGSTOP",
        "The whole server is paused, as on a machine that is suspended.",
        pause,
    ),
)
