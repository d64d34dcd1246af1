"""The sources of PostgreSQL: embedded by default, a container, or a server that exists.

For the server under test, each of them can be stopped and started again: scenarios about outages
need that. Another source is a class with the members of `Cluster`, in a module of its own, and a
case in `cluster`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from steps.errors import TargetError
from steps.postgres.container import ContainerPostgres
from steps.postgres.embedded import EmbeddedPostgres
from steps.postgres.existing_server import ExistingPostgres


class Cluster(Protocol):
    """A PostgreSQL server in which databases can be made."""

    kind: str
    """The source, for the report."""
    shared: bool
    """Whether it outlives the run: databases and roles that were made in it must be removed."""

    server_options: Mapping[str, str]
    """Options of the connection URL that the server under test gets, too."""

    @property
    def admin_url(self) -> str:
        """URL for the harness itself, of a role that may create databases and roles."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port for the server under test."""

    def start(self) -> None:
        """Start it, or start it again with its data. Raises `TargetError` when that fails."""

    def stop(self) -> None:
        """Make it unreachable for the server under test."""

    def close(self) -> None:
        """Stop it finally, and remove its files or its container."""


def cluster(choice: str, *, in_memory: bool = False) -> Cluster:
    """Return the cluster that `--database` names: embedded, testcontainers or a URL.

    `in_memory`: an embedded one will stay small, and need not be on a disk. Raises `TargetError`
    when there is no such source.
    """
    if choice == "embedded":
        return EmbeddedPostgres(in_memory=in_memory)
    if choice == "testcontainers":
        return ContainerPostgres()
    if choice.startswith(("postgresql://", "postgres://")):
        return ExistingPostgres(choice)
    raise TargetError(
        f"--database: {choice!r} is none of: embedded, testcontainers, postgresql://…"
    )
