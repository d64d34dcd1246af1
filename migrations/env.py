"""Alembic's entry: one connection, one transaction, the URL from the environment.

Migrations need a direct connection (no transaction pooler) of a role that may create roles and
owns the database, so they have a variable of their own: MIGRATION_DATABASE_URL.
"""

import os

from alembic import context
from sqlalchemy import create_engine, pool

from server import models
from server.settings import postgresql_url

VARIABLES = ("MIGRATION_DATABASE_URL", "DATABASE_URL")


def migrate() -> None:
    """Run the migrations that the command line asks for, or stop with one sentence."""
    found = next((name for name in VARIABLES if os.environ.get(name)), None)
    if found is None:
        raise SystemExit(
            "Set MIGRATION_DATABASE_URL (or DATABASE_URL) to postgresql://user:password@host/name"
            " of a role that owns the database."
        )
    try:
        url = postgresql_url(os.environ[found])
    except ValueError as error:
        raise SystemExit(f"{found} {error}") from None
    engine = create_engine(url, poolclass=pool.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=models.Task.metadata)
        with context.begin_transaction():
            context.run_migrations()


migrate()
