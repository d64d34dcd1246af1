"""A PostgreSQL for the server: which one, and the ways to it.

`Embedded` is the usual one. Another environment is a class with `name` and `open`, and equal values
of it share one PostgreSQL during a run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from steps.postgres.embedded import EmbeddedPostgres
from steps.process.child import run
from steps.process.server_process import environment as variables_of
from steps.target.database import Database
from steps.target.description.tables import DatabaseTable

ROOT = Path(__file__).parents[2]
GRANT = "GRANT tasks_runtime TO {role}"


@dataclass(frozen=True)
class Place:
    """An open environment: a migrated database, and how server and checker reach it."""

    owner_url: str
    """The superuser's URL of the migrated database, straight to PostgreSQL."""
    server_url: str
    """The server's URL of it, with the role that row-level security binds."""
    role: str
    """The name of that role."""
    cluster: EmbeddedPostgres | None = None
    """The PostgreSQL, where it is one that can be stopped and started."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """More variables of the server."""
    connections: int | None = None
    """Most connections that the server gets, where that is fewer than it may have."""


class Environment(Protocol):
    """A PostgreSQL that can be opened. Values are compared: equal ones are opened once."""

    @property
    def name(self) -> str:
        """A few words for the reports."""

    def open(self, folder: Path) -> AbstractContextManager[Place]:
        """Start it, migrate a database, and remove everything at the end.

        Raises `fault.NotRunError` with the reason where it cannot run here.
        """


@dataclass(frozen=True)
class Embedded:
    """The embedded PostgreSQL, with a database of its own."""

    name: str = "embedded PostgreSQL"

    @contextmanager
    def open(self, folder: Path) -> Iterator[Place]:
        """Start PostgreSQL with an empty, migrated database; remove both at the end."""
        cluster = EmbeddedPostgres()
        try:
            cluster.start()
            with migrated(cluster, folder) as database:
                yield Place(database.owner_url, database.server_url, database.name, cluster)
        finally:
            cluster.close()


@contextmanager
def migrated(cluster: EmbeddedPostgres, folder: Path) -> Iterator[Database]:
    """Make a database with the schema of the reference server, and a role for the server."""
    database = Database(cluster, DatabaseTable(schema=[], grant=GRANT))
    try:
        database.create()
        migrate(database.owner_url, folder)
        database.grant()
        database.disconnect()
        yield database
    finally:
        database.disconnect()
        if database.version:
            database.drop()


def migrate(owner_url: str, folder: Path) -> None:
    """Make the schema, as an operator does. Raises `TargetError`."""
    run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        log=folder / "schema.log",
        env=variables_of({"MIGRATION_DATABASE_URL": owner_url}),
        cwd=ROOT,
    )
