"""Fixtures of several folders: a real PostgreSQL, embedded as the harness has it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from steps.postgres.embedded import EmbeddedPostgres

# These tests need a Chromium: `nox -s browser` names the folder, other runs leave it out.
collect_ignore = ["browser"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of this test run."""
    cluster = EmbeddedPostgres()
    cluster.start()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def owner_url(cluster: EmbeddedPostgres) -> str:
    """Superuser's URL of an empty database."""
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE owned")
    return cluster.admin_url.rpartition("/")[0] + "/owned"
