"""Alembic's entry: one connection, one transaction, the URL from the environment.

Migrations need a direct connection (no transaction pooler) of a role that may create roles and
owns the database, so they have a variable of their own: MIGRATION_DATABASE_URL.
"""

import os
from typing import Any

from alembic import context
from psycopg import Error, IsolationLevel, connect
from psycopg.errors import (
    DependentObjectsStillExist,
    DuplicateFunction,
    DuplicateObject,
    DuplicateTable,
    FeatureNotSupported,
    InsufficientPrivilege,
    InternalError_,
    UndefinedObject,
    UniqueViolation,
)
from sqlalchemy import create_engine, event, pool
from sqlalchemy.exc import DBAPIError, OperationalError

from server import models
from server.database_url import connection_parameters

VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")
LOCK = 6_012_024_001
"""Key of the advisory lock that every migration of a database holds until it ends."""
LOCK_SECONDS = 60
"""How long a migration waits for another one, unless the URL or the role sets `lock_timeout`."""

# What the URL, the role or the database could have set to change what SQL means. For this
# transaction alone: behind a pooler, the session is another client's afterwards. Every name of the
# migrations has its schema; pg_temp is last, or it would be first.
NAMES = "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)"
MEANING = (
    "SELECT set_config('standard_conforming_strings', 'on', true),"
    " set_config('row_security', 'on', true), set_config('TimeZone', 'GMT', true),"
    " set_config('lock_timeout', coalesce(nullif(current_setting('lock_timeout'), '0'),"
    f" '{LOCK_SECONDS}s'), true)"
)


def migrate() -> None:
    """Run the migrations that the command line asks for, or stop with one sentence."""
    if context.is_offline_mode():
        raise SystemExit(
            "The migrations ask the database while they run, so --sql cannot write them down:"
            " run them without --sql."
        )
    found = next((name for name in VARIABLES if os.environ.get(name)), None)
    if found is None:
        raise SystemExit(
            "Set MIGRATION_DATABASE_URL (or DATABASE_URL) to postgresql://user:password@host/name"
            " of a role that owns the database."
        )
    try:
        where = connection_parameters(os.environ[found].rstrip("\r\n"))
    except ValueError as error:
        raise SystemExit(f"{found} {error}") from None
    try:
        _run(where, found)
    except DBAPIError as error:
        remedy = _remedy(error, found, where.get("user"))
        if remedy is None:
            raise  # a mistake of the migration itself: its author needs the traceback
        raise SystemExit(f"Nothing was migrated ({_said(error)}): {remedy}.") from None


def _run(where: dict[str, str], variable: str) -> None:
    # Above PGCLIENTENCODING and what the URL, the role or the database say.
    parameters: dict[str, Any] = {**where, "client_encoding": "UTF8"}
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(**parameters),
        poolclass=pool.NullPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _begin_anew, insert=True)  # before SQLAlchemy's first query
    with engine.begin() as connection:
        connection.exec_driver_sql(NAMES)
        connection.exec_driver_sql(MEANING)
        # SQLAlchemy asked for it before: what it takes for the default, it reads without a schema.
        connection.dialect.default_schema_name = "pg_catalog"
        encoding = connection.exec_driver_sql("SELECT getdatabaseencoding()").scalar_one()
        if encoding != "UTF8":
            raise SystemExit(
                f"Nothing was migrated (the database {where.get('dbname', '')} is encoded in"
                f" {encoding}): set {variable} to a database made with ENCODING 'UTF8' TEMPLATE"
                " template0."
            )
        context.configure(
            connection=connection,
            target_metadata=models.Task.metadata,
            compare_server_default=True,
            include_schemas=True,
            include_name=_is_ours,
            version_table_schema="public",
        )
        # Instances that start together migrate one after the other; the later ones find the work
        # done. PostgreSQL gives the lock back when the transaction ends.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()


def _begin_anew(connection: Any, _: object) -> None:
    """Let the transaction begin as it must, whatever the URL, the role or the database say."""
    connection.read_only = False
    # What the migration before it did has to be visible after the wait for it.
    connection.isolation_level = IsolationLevel.READ_COMMITTED


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "schema" or name == "public"


def _remedy(error: DBAPIError, variable: str, user: str | None) -> str | None:
    """Return what the operator can do about it; None if the migration itself is wrong."""
    match error.orig:
        case InsufficientPrivilege() as refused if "tasks_ownership" in str(refused):
            return f'as a superuser, GRANT tasks_ownership TO "{user}" WITH ADMIN OPTION'
        case InsufficientPrivilege():
            return f"set {variable} to a role that owns the database and has CREATEROLE"
        case DuplicateTable() | DuplicateFunction() | DuplicateObject():
            return (
                "these migrations did not make it, so rename it or move it to another schema, or"
                f" set {variable} to an empty database"
            )
        case DependentObjectsStillExist():
            return "drop what depends on it first, then run the same command again"
        case FeatureNotSupported() as standby if "recovery" in str(standby):
            return f"set {variable} to the server that takes writes"
        # Roles belong to the cluster: another of its databases is being migrated just now.
        case InternalError_() as clash if "tuple concurrently" in str(clash):
            return "run the same command again"
        case UndefinedObject() as clash if "concurrently dropped" in str(clash):
            return "run the same command again"
        case UniqueViolation() as clash if (clash.diag.table_name or "").startswith("pg_auth"):
            return "run the same command again"
    if not isinstance(error, OperationalError):
        return None
    if error.statement is None:  # so connecting failed
        return f"check that {variable} has the right host, port, name, user and password"
    return "run the same command again when the database is free and well"


def _said(error: DBAPIError) -> str:
    """The database's own words on one line, without the place in the statement."""
    words = str(error.orig)
    if isinstance(error.orig, Error) and error.orig.diag.message_primary:
        told = error.orig.diag
        words = "; ".join(part for part in (told.message_primary, told.message_detail) if part)
    return " ".join(words.split()).rstrip(".")


migrate()
