"""Where PostgreSQL comes from: embedded by default, a container, or a server that exists.

All three can be stopped and started as the server under test sees it, which is what the scenarios
about outages need.
"""

from __future__ import annotations

from typing import Protocol

from steps.errors import TargetError
from steps.postgres.container import ContainerPostgres
from steps.postgres.embedded import EmbeddedPostgres
from steps.postgres.existing_server import ExistingPostgres


class Cluster(Protocol):
    """A PostgreSQL server in which databases can be made."""

    kind: str
    """Where it comes from, for the report."""
    shared: bool
    """Whether it stays when the run is over, and everything made in it has to be removed."""

    @property
    def admin_url(self) -> str:
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


def cluster(choice: str, *, in_memory: bool = False) -> Cluster:
    """Return the cluster that `--database` names: embedded, testcontainers or a URL.

    `in_memory` says that an embedded one will stay small, and need not be on a disk.
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
