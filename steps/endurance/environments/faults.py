"""Faults under load that happen in real environments."""

from __future__ import annotations

import asyncio

from steps.endurance import processes
from steps.endurance.environments.pooler import Pooled
from steps.endurance.environments.small_disk import SmallDisk, SmallDiskPlace
from steps.endurance.environments.standby import HotStandby, StandbyPlace
from steps.endurance.fault import Fault, Stage

GROUP = "a real environment"


async def fail_over(stage: Stage) -> None:
    """Kill the primary; promote its standby when half the time is over; copy a new standby."""
    assert isinstance(stage.place, StandbyPlace)
    pair = stage.place.pair
    assert pair is not None
    async with stage.fault():
        await asyncio.to_thread(pair.lose_primary)
        await asyncio.sleep(stage.seconds / 2)
        await processes.in_lasting_thread(pair.promote)
    await processes.in_lasting_thread(pair.add_standby)


async def fill_disk(stage: Stage) -> None:
    """Fill the disk of the tasks, and free it."""
    assert isinstance(stage.place, SmallDiskPlace)
    postgres = stage.place.postgres
    assert postgres is not None
    async with stage.fault():
        try:
            await asyncio.to_thread(postgres.fill)
            await asyncio.sleep(stage.seconds)
        finally:
            postgres.free()


async def end_backends(stage: Stage) -> None:
    """End the pooler's connections to PostgreSQL, several times."""
    async with stage.fault():
        for _ in range(5):
            await stage.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(role)s",
                {"role": stage.place.role},
            )
            await asyncio.sleep(stage.seconds / 5)


FAULTS = (
    Fault(
        "failover-to-standby",
        GROUP,
        "The primary is killed, its standby promoted.",
        fail_over,
        tolerated={500},
        environment=HotStandby(),
    ),
    Fault(
        "disk-full",
        GROUP,
        "The disk of the tasks is full for 10 s.",
        fill_disk,
        tolerated={500},
        seconds=10,
        environment=SmallDisk(),
    ),
    *(
        Fault(
            f"pgbouncer-pool-{pool}",
            GROUP,
            "Backends behind PgBouncer end.",
            end_backends,
            tolerated={500},
            environment=Pooled(pool),
        )
        for pool in (1, 20)
    ),
)
