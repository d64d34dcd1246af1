"""New connections to the servers that DATABASE_URL names, and in which order these are tried.

libpq and psycopg begin with the first of several hosts or addresses every time, and wait for each
as long as for one: behind a silent one, no other was ever reached.
"""

import asyncio
import math
import os
import random
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Error, OperationalError

from server.database_url import connection_parameters
from server.exchange import Connection
from server.session import check_session
from server.settings import Settings

LEAST_SECONDS = 2.0
"""What each of several servers is given at least, of all that connecting may take."""
RANDOM = "random"

Place = tuple[str, ...]
"""Host, address and port."""


class NoConnectionError(OperationalError):
    """None of several servers took a connection."""

    def __init__(self, causes: Sequence[Error]) -> None:
        super().__init__("; ".join(dict.fromkeys(str(cause) for cause in causes)))
        self.causes = causes


class Connector:
    """Makes the connections of one server."""

    def __init__(self, settings: Settings) -> None:
        self._where: dict[str, Any] = connection_parameters(settings.database_url)
        self._seconds = settings.database_connect_seconds
        self.statement_seconds = settings.database_statement_seconds + 0.5
        """How long a statement may take. PostgreSQL's own limit comes first; this one is for a
        server that is frozen and cannot keep its limits."""
        self._age_seconds = settings.database_connection_age_seconds
        self._silent: dict[Place, float] = {}
        """When a place was silent last; those that were not, or longer ago, are tried first."""
        self._prefers_writes = False
        self._may_prefer = given(self._where, "target_session_attrs") in ("", "any")
        """Whether the URL leaves it open to which of its servers a connection leads."""

    async def connect(self, deadline: float, *, for_writes: bool = False) -> Connection:
        """Return a connection in which tasks are safe.

        After the first one `for_writes`, servers that take writes are tried before all others.
        Raises psycopg's errors, and `UnusableDatabaseError` where no task would be safe.
        """
        # Implements: SC-005, SC-007
        self._prefers_writes |= for_writes and self._may_prefer
        until = min(deadline, time.monotonic() + self._seconds)
        causes: list[Error] = []
        try:
            async with asyncio.timeout(until - time.monotonic()):
                places = await _addresses(_places(self._where))
        except OSError as error:  # TimeoutError is one, and says nothing
            said = str(error) or "not in time"
            raise OperationalError(f"failed to resolve the host: {said}") from None
        if given(self._where, "load_balance_hosts") == RANDOM:
            random.shuffle(places)
        places.sort(key=lambda place: self._silent.get(place, 0.0))
        share = min(self._seconds, max(LEAST_SECONDS, self._seconds / len(places)))
        wanted: list[dict[str, str]] = [{}]
        if self._prefers_writes and len(places) > 1:
            wanted = [{"target_session_attrs": "read-write"}, {}]
        silent: set[Place] = set()
        for more in wanted:
            for place in places:
                left = until - time.monotonic()
                if place in silent or left <= 0:
                    continue
                try:
                    return await self._connect_to(place, more, min(share, left), deadline)
                except TimeoutError:
                    silent.add(place)
                    self._silent = {one: self._silent.get(one, 0.0) for one in places}
                    self._silent[place] = time.monotonic()
                    causes.append(OperationalError("the server took no connection in time"))
                except Error as error:
                    causes.append(error)
        raise causes[0] if len(causes) == 1 else NoConnectionError(causes)

    async def _connect_to(
        self, place: Place, more: Mapping[str, str], seconds: float, deadline: float
    ) -> Connection:
        # Implements: SC-005
        now = time.monotonic()
        named = dict(zip(("host", "hostaddr", "port"), place, strict=True))
        async with asyncio.timeout(seconds):
            connection = await Connection.connect(
                **{
                    **self._where,
                    **{
                        name: value for name, value in named.items() if value or name in self._where
                    },
                    **more,
                    # Above PGCLIENTENCODING and what the URL, role or database say.
                    "client_encoding": "UTF8",
                },
                autocommit=True,
                connect_timeout=math.ceil(seconds) + 2,  # above PGCONNECT_TIMEOUT; it comes later
            )
        connection.made = connection.heard = now
        # Not all of them at once.
        connection.until = now + self._age_seconds * random.uniform(0.8, 1)  # noqa: S311
        connection.pgconn.enter_pipeline_mode()
        usable = False
        try:
            limit = max(0.001, min(self.statement_seconds, deadline - time.monotonic()))
            await check_session(connection, limit)
            usable = True
        finally:
            if not usable:
                connection.finish()
        return connection


def given(where: Mapping[str, str], name: str) -> str:
    """Return an option of the URL, otherwise of libpq's variable for it, otherwise nothing."""
    # Implements: SC-007
    variable = {
        "target_session_attrs": "TARGETSESSIONATTRS",
        "load_balance_hosts": "LOADBALANCEHOSTS",
    }
    return where.get(name) or os.environ.get("PG" + variable.get(name, name.upper()), "")


def _places(where: Mapping[str, str]) -> list[Place]:
    """Return each of the hosts that are separated by commas."""
    # Implements: SC-007
    columns = [given(where, name).split(",") for name in ("host", "hostaddr", "port")]
    count = max(len(column) for column in columns)
    full = [column * count if len(column) == 1 else column for column in columns]
    return list(zip(*full, strict=False))


async def _addresses(places: Sequence[Place]) -> list[Place]:
    """Return one place for each address of the names. Raises OSError if none has any."""
    # Implements: SC-007
    found: list[Place] = []
    unknown: OSError | None = None
    for host, address, port in places:
        if address or not host or host.startswith("/"):  # a socket of Unix, or what libpq takes
            found.append((host, address, port))
            continue
        try:
            known = await asyncio.get_running_loop().getaddrinfo(
                host, port or None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
            )
        except OSError as error:
            unknown = error
        else:
            found += [(host, str(one[4][0]), port) for one in known]
    if not found and unknown is not None:
        raise unknown
    return found
