"""One database for one run, made in a cluster and dropped at its end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, cast
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from steps.target.cluster import Cluster
from steps.target.process import TargetError

PREFIX = "acceptance_"


class Database:
    """A fresh database, and a login role for the server under test.

    The role owns the database, so that a server which makes its own tables can do so; unless
    `grant` says what it is to be given instead (`GRANT something TO {role}`), once the schema is
    there.
    """

    def __init__(self, cluster: Cluster, grant: str = "") -> None:
        self._cluster = cluster
        self._grant = grant
        self.name = PREFIX + secrets.token_hex(6)
        self._password = secrets.token_urlsafe(24)
        self._connection: psycopg.Connection[Any] | None = None
        self.version = ""
        self.reachable = True
        """False while it is stopped."""

    @property
    def kind(self) -> str:
        """Where its PostgreSQL comes from."""
        return self._cluster.kind

    @property
    def owner_url(self) -> str:
        """URL of this database with the rights of whoever runs migrations."""
        return urlunsplit(urlsplit(self._cluster.admin_url)._replace(path=f"/{self.name}"))

    @property
    def server_url(self) -> str:
        """URL of this database for the server under test."""
        host, port = self._cluster.address
        login = f"{self.name}:{quote(self._password)}@{host}:{port}"
        return urlunsplit(urlsplit(self._cluster.admin_url)._replace(netloc=login, path=self.name))

    def create(self) -> None:
        """Make the database and the role."""
        name, password = sql.Identifier(self.name), sql.Literal(self._password)
        with self._administer() as admin:
            server = admin.execute("SELECT version(), current_setting('server_version')")
            self.version = str((server.fetchone() or ("", ""))[1])
            try:
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, password))
                owner = sql.SQL("")
                if not self._grant:
                    admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
                    owner = sql.SQL("OWNER {}").format(name)
                admin.execute(sql.SQL("CREATE DATABASE {} {}").format(name, owner))
            except psycopg.errors.InsufficientPrivilege as error:
                raise TargetError(
                    "The role in --database may not create databases and roles "
                    f"({str(error).strip()}): give one with CREATEDB and CREATEROLE."
                ) from error

    def grant(self) -> None:
        """Give the server's role what it needs, now that the schema is there."""
        if self._grant:
            self.execute(self._grant.format(role=self.name))

    def drop(self) -> None:
        """Remove the database and the role."""
        self._disconnect()
        name = sql.Identifier(self.name)
        with self._administer() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(name))

    def stop(self) -> None:
        """Make PostgreSQL unreachable for the server under test."""
        self._disconnect()
        self.reachable = False
        self._cluster.stop()

    def start(self) -> None:
        """Make it reachable again."""
        self._cluster.start()
        self.reachable = True

    def execute(self, statement: str, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Run one statement with the owner's rights; return its rows, if it gives any."""
        cursor = self._connect().execute(cast("LiteralString", statement), values)
        return cursor.fetchall() if cursor.description else []

    def _connect(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.owner_url, autocommit=True, connect_timeout=10)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _administer(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._cluster.admin_url, autocommit=True, connect_timeout=10)
