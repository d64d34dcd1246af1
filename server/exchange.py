"""One request's round trip to PostgreSQL, which is also its one transaction.

All statements of a request are sent together, and PostgreSQL runs them in that order, in one
transaction which it commits at the `Sync` behind the last of them, or rolls back whole when one
fails ("Pipelining" in the protocol's chapter of its manual). Nothing stays open between two
requests and nothing has a name, so a transaction pooler may stand between.

libpq's own pipeline mode, because psycopg's cursors take three times as long for the same: what
they do for every execution is done once for each `Statement` here.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import _WaitTimeout, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql

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
        given = (values[name] for name in self._names)
        return [None if value is None else str(value).encode() for value in given]


class Rows:
    """What a statement gave: rows that become values of Python only when they are looked at."""

    def __init__(self, connection: AsyncConnection[Any], result: PGresult) -> None:
        self._count = result.ntuples
        self._transformer = Transformer(connection)
        self._transformer.set_pgresult(result)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> list[tuple[Any, ...]]:
        start, end, _ = part.indices(self._count)
        return self._transformer.load_rows(start, end, tuple)


async def exchange(
    connection: AsyncConnection[Any],
    statements: Sequence[tuple[Statement, Mapping[str, object]]],
    patience: float,
) -> list[Rows]:
    """Send the statements together and give the rows of each; without any, ask for a sign of life.

    Raises psycopg's error for the first that fails. An `OperationalError` while waiting, after
    `patience` seconds at the latest, leaves a connection that is closed.
    """
    # Implements: FR-015, SC-007
    libpq = connection.pgconn
    for statement, values in statements:
        libpq.send_query_params(statement.sql, statement.bind(values))
    libpq.pipeline_sync()
    try:
        results = await connection.wait(_until_sync(libpq), timeout=patience)
    except _WaitTimeout:
        libpq.finish()
        raise OperationalError("the server did not answer in time") from None
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
    return [Rows(connection, result) for result in results]


def _until_sync(libpq: PGconn) -> Generator[Wait, Ready | int, list[PGresult]]:
    """Send what is buffered, and collect results up to the end of the transaction."""
    # Implements: FR-015, SC-007
    results: list[PGresult] = []
    sending = libpq.flush() != 0
    while True:
        ready = yield Wait.RW if sending else Wait.R
        if sending and ready & Ready.W:
            sending = libpq.flush() != 0
        if not ready & Ready.R:
            continue
        libpq.consume_input()
        while not libpq.is_busy():
            result = libpq.get_result()
            if result is None:  # what stands between the results of two statements
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)
