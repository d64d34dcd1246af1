"""One request's round trip to PostgreSQL, which is also its one transaction.

All statements of a request are sent together, and PostgreSQL runs them in that order, in one
transaction which it commits at the `Sync` behind the last of them, or rolls back whole when one
fails ("Pipelining" in the protocol's chapter of its manual). Nothing stays open between two
requests and nothing has a name, so a transaction pooler may stand between.

libpq's own pipeline mode, because psycopg's cursors take three times as long for the same: what
they do for every execution is done once for each `Statement` here.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection, DataError, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql

LOOK_AGAIN = 0.1
"""Seconds after which a connection is looked at although its socket reports nothing."""
FLUSH_AGAIN = 0.001
"""Seconds after which the rest of a request is sent that the socket did not take at once."""
DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Statement:
    """A statement over the models' tables, put into SQL once; its values come with each use."""

    def __init__(self, clause: ClauseElement) -> None:
        compiled = clause.compile(dialect=DIALECT)
        self.sql = str(compiled).encode()
        self._names: Sequence[str] = getattr(compiled, "positiontup", None) or ()

    def bind(self, values: Mapping[str, object]) -> list[bytes | None]:
        """Put the values in the statement's order, as the texts that PostgreSQL reads."""
        # Implements: SR-009
        return [_text(values[name]) for name in self._names]


def _text(value: object) -> bytes | None:
    # Implements: SR-009
    if value is None:
        return None
    text = str(value).encode()
    if b"\0" in text:  # libpq would cut the value off at this character
        raise DataError("PostgreSQL's texts cannot hold the character U+0000")
    return text


class Rows:
    """The rows of a statement; they become values of Python only when they are read."""

    def __init__(self, connection: AsyncConnection[Any], result: PGresult) -> None:
        self._connection = connection
        self._result = result

    def __len__(self) -> int:
        return self._result.ntuples

    def __getitem__(self, part: slice) -> list[tuple[Any, ...]]:
        start, end, _ = part.indices(len(self))
        transformer = Transformer(self._connection)
        transformer.set_pgresult(self._result)
        return transformer.load_rows(start, end, tuple)


class Connection(AsyncConnection[Any]):
    """A connection, and a duplicate of its socket, which the event loop watches.

    libpq closes its own socket as soon as it finds the connection broken; a loop that still watched
    the closed number would mistake the next socket of that number for it. There is one duplicate
    for all exchanges, so that none of them needs a further file.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        # Implements: SC-007
        super().__init__(*arguments, **named)
        self.watched = os.dup(self.pgconn.socket)
        # Moments of `time.monotonic`: made, last answered, and used until.
        self.made = self.heard = self.until = 0.0

    def finish(self) -> None:
        """Close the connection without waiting, and the duplicate; either may be closed already."""
        # Implements: SC-007
        self.pgconn.finish()
        if self.watched >= 0:
            os.close(self.watched)
            self.watched = -1


async def exchange(
    connection: Connection,
    statements: Sequence[tuple[Statement, Mapping[str, object]]],
    seconds: float,
) -> list[Rows]:
    """Send the statements together and return the rows of each; send none to test the connection.

    Raises psycopg's error for the first that fails. An `OperationalError` while waiting, after
    `seconds` at the latest, leaves a connection that is closed.
    """
    # Implements: FR-015, SC-007
    libpq = connection.pgconn
    # All are bound before any is sent: a value that cannot be bound leaves no statement half sent.
    bound = [(statement.sql, statement.bind(values)) for statement, values in statements]
    try:
        for sql, values in bound:
            libpq.send_query_params(sql, values)
        libpq.pipeline_sync()
        results = await _answers(connection, seconds)
    except BaseException:  # or the request was cancelled: nothing will read the results
        connection.finish()
        raise
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
    return [Rows(connection, result) for result in results]


async def _answers(connection: Connection, seconds: float) -> list[PGresult]:
    """Send what is buffered, and collect the results up to the end of the transaction."""
    # Implements: FR-015, SC-007
    libpq = connection.pgconn
    loop = asyncio.get_running_loop()
    over: asyncio.Future[list[PGresult]] = loop.create_future()
    results: list[PGresult] = []
    deadline = loop.time() + seconds
    timer: asyncio.TimerHandle

    def read(timed: bool = False) -> None:
        # Implements: FR-015, SC-007
        nonlocal timer
        try:
            libpq.consume_input()
            separators = 0
            # libpq puts one None between the results of two statements. After a second one it has
            # nothing more: to ask again without waiting would spin on a broken connection.
            while separators < 2 and not over.done() and not libpq.is_busy():
                result = libpq.get_result()
                if result is None:
                    separators += 1
                    continue
                separators = 0
                results.append(result)
                if result.status == ExecStatus.PIPELINE_SYNC:
                    over.set_result(results[:-1])
        except OperationalError as error:
            if not over.done():
                over.set_exception(error)
        if not over.done() and loop.time() >= deadline:
            over.set_exception(OperationalError("the server did not answer in time"))
        if timed and not over.done():
            timer = loop.call_later(LOOK_AGAIN, read, True)

    # uvloop stops to watch a socket that was reset, and calls no reader: libpq finds it broken.
    timer = loop.call_later(min(LOOK_AGAIN, seconds), read, True)
    try:
        loop.add_reader(connection.watched, read)
        while libpq.flush() and not over.done():  # the socket does not take all of it at once
            await asyncio.sleep(FLUSH_AGAIN)
        return await over
    finally:
        timer.cancel()
        loop.remove_reader(connection.watched)
