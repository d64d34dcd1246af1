"""Alembic's entry: one connection, one transaction, the URL from the environment.

Migrations need a direct connection (no transaction pooler) of a role that may create roles and
owns the database, so they have a variable of their own: MIGRATION_DATABASE_URL.
"""

import os

from alembic import context
from psycopg import Error, connect
from psycopg.errors import (
    DependentObjectsStillExist,
    DuplicateFunction,
    DuplicateObject,
    DuplicateTable,
    InsufficientPrivilege,
)
from sqlalchemy import create_engine, pool
from sqlalchemy.exc import DBAPIError, OperationalError

from server import models
from server.database_url import connection_parameters

VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")


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
        _run(where)
    except DBAPIError as error:
        remedy = _remedy(error, found, where.get("user"))
        if remedy is None:
            raise  # a mistake of the migration itself: its author needs the traceback
        raise SystemExit(f"Nothing was migrated ({_said(error)}): {remedy}.") from None


def _run(where: dict[str, str]) -> None:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(**where),  # type: ignore[arg-type]  # all of them are texts
        poolclass=pool.NullPool,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=models.Task.metadata,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()


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
