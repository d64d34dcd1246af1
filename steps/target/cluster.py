"""Where PostgreSQL comes from: embedded by default, a container, or a server that exists.

All three can be stopped and started as the server under test sees it, which is what the scenarios
about outages need.
"""

from __future__ import annotations

import os
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from steps.target.postgres import Postgres
from steps.target.process import TargetError, free_port
from steps.target.proxy import Proxy


class Cluster(Protocol):
    """A PostgreSQL server in which databases can be made."""

    kind: str
    """Where it comes from, for the report."""
    admin_url: str
    """How the harness itself reaches it, with a role that may create databases and roles."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port by which the server under test reaches it."""

    def start(self) -> None:
        """Start it, or start it again with its data."""

    def stop(self) -> None:
        """Make it unreachable for the server under test."""

    def close(self) -> None:
        """Stop it for good, and remove what was made for it."""


class Embedded:
    """PostgreSQL from a wheel, in a temporary folder."""

    kind = "embedded"

    def __init__(self) -> None:
        self._postgres = Postgres()
        self.admin_url = ""

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._postgres.port

    def start(self) -> None:
        self._postgres.start()
        self.admin_url = self._postgres.admin_url

    def stop(self) -> None:
        self._postgres.stop()

    def close(self) -> None:
        self._postgres.close()


class Container:
    """PostgreSQL in a container; the port is fixed, because a restart would change a mapped one."""

    kind = "container"

    def __init__(self) -> None:
        try:
            from testcontainers.community.postgres import PostgresContainer
        except ImportError as error:
            raise TargetError(
                "--database testcontainers needs the package testcontainers: install the "
                "dependency group `acceptance`."
            ) from error
        image = os.environ.get("POSTGRES_IMAGE", "postgres:17-alpine")
        self._port = free_port()
        self._container: Any = PostgresContainer(image, driver=None)
        self._container.with_bind_ports("5432/tcp", ("127.0.0.1", self._port))
        self._started = False
        self.admin_url = ""

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    def start(self) -> None:
        if self._started:
            self._container.get_wrapped_container().start()
            return
        try:
            self._container.start()
        except Exception as error:
            raise TargetError(
                f"No PostgreSQL container could be started ({type(error).__name__}: {error}). "
                "Is the Docker engine running, and the image there? POSTGRES_IMAGE names another."
            ) from error
        self._started = True
        user, password = quote(self._container.username), quote(self._container.password)
        database = quote(self._container.dbname)
        self.admin_url = f"postgresql://{user}:{password}@127.0.0.1:{self._port}/{database}"

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=5)

    def close(self) -> None:
        if self._started:
            self._container.stop()


class Existing:
    """A server that exists and is not ours to stop: a proxy of ours stands in front of it."""

    kind = "existing server"

    def __init__(self, url: str) -> None:
        self.admin_url = url
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise TargetError(f"--database: not a connection URL: {error}") from error
        host = str(parts.get("host") or parts.get("hostaddr") or "127.0.0.1")
        self._proxy = Proxy(host, int(str(parts.get("port") or 5432)))

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._proxy.port

    def start(self) -> None:
        try:
            psycopg.connect(self.admin_url, connect_timeout=10).close()
        except psycopg.Error as error:
            raise TargetError(
                f"--database: cannot connect: {str(error).strip()}. Check the URL, and that the "
                "server runs."
            ) from error
        self._proxy.start()

    def stop(self) -> None:
        self._proxy.stop()

    def close(self) -> None:
        self._proxy.stop()


def cluster(choice: str) -> Cluster:
    """Return the cluster that `--database` names: embedded, testcontainers or a URL."""
    if choice == "embedded":
        return Embedded()
    if choice == "testcontainers":
        return Container()
    if choice.startswith(("postgresql://", "postgres://")):
        return Existing(choice)
    raise TargetError(
        f"--database: {choice!r} is none of: embedded, testcontainers, postgresql://…"
    )
