"""Where PostgreSQL comes from: embedded by default, a container, or a server that exists.

All three can be stopped and started as the server under test sees it, which is what the scenarios
about outages need.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from steps.errors import TargetError
from steps.postgres.embedded import EmbeddedPostgres
from steps.postgres.proxy import Proxy
from steps.process.child import process_exists
from steps.process.ports import PORT_ATTEMPTS, free_port

TAKEN = ("port is already allocated", "address already in use")
LABEL = "spec-traceable-harness"
OURS = f"{socket.gethostname()}:{os.getpid()}"
START_SECONDS = 60
# What a URL says about where to connect and as whom: its place is before the `?`.
CONNECTION_KEYS = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "user",
        "password",
        "passfile",
        "service",
        "dbname",
        "target_session_attrs",
        "load_balance_hosts",
    ]
)


class Cluster(Protocol):
    """A PostgreSQL server in which databases can be made."""

    kind: str
    """Where it comes from, for the report."""
    shared: bool
    """Whether it stays when the run is over, and everything made in it has to be removed."""
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
    shared = False

    def __init__(self, *, in_memory: bool = False) -> None:
        self._postgres = EmbeddedPostgres(in_memory=in_memory)
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
    shared = False

    def __init__(self) -> None:
        try:
            from testcontainers.community.postgres import PostgresContainer
        except ImportError as error:
            raise TargetError(
                "--database testcontainers needs the package testcontainers: install the "
                "dependency group `acceptance`."
            ) from error
        self._kind: Any = PostgresContainer
        self._port = free_port()
        self._container: Any = None
        self.admin_url = ""

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    def start(self) -> None:
        if self._container is not None:
            self._container.get_wrapped_container().start()
        else:
            container = self._container = self._run()
            user, password = quote(container.username), quote(container.password)
            place = f"127.0.0.1:{self._port}/{quote(container.dbname)}"
            self.admin_url = f"postgresql://{user}:{password}@{place}"
        self._wait_until_ready()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=5)

    def close(self) -> None:
        if self._container is not None:
            self._container.stop()
            self._container = None

    def _run(self, tries: int = PORT_ATTEMPTS) -> Any:
        """Run a container, on another port when somebody else was faster to take the chosen one."""
        image = os.environ.get("POSTGRES_IMAGE", "postgres:17-alpine")
        try:
            container = self._kind(image, driver=None)
            # `with_bind_ports` takes no address, and would open the port to the whole network.
            container.ports = {"5432/tcp": ("127.0.0.1", self._port)}
            container.with_kwargs(labels={LABEL: OURS})
            _remove_abandoned(container.get_docker_client().client)
            container.start()
        except Exception as error:
            if tries > 1 and any(sign in str(error) for sign in TAKEN):
                self._port = free_port()
                return self._run(tries - 1)
            raise TargetError(
                f"No PostgreSQL container could be started from image {image} "
                f"({type(error).__name__}: {error}). Is the Docker engine running, and the image "
                "there? POSTGRES_IMAGE names another."
            ) from error
        return container

    def _wait_until_ready(self) -> None:
        """Return when it answers over the mapped port, which Docker opens before PostgreSQL."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.admin_url, connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise TargetError(f"PostgreSQL in the container was not ready within {START_SECONDS} s.")


def _remove_abandoned(docker: Any) -> None:
    """Remove the containers of runs of this machine that were killed, and our own failed ones."""
    for container in docker.containers.list(all=True, filters={"label": LABEL}):
        host, _, pid = container.labels[LABEL].rpartition(":")
        dead = host == socket.gethostname() and not process_exists(int(pid))
        if dead or (container.labels[LABEL] == OURS and container.status == "created"):
            container.remove(force=True, v=True)


class Existing:
    """A server that exists and is not ours to stop: a proxy of ours stands in front of it."""

    kind = "existing server"
    shared = True

    def __init__(self, url: str) -> None:
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise TargetError(f"--database: not a connection URL: {error}") from error
        self._options = {
            name: str(value) for name, value in parts.items() if name not in CONNECTION_KEYS
        }
        self.admin_url = url
        self._proxy: Proxy | None = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self._proxy.port if self._proxy else 0

    def start(self) -> None:
        if self._proxy is None:
            self._proxy = self._connect()
        self._proxy.start()

    def stop(self) -> None:
        if self._proxy is not None:
            self._proxy.stop()

    def close(self) -> None:
        self.stop()

    def _connect(self) -> Proxy:
        """Find out where the URL leads, which may depend on PGHOST, ~/.pgpass and the like."""
        try:
            with psycopg.connect(self.admin_url, connect_timeout=10) as connection:
                info = connection.info
                host, port = info.host, info.port
                user, password = quote(info.user, safe=""), quote(info.password, safe="")
                near = host.startswith("/")
                place = "" if near else f"[{host}]" if ":" in host else host
                options = self._options | ({"host": host} if near else {})
                login = f"{user}:{password}" if password else user
                query = f"?{urlencode(options, quote_via=quote)}" if options else ""
                self.admin_url = (
                    f"postgresql://{login}@{place}:{port}/{quote(info.dbname, safe='')}{query}"
                )
                return Proxy(host if near else info.hostaddr or host, port)
        except psycopg.Error as error:
            raise TargetError(
                f"--database: cannot connect: {' '.join(str(error).split())}. Check the URL, and "
                "that the server runs."
            ) from error


def cluster(choice: str, *, in_memory: bool = False) -> Cluster:
    """Return the cluster that `--database` names: embedded, testcontainers or a URL.

    `in_memory` says that an embedded one will stay small, and need not be on a disk.
    """
    if choice == "embedded":
        return Embedded(in_memory=in_memory)
    if choice == "testcontainers":
        return Container()
    if choice.startswith(("postgresql://", "postgres://")):
        return Existing(choice)
    raise TargetError(
        f"--database: {choice!r} is none of: embedded, testcontainers, postgresql://…"
    )
