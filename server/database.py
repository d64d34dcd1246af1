"""Connections to PostgreSQL, and the transaction that tells it which user is asking.

No session state, no named prepared statements, no `options`: a transaction pooler (PgBouncer,
Neon's `-pooler` host) may stand between.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import POLLIN, poll

from psycopg import Error, OperationalError
from sqlalchemy import text
from sqlalchemy.engine import make_url

from server.exchange import Connection, Rows, Statement, exchange
from server.settings import Settings

# `session_user` is the login role: every role that it can take by SET ROLE counts, too.
COULD_BYPASS = Statement(
    text("""
    SELECT EXISTS (
        SELECT FROM pg_roles r
        WHERE pg_has_role(session_user, r.oid, 'MEMBER')
        AND (r.rolsuper OR r.rolbypassrls OR r.rolname = 'tasks_ownership' OR r.oid =
             ANY (SELECT relowner FROM pg_class
                  WHERE oid IN (to_regclass('public.tasks'), to_regclass('public.users'))))
    )
    """)
)
# For this transaction alone: the next one on the same connection may be another user's.
NAME_USER = Statement(
    text(
        "SELECT set_config('app.user_id', :user_id, true),"
        " set_config('statement_timeout', :milliseconds, true)"
    )
)

IDLE_SECONDS = 1.0
"""Seconds without use after which a connection makes a round trip before it is used again."""


class BypassingRoleError(Exception):
    """The role of DATABASE_URL could read the tasks of all users."""

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL names a role that can bypass row-level security: use a login role that"
            " is a member of tasks_runtime and of nothing else."
        )


class Database:
    """The pool of connections of one server, and the transactions of its users."""

    def __init__(self, settings: Settings) -> None:
        url = make_url(settings.database_url)
        _, self._where = url.get_dialect()().create_connect_args(url)
        self._connect_seconds = max(2, round(settings.database_connect_seconds))
        self._pool_seconds = settings.database_pool_seconds
        # At least 1: for PostgreSQL, 0 means no limit.
        self._milliseconds = str(max(1, int(settings.database_statement_seconds * 1000)))
        # PostgreSQL's own limit comes first; a second later the client stops waiting for a
        # server that is frozen and cannot keep its limits.
        self._timeout = settings.database_statement_seconds + 1
        self._slots = asyncio.Semaphore(settings.database_pool_size)
        self._resting: list[tuple[float, Connection]] = []

    async def transact(
        self, user_id: str, statements: Sequence[tuple[Statement, Mapping[str, object]]]
    ) -> list[Rows]:
        """Run the statements in one transaction of that user, in one round trip.

        Raises psycopg's errors, and `BypassingRoleError` if the role sees too much.
        """
        # Implements: FR-012, SR-003, SC-005, SR-009
        named = {"user_id": user_id, "milliseconds": self._milliseconds}
        connection = await self._take()
        try:
            _, *rows = await exchange(connection, [(NAME_USER, named), *statements], self._timeout)
        except Error:  # PostgreSQL rolled back; the connection is usable as before, or closed
            raise
        except BaseException:  # the request was cancelled: nothing will read the results
            connection.finish()
            raise
        finally:
            self._give_back(connection)
        return rows

    async def check(self) -> None:
        """Connect once. Raises `BypassingRoleError`, or psycopg's error without a database."""
        # Implements: SC-005
        self._give_back(await self._take())

    async def close(self) -> None:
        """Close all connections."""
        for _, connection in self._resting:
            connection.finish()
        self._resting.clear()

    async def _take(self) -> Connection:
        # Implements: EC-04
        if self._slots.locked():
            try:
                async with asyncio.timeout(self._pool_seconds):
                    await self._slots.acquire()
            except TimeoutError:
                raise OperationalError("no connection of the pool became free in time") from None
        else:
            await self._slots.acquire()
        try:
            while self._resting:
                # The connection that was used last: it is the least likely to be broken.
                since, connection = self._resting.pop()
                if await self._lives(connection, since):
                    return connection
            return await self._connect()
        except BaseException:
            self._slots.release()
            raise

    def _give_back(self, connection: Connection) -> None:
        if connection.closed:
            connection.finish()
        else:
            self._resting.append((time.monotonic(), connection))
        self._slots.release()

    async def _lives(self, connection: Connection, since: float) -> bool:
        """Return whether a connection works; close it if not: a restart of PostgreSQL breaks it."""
        # Implements: SC-007
        # On an idle connection PostgreSQL sends nothing but the news that it closes it.
        socket = poll()
        socket.register(connection.pgconn.socket, POLLIN)
        alive = not socket.poll(0)
        if alive and time.monotonic() - since > IDLE_SECONDS:
            # A proxy or firewall in between may have dropped it without closing it.
            alive = False
            with suppress(Error):
                await exchange(connection, [], self._timeout)
                alive = True
        if not alive:
            connection.finish()
        return alive

    async def _connect(self) -> Connection:
        # Implements: SC-005
        connection = await Connection.connect(
            **self._where, autocommit=True, connect_timeout=self._connect_seconds
        )
        connection.pgconn.enter_pipeline_mode()
        could_bypass = True
        try:
            (rows,) = await exchange(connection, [(COULD_BYPASS, {})], self._timeout)
            ((could_bypass,),) = rows[:]
        finally:
            if could_bypass:
                connection.finish()
        if could_bypass:
            raise BypassingRoleError
        return connection
