"""Connections to PostgreSQL, and the transaction that tells it who is asking.

No session state, no named prepared statements, no `options`: a transaction pooler (PgBouncer,
Neon's `-pooler` host) may stand between. Asynchronous, because it serves half as many requests
again as sessions in a thread pool do, and can stop waiting for a database that is frozen.
"""

from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import _WaitTimeout
from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from server.settings import Settings

# `session_user` is who logged in: whatever it may become by SET ROLE counts, too.
COULD_BYPASS = """
    SELECT EXISTS (
        SELECT FROM pg_roles r
        WHERE pg_has_role(session_user, r.oid, 'MEMBER')
        AND (r.rolsuper OR r.rolbypassrls OR r.rolname = 'tasks_ownership' OR r.oid =
             ANY (SELECT relowner FROM pg_class
                  WHERE oid IN (to_regclass('public.tasks'), to_regclass('public.users'))))
    )
"""
BEGIN = text(
    "SELECT set_config('app.user_id', :user_id, true),"
    " set_config('statement_timeout', :milliseconds, true)"
)


class BypassingRoleError(Exception):
    """The role of DATABASE_URL could read everybody's tasks."""

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL names a role that can bypass row-level security: use a login role that"
            " is a member of tasks_runtime and of nothing else."
        )


class UserSession(Session):
    """A session whose every transaction begins by naming its user to row-level security."""


@event.listens_for(UserSession, "after_begin")
def _name_the_user(session: Session, _: SessionTransaction, connection: Connection) -> None:
    # Implements: FR-012, SR-003, SC-005, SR-009
    connection.execute(BEGIN, dict(session.info))


def _refuse_bypassing_role(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Implements: SC-005
    cursor = connection.cursor()
    cursor.execute(COULD_BYPASS)
    (could_bypass,) = cursor.fetchone() or (True,)
    cursor.close()
    connection.rollback()
    if could_bypass:
        raise BypassingRoleError


class Database:
    """The pool of connections of one server."""

    def __init__(self, settings: Settings) -> None:
        # At least 1: to PostgreSQL, 0 is no limit at all.
        self._milliseconds = str(max(1, int(settings.database_statement_seconds * 1000)))
        # PostgreSQL's own limit comes first; a second later the client stops waiting for a
        # server that is frozen and cannot keep its limits.
        patience = settings.database_statement_seconds + 1

        class PatientConnection(AsyncConnection[Any]):
            async def wait(self, gen: Any, interval: float = 0.1, timeout: Any = None) -> Any:
                # Implements: EC-04
                try:
                    return await super().wait(gen, interval, timeout or patience)
                except _WaitTimeout:
                    self.pgconn.finish()
                    raise OperationalError("the server did not answer in time") from None

        self._engine = create_async_engine(
            settings.database_url,
            pool_size=settings.database_pool_size,
            max_overflow=0,
            pool_timeout=settings.database_pool_seconds,
            pool_pre_ping=True,  # a restarted PostgreSQL leaves dead connections in the pool
            hide_parameters=True,  # no title or token claim in the log of an error
            connect_args={
                "async_creator_fn": PatientConnection.connect,
                "connect_timeout": max(2, round(settings.database_connect_seconds)),
                "prepare_threshold": None,
            },
        )
        event.listen(self._engine.sync_engine, "connect", _refuse_bypassing_role)

    def session(self, user_id: str) -> AsyncSession:
        """Make a session for one user; a connection is taken at its first statement."""
        # Implements: FR-015, SC-007
        return AsyncSession(
            self._engine,
            sync_session_class=UserSession,
            info={"user_id": user_id, "milliseconds": self._milliseconds},
        )

    async def check(self) -> None:
        """Connect once. Raises `BypassingRoleError`, or SQLAlchemy's error without a database."""
        # Implements: SC-005
        async with self._engine.connect():
            pass

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
