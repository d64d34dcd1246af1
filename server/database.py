"""Connections to PostgreSQL, and the transaction that tells it which user is asking.

No session state, no named prepared statements, no `options`: a transaction pooler (PgBouncer,
Neon's `-pooler` host) may stand between.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from select import POLLIN, poll

from psycopg import Error, OperationalError
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import text

from server.connecting import Connector
from server.exchange import Connection, Rows, Statement, exchange
from server.session import read_state
from server.settings import Settings
from server.slots import Slots

log = logging.getLogger("server.database")

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


class Database:
    """The pool of connections of one server, and the transactions of its users."""

    def __init__(self, settings: Settings) -> None:
        self._connector = Connector(settings)
        self._pool_seconds = settings.database_pool_seconds
        self._statement_seconds = settings.database_statement_seconds
        self._lock_seconds = settings.lock_seconds
        self.seconds = settings.request_seconds
        """How long one request may take here, waiting included."""
        self._timeout = self._connector.statement_seconds
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

        All of it takes `seconds` at most. Raises psycopg's errors, and `UnusableDatabaseError`
        where no task would be safe.
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
                connection = await self._connector.connect(deadline, for_writes=True)
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
        """Connect once, and warn of what requests would fail of, or may lose.

        Raises `UnusableDatabaseError`, or psycopg's error without a database.
        """
        # Implements: SC-005, SC-007
        deadline = time.monotonic() + self.seconds
        connection = await self._take("", deadline)
        try:
            state = await read_state(connection, self._timeout)
            if state.no_writes:
                connection.finish()
                connection = await self._connector.connect(deadline, for_writes=True)
                state = await read_state(connection, self._timeout)
        finally:
            self._give_back("", connection)
        for sentence in filter(None, (state.no_writes, *state.others)):
            log.warning(sentence)  # whoever made it so can take it back, without a new start

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
                connection = connection or await self._connector.connect(deadline)
                self._in_use += 1
            except OperationalError:
                pause = REFUSED_SECONDS if self._in_use else PAUSE_SECONDS
                if not self._in_use and not self._resting:
                    raise
                # PostgreSQL may be full: wait for a connection that another request uses now, or
                # has given back meanwhile.
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
