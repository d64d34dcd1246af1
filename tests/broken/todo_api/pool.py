"""A few connections to PostgreSQL, used again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.rows import DictRow, dict_row

from .faults import broken, differs

Connection = psycopg.AsyncConnection[DictRow]
CONNECTIONS = 24
LONGEST_QUEUE = 64
"""Requests that have or wait for a connection, where there is a limit."""
SECONDS = 5


class Pool:
    """Hands out connections that commit each statement by itself."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._idle: list[Connection] = []
        self._free = asyncio.Semaphore(1 if differs("one-connection") else CONNECTIONS)
        self._asked = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection that works. Raises `psycopg.OperationalError` when there is none."""
        if self._asked >= LONGEST_QUEUE and broken("crowd-refused"):
            raise psycopg.OperationalError("too many clients already")
        self._asked += 1
        try:
            async with self._free:
                connection = await self._working()
                try:
                    yield connection
                finally:
                    if connection.closed:
                        self._idle.clear()  # the event that closed one connection has closed all
                    else:
                        self._idle.append(connection)
        finally:
            self._asked -= 1

    async def _working(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if broken("stale-connections"):
                return connection
            try:
                await connection.execute("SELECT 1")
            except psycopg.OperationalError:
                await connection.close()
            else:
                return connection
        connecting = psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, row_factory=dict_row, connect_timeout=SECONDS
        )
        return await connecting
