"""Connections to PostgreSQL, and the transaction that tells it which user is asking.

No session state, no named prepared statements, no `options`: a transaction pooler (PgBouncer,
Neon's `-pooler` host) may stand between.
"""

import asyncio
import logging
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import POLLIN, poll
from typing import Any

from psycopg import Error, OperationalError
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import text

from server.database_url import connection_parameters
from server.exchange import Connection, Rows, Statement, exchange
from server.settings import Settings
from server.slots import Slots

log = logging.getLogger("server.database")

# `session_user` is the login role: every role that it can take by SET ROLE counts, too. Every name
# and every operator has its schema: no setting of the role leads to another one of that name.
COULD_BYPASS = Statement(
    text("""
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_roles r
        WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
        AND (r.rolsuper OR r.rolbypassrls OR r.rolname OPERATOR(pg_catalog.=) 'tasks_ownership'
             OR r.oid OPERATOR(pg_catalog.=) ANY (
                 SELECT c.relowner FROM pg_catalog.pg_class c
                 WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('public.tasks')
                 OR c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('public.users')))
    ), pg_catalog.getdatabaseencoding(),
    pg_catalog.current_setting('session_replication_role'),
    pg_catalog.current_setting('default_transaction_isolation')
    """)
)
# For this transaction alone: the next one on the same connection may be another user's, and another
# client of a pooler may have left its own settings behind. The search_path finds the operators
# where the statements mean them; without row_security, PostgreSQL refuses every statement; a role
# that somebody took by SET ROLE may not have the rights of the login role. No column is selected:
# six more for each request would take longer than setting them does.
NAME_USER = Statement(
    text(
        "SELECT WHERE pg_catalog.set_config('app.user_id', :user_id, true) IS NOT NULL"
        " AND pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) IS NOT NULL"
        " AND pg_catalog.set_config('row_security', 'on', true) IS NOT NULL"
        " AND pg_catalog.set_config('role', 'none', true) IS NOT NULL"
        " AND pg_catalog.set_config('statement_timeout', :milliseconds, true) IS NOT NULL"
        " AND pg_catalog.set_config('lock_timeout', :lock_milliseconds, true) IS NOT NULL"
    )
)

# No statement of ours can set these for its own transaction: the first is a superuser's, the second
# has to be set before any query. Without them, no foreign key and no trigger holds, and concurrent
# writes of one task fail instead of waiting.
NEEDED = {"session_replication_role": "origin", "default_transaction_isolation": "read committed"}

IDLE_SECONDS = 1.0
"""Seconds without use after which a connection makes a round trip before it is used again."""
PROBE_SECONDS = 1.0
"""How long that round trip may take: the network may have forgotten the connection."""
PAUSE_SECONDS = 0.05
"""How long the slot of a connection that could not be made stays unused: do not hammer."""
REFUSED_SECONDS = 0.5
"""The same while other connections work: PostgreSQL has no more for this server just now."""
BROKEN = ("08", "57P", "58", "XX")
"""SQLSTATEs after which a connection is not used again: the server ends, or is at fault."""


class UnusableDatabaseError(Exception):
    """DATABASE_URL leads where no task is safe. The message is one sentence with the remedy."""


class WrongEncodingError(UnusableDatabaseError):
    """The database cannot hold every text that the API accepts, or counts bytes as characters."""


class BypassingRoleError(UnusableDatabaseError):
    """The role of DATABASE_URL could read the tasks of all users."""

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL names a role that can bypass row-level security: use a login role that"
            " is a member of tasks_runtime and of nothing else."
        )


