"""PostgreSQL in a Docker container, by testcontainers."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import psycopg

from steps.errors import TargetError
from steps.process.child import process_exists
from steps.process.ports import PORT_ATTEMPTS, free_port
from steps.surroundings import LIBPQ, remove_variables

PORT_TAKEN_MESSAGES = ("port is already allocated", "address already in use")
OWNER_LABEL = "spec-traceable-harness"
THIS_RUN = f"{socket.gethostname()}:{os.getpid()}"
START_SECONDS = 60


class ContainerPostgres:
    """PostgreSQL in a container; its port is fixed, for a mapped one changes on restart."""

    kind = "container"
    shared = False
    server_options: Mapping[str, str] = MappingProxyType({})

    def __init__(self) -> None:
        remove_variables(LIBPQ)  # they are meant for another server
        try:
            from testcontainers.community.postgres import PostgresContainer
        except ImportError as error:
            raise TargetError(
                "--database testcontainers needs the package testcontainers: install the "
                "dependency group `acceptance`."
            ) from error
        self._container_class: Any = PostgresContainer
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
            location = f"127.0.0.1:{self._port}/{quote(container.dbname)}"
            self.admin_url = f"postgresql://{user}:{password}@{location}"
        self._wait_until_ready()

    def stop(self) -> None:
        self._container.get_wrapped_container().stop(timeout=5)

    def close(self) -> None:
        if self._container is not None:
            self._container.stop()
            self._container = None

    def _run(self, tries: int = PORT_ATTEMPTS) -> Any:
        """Run a container, on another port when another program has taken the chosen one."""
        image = os.environ.get("POSTGRES_IMAGE", "postgres:17-alpine")
        try:
            container = self._container_class(image, driver=None)
            # `with_bind_ports` takes no address, and would open the port to the whole network.
            container.ports = {"5432/tcp": ("127.0.0.1", self._port)}
            container.with_kwargs(labels={OWNER_LABEL: THIS_RUN})
            _remove_abandoned(container.get_docker_client().client)
            container.start()
        except Exception as error:
            if tries > 1 and any(message in str(error) for message in PORT_TAKEN_MESSAGES):
                self._port = free_port()
                return self._run(tries - 1)
            raise TargetError(
                f"No PostgreSQL container could be started from image {image} "
                f"({type(error).__name__}: {error}). Is the Docker engine running, and the image "
                "there? POSTGRES_IMAGE names another."
            ) from error
        return container

    def _wait_until_ready(self) -> None:
        """Return when PostgreSQL answers; Docker opens the mapped port earlier."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.admin_url, connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise TargetError(f"PostgreSQL in the container was not ready within {START_SECONDS} s.")


def _remove_abandoned(docker: Any) -> None:
    """Remove the containers of killed runs of this machine, and failed ones of this run."""
    for container in docker.containers.list(all=True, filters={"label": OWNER_LABEL}):
        host, _, pid = container.labels[OWNER_LABEL].rpartition(":")
        dead = host == socket.gethostname() and not process_exists(int(pid))
        if dead or (container.labels[OWNER_LABEL] == THIS_RUN and container.status == "created"):
            container.remove(force=True, v=True)
