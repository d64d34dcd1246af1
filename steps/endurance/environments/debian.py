"""A PostgreSQL server from Debian's programs, which have what the embedded one lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from steps.endurance.environment import GRANT, Place, migrate
from steps.endurance.environments.programs import postgresql_programs
from steps.postgres.embedded import EmbeddedPostgres
from steps.target.database import Database
from steps.target.description.tables import DatabaseTable


class DebianPostgres(EmbeddedPostgres):
    """A temporary cluster, run like the embedded one: on 127.0.0.1, without a socket or orphans."""

    kind = "Debian's PostgreSQL"

    @property
    def programs(self) -> Path:
        """The folder of its programs. Raises `NotRunError` where they are missing."""
        return postgresql_programs()

    def _find_binaries(self) -> Path:
        return self.programs


@dataclass(frozen=True)
class Debian:
    """Debian's PostgreSQL with further settings, as (name, value)."""

    name: str = "Debian's PostgreSQL"
    settings: tuple[tuple[str, str], ...] = field(default=())

    @contextmanager
    def open(self, folder: Path) -> Iterator[Place]:
        """Start it with an empty, migrated database; remove both at the end."""
        postgresql_programs()
        cluster = DebianPostgres(settings=dict(self.settings))
        try:
            cluster.start()
            yield migrated_place(cluster, folder)
        finally:
            cluster.close()


def migrated_place(cluster: EmbeddedPostgres, folder: Path) -> Place:
    """Make a database of the reference server, and a role that row-level security binds.

    Nothing drops them: they end with their temporary cluster, which may be dead by then.
    """
    database = Database(cluster, DatabaseTable(schema=[], grant=GRANT))
    try:
        database.create()
        migrate(database.owner_url, folder)
        database.grant()
    finally:
        database.disconnect()
    return Place(database.owner_url, database.server_url, database.name, cluster)


def with_port(url: str, port: int) -> str:
    """Return the URL with another port: that of a proxy or a pooler on the same host."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.hostname}:{port}"))