class Database:
    """The pool of connections of one server, and the transactions of its users."""

    def __init__(self, settings: Settings) -> None:
        self._where: dict[str, Any] = connection_parameters(settings.database_url)
        self._hosts = max(1, len(self._where.get("host", "").split(",")))
        self._connect_seconds = settings.database_connect_seconds
        self._pool_seconds = settings.database_pool_seconds
        self._age_seconds = settings.database_connection_age_seconds
        self._statement_seconds = settings.database_statement_seconds
        self._lock_seconds = settings.lock_seconds
        self.seconds = settings.request_seconds
        """How long one request may take here, waiting included."""
        # PostgreSQL's own limit comes first; half a second later the client stops waiting for a
        # server that is frozen and cannot keep its limits.
        self._timeout = settings.database_statement_seconds + 0.5
        self._slots = Slots(settings.database_pool_size)
        self._resting: list[tuple[float, Connection]] = []
        self._in_use = 0
        self._distrusted = 0.0
        """Connections made before this moment lead to a server that is not the one wanted."""

    async def transact(
        self,
        user_id: str,
        statements: Sequence[tuple[Statement, Mapping[str, object]]],
        seconds: float | None = None,
    ) -> list[Rows]:
        """Run the statements in one transaction of that user, in one round trip.

        All of it takes `seconds` at most. Raises psycopg's errors, and `BypassingRoleError` if the
        role sees too much.
        """
        # Implements: FR-012, SR-003, SC-005, SR-009
        deadline = time.monotonic() + (self.seconds if seconds is None else seconds)
        connection = await self._take(user_id, deadline)
        try:
            try:
                return await self._run(connection, user_id, statements, deadline)
            except ReadOnlySqlTransaction:
                # Nothing was executed. After a failover, a new connection leads to the server that
                # takes writes, and all older ones to the one that does not.
                connection.finish()
                connection = await self._connect(deadline)
                rows = await self._run(connection, user_id, statements, deadline)
                self._distrusted = connection.made  # those in use are closed when given back
                self._drop(connection.made)
                log.warning("A server that takes no writes was left for another one.")
                return rows
        except Error as error:
            # PostgreSQL rolled back; the connection is usable as before, unless the server ends.
            if (error.sqlstate or "").startswith(BROKEN):
                connection.finish()
            if connection.closed:
                self._drop(connection.heard)
            raise
        finally:
            self._give_back(user_id, connection)

    async def check(self) -> None:
        """Connect once. Raises `BypassingRoleError`, or psycopg's error without a database."""
        # Implements: SC-005
        self._give_back("", await self._take("", time.monotonic() + self.seconds))

    async def close(self) -> None:
        """Close all connections."""
        self._drop(time.monotonic())

    async def _run(
        self,
        connection: Connection,
        user_id: str,
        statements: Sequence[tuple[Statement, Mapping[str, object]]],
        deadline: float,
    ) -> list[Rows]:
        # Implements: FR-012, SR-003
        seconds = min(self._timeout, deadline - time.monotonic())
        if seconds <= 0:
            raise OperationalError("the database took all of the request's time")
        # At least 1: for PostgreSQL, 0 means no limit.
        limit = max(2, int(min(self._statement_seconds, seconds * 0.9) * 1000))
        named = {
            "user_id": user_id,
            "milliseconds": limit,
            "lock_milliseconds": max(1, min(int(self._lock_seconds * 1000), limit // 2)),
        }
        _, *rows = await exchange(connection, [(NAME_USER, named), *statements], seconds)
        return rows

    async def _take(self, user_id: str, deadline: float) -> Connection:
        # Implements: EC-04
        until = min(deadline, time.monotonic() + self._pool_seconds)
        while True:
            await self._slots.take(user_id, until - time.monotonic())
            pause = 0.0
            connection = None
            try:
                while self._resting and connection is None:
                    # The connection that was used last: it is the least likely to be broken.
                    since, rested = self._resting.pop()
                    if await self._lives(rested, since, deadline):
                        connection = rested
                connection = connection or await self._connect(deadline)
                self._in_use += 1
            except OperationalError:
                pause = REFUSED_SECONDS if self._in_use else PAUSE_SECONDS
                if not self._in_use:
                    raise
                # PostgreSQL may be full: wait for a connection that another request uses now.
            else:
                return connection
            finally:
                if connection is None:
                    self._slots.give_back(user_id, pause)

    def _give_back(self, user_id: str, connection: Connection) -> None:
        now = connection.heard = time.monotonic()
        if connection.closed or now > connection.until or connection.made < self._distrusted:
            connection.finish()
        else:
            self._resting.append((now, connection))
        self._in_use -= 1
        self._slots.give_back(user_id)

    def _drop(self, heard: float) -> None:
        """Close the connections that rest since that moment, or longer."""
        # Implements: SC-007
        for since, connection in self._resting:
            if since <= heard:
                connection.finish()
        self._resting = [one for one in self._resting if one[0] > heard]

    async def _lives(self, connection: Connection, since: float, deadline: float) -> bool:
        """Return whether a connection works; close it if not: a restart of PostgreSQL breaks it."""
        # Implements: SC-007
        now = time.monotonic()
        if now > connection.until or connection.made < self._distrusted:
            connection.finish()
            return False
        # On an idle connection PostgreSQL sends nothing but the news that it closes it.
        socket = poll()
        socket.register(connection.pgconn.socket, POLLIN)
        alive = not socket.poll(0)
        try:
            if alive and now - since > IDLE_SECONDS:
                # A proxy or firewall in between may have dropped it without closing it.
                alive = False
                with suppress(Error):
                    await exchange(connection, [], min(PROBE_SECONDS, deadline - now))
                    alive = True
        finally:
            if not alive:
                connection.finish()
        if not alive:  # what broke it broke all that rested as long
            self._drop(since)
            log.warning("Connections to the database that rested were lost.")
        return alive

    async def _connect(self, deadline: float) -> Connection:
        # Implements: SC-005
        now = time.monotonic()
        try:
            async with asyncio.timeout(min(self._connect_seconds, deadline - now)):
                connection = await Connection.connect(
                    **{
                        **self._where,
                        # Above PGCLIENTENCODING and what the URL, role or database say.
                        "client_encoding": "UTF8",
                    },
                    autocommit=True,
                    # For each of several hosts; libpq takes 2 seconds for the least.
                    connect_timeout=max(2, round(self._connect_seconds / self._hosts)),
                )
        except TimeoutError:
            raise OperationalError("the server took no connection in time") from None
        connection.made = connection.heard = now
        # Not all of them at once.
        connection.until = now + self._age_seconds * random.uniform(0.8, 1)  # noqa: S311
        connection.pgconn.enter_pipeline_mode()
        usable = False
        try:
            seconds = max(0.001, min(self._timeout, deadline - time.monotonic()))
            (rows,) = await exchange(connection, [(COULD_BYPASS, {})], seconds)
            ((could_bypass, encoding, *found),) = rows[:]
            if encoding != "UTF8":
                raise WrongEncodingError(
                    f"DATABASE_URL leads to a database that is encoded in {encoding}: use one that"
                    " was made with ENCODING 'UTF8', so that it can hold every text."
                )
            if could_bypass:
                raise BypassingRoleError
            for (name, needed), value in zip(NEEDED.items(), found, strict=True):
                if value != needed:
                    raise UnusableDatabaseError(
                        f"DATABASE_URL leads to sessions whose {name} is '{value}': set it to"
                        f" '{needed}' for this role or database, or in the URL."
                    )
            usable = True
        finally:
            if not usable:
                connection.finish()
        return connection
