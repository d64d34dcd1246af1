"""A database of its own for a test, in the PostgreSQL that all tests share."""

from collections.abc import Iterator

import pytest

from tests.server.databases import Databases, Schema


@pytest.fixture(scope="module")
def databases(owner_url: str) -> Iterator[Databases]:
    databases = Databases(owner_url)
    yield databases
    databases.drop()


@pytest.fixture
def schema(databases: Databases) -> Schema:
    return databases.migrated("ann")
