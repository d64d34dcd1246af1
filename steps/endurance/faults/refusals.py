"""PostgreSQL runs and refuses: it takes no more connections, or no writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from steps.endurance.fault import Fault, Stage
from steps.endurance.load import WRITES

FEW_CONNECTIONS = 3
"""Connections that are left to the server when another program has taken the others."""
TERMINATE_SQL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %(role)s"
# Superusers may take the reserved ones, too: these stay for the fault itself.
FREE_SQL = """
SELECT current_setting('max_connections')::int
- current_setting('superuser_reserved_connections')::int - count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""
LOOKS = 5
"""Times in a row that all connections have to be taken, each `LOOK_SECONDS` after the last."""
LOOK_SECONDS = 0.05
READ_ONLY = "default_transaction_read_only"


async def leave_few(stage: Stage) -> None:
    """Let another program take all connections of the role but three, and end the server's."""
    await _limit(stage, f'ROLE "{stage.place.role}"', FEW_CONNECTIONS)


async def fill_role(stage: Stage) -> None:
    """Let the role's limit be reached by others: the server gets no connection at all."""
    await _limit(stage, f'ROLE "{stage.place.role}"', 0)


async def fill_database(stage: Stage) -> None:
    """Let the database's limit be reached by others."""
    ((name,),) = await stage.sql("SELECT quote_ident(current_database())")
    await _limit(stage, f"DATABASE {name}", 0)


async def fill_cluster(stage: Stage) -> None:
    """Open sessions of another program until PostgreSQL takes no more, and end the server's."""
    others: list[psycopg.Connection[Any]] = []
    async with stage.fault():
        try:
            await asyncio.to_thread(_take_all, stage, others)
            await asyncio.sleep(stage.seconds)
        finally:
            for one in others:
                one.close()
    stage.note(f"another program had {len(others)} connections")


def _take_all(stage: Stage, others: list[psycopg.Connection[Any]]) -> None:
    """Take what is free until the server has nothing: it tries for what it loses, too."""
    url, role = stage.place.owner_url, {"role": stage.place.role}
    others.append(psycopg.connect(url, autocommit=True, connect_timeout=10))
    full = 0
    while full < LOOKS:
        free = int(_rows(others[0], FREE_SQL)[0][0])
        if free > 0:
            _open_up_to(free, others, url)
            full = 0
        else:
            # Sessions that look at PostgreSQL for a moment have a place then, too.
            full = 0 if _rows(others[0], TERMINATE_SQL, role) else full + 1
            time.sleep(LOOK_SECONDS)


def _open_up_to(most: int, others: list[psycopg.Connection[Any]], url: str) -> None:
    """Open so many sessions, or fewer: one that is ending is in no view, and takes its place yet.

    Raises `psycopg.OperationalError` when PostgreSQL refuses for another reason.
    """
    try:
        for _ in range(most):
            others.append(psycopg.connect(url, connect_timeout=10))
    except psycopg.OperationalError as error:
        if "too many clients" not in str(error):
            raise
        time.sleep(0.01)


def _rows(
    connection: psycopg.Connection[Any], statement: str, values: dict[str, str] | None = None
) -> Sequence[Any]:
    return connection.execute(statement.encode(), values).fetchall()


async def _limit(stage: Stage, what: str, connections: int) -> None:
    async with stage.fault():
        await stage.sql(f"ALTER {what} CONNECTION LIMIT {connections}")
        await stage.sql(TERMINATE_SQL, {"role": stage.place.role})
        try:
            await asyncio.sleep(stage.seconds)
        finally:
            await stage.sql(f"ALTER {what} CONNECTION LIMIT -1")


async def read_only_cluster(stage: Stage) -> None:
    """Let the whole cluster refuse writes, as providers do when a disk is nearly full."""
    async with stage.fault():
        await stage.sql(f"ALTER SYSTEM SET {READ_ONLY} = on")
        try:
            await stage.sql("SELECT pg_reload_conf()")
            await asyncio.sleep(stage.seconds)
        finally:
            await stage.sql(f"ALTER SYSTEM RESET {READ_ONLY}")
            await stage.sql("SELECT pg_reload_conf()")


async def read_only_role(stage: Stage) -> None:
    """Let new sessions of the role refuse writes; those that were made so stay so."""
    async with stage.fault():
        await stage.sql(f'ALTER ROLE "{stage.place.role}" SET {READ_ONLY} = on')
        try:
            await asyncio.sleep(stage.seconds)
        finally:
            await stage.sql(f'ALTER ROLE "{stage.place.role}" RESET {READ_ONLY}')


AWAY = frozenset({500})
FAULTS = (
    Fault(
        "3 of 10 connections left to the server",
        "database",
        "The role may have only three connections, as when max_connections is nearly reached.",
        leave_few,
        tolerated=AWAY,
    ),
    Fault(
        "connection limit of the role",
        "database",
        "The role may have no connection, and those that it had are ended.",
        fill_role,
        tolerated=AWAY,
    ),
    Fault(
        "connection limit of the database",
        "database",
        "The database takes no connection, and those of the server are ended.",
        fill_database,
        tolerated=AWAY,
    ),
    Fault(
        "max_connections reached",
        "database",
        "Another program has all connections of the cluster, and those of the server are ended.",
        fill_cluster,
        tolerated=AWAY,
    ),
    Fault(
        "read-only cluster",
        "database",
        "default_transaction_read_only is set by ALTER SYSTEM, and taken back: reads are served.",
        read_only_cluster,
        tolerated=AWAY,
        stops=WRITES,
    ),
    Fault(
        "read-only role",
        "database",
        "The same by ALTER ROLE: sessions that were made so are left at the next write.",
        read_only_role,
        tolerated=AWAY,
        stops=WRITES,
        # Sessions are as the role was when they were made: new ones have to be made meanwhile.
        settings={"DATABASE_CONNECTION_AGE_SECONDS": "1"},
    ),
)
