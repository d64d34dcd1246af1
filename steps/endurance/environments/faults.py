"""Faults under load that happen in real environments."""

from __future__ import annotations

import asyncio

from steps.endurance import processes
from steps.endurance.environments.pooler import Pooled
from steps.endurance.environments.small_disk import SmallDisk, SmallDiskPlace
from steps.endurance.environments.standby import HotStandby, StandbyPlace
from steps.endurance.environments.tls import Tls, TlsPlace
from steps.endurance.fault import Fault, Stage
from steps.endurance.load import WRITES

GROUP = "a real environment"
TERMINATE_SQL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(role)s"
UNENCRYPTED_SQL = """
SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
WHERE usename = %(role)s AND NOT ssl
"""
HANGING_SQL = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


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
            await stage.sql(TERMINATE_SQL, {"role": stage.place.role})
            await asyncio.sleep(stage.seconds / 5)


async def renew_certificate(stage: Stage) -> None:
    """Let PostgreSQL present new certificates, and end the sessions that began with older ones."""
    assert isinstance(stage.place, TlsPlace)
    tls = stage.place.tls
    assert tls is not None
    role = {"role": stage.place.role}
    async with stage.fault():
        for _ in range(5):
            await asyncio.to_thread(tls.issue)
            await stage.sql("SELECT pg_reload_conf()")
            await stage.sql(TERMINATE_SQL, role)
            await asyncio.sleep(stage.seconds / 5)
            if (await stage.sql(UNENCRYPTED_SQL, role))[0][0]:
                stage.find("a session of the server was not encrypted")


async def hang_standby(stage: Stage) -> None:
    """Pause the synchronous standby: commits wait for it, and PostgreSQL sets them no limit."""
    assert isinstance(stage.place, StandbyPlace)
    pair = stage.place.pair
    assert pair is not None
    async with stage.fault():
        with pair.paused_standby():
            await asyncio.sleep(stage.seconds)
            ((hanging,),) = await stage.sql(HANGING_SQL)
    stage.measure("commits that waited for the standby", hanging, "")
    if not hanging:
        stage.find("no commit waited for the standby, so nothing was tried")


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
        "synchronous-standby-hangs",
        GROUP,
        "The synchronous standby is paused: no write can be acknowledged.",
        hang_standby,
        tolerated={500},
        least=7.0,
        environment=HotStandby(),
    ),
    Fault(
        "tls-verify-full",
        GROUP,
        "Sessions by TLS, with verify-full and channel binding, end; certificates are renewed.",
        renew_certificate,
        tolerated={500},
        environment=Tls(),
    ),
    Fault(
        "disk-full",
        GROUP,
        "The disk of the tasks is full for 10 s; reads are served.",
        fill_disk,
        tolerated={500},
        stops=WRITES,
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
