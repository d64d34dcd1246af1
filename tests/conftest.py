"""Fixtures of several folders: a real PostgreSQL, embedded as the harness has it.

A test that starts a judging or a PostgreSQL of its own has a marker that says so, or it fails: so
it is known which tests `-m "not judging"` leaves out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from steps.postgres.embedded import EmbeddedPostgres
from steps.run.worker_count import cores

# These tests need a Chromium: `nox -s browser` names the folder, other runs leave it out.
collect_ignore = ["browser"]

COMMANDS = {
    "steps.acceptance": "judging",
    "features": "judging",
    "postgres": "postgresql",
    "initdb": "postgresql",
}
"""Word of a command -> the marker of tests that run such a command."""

running: list[pytest.Item] = []
"""The test that runs now, if any."""


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist there is none
def pytest_xdist_auto_num_workers() -> int:
    """Use one worker more than there are cores: some tests only wait for a time limit."""
    return cores() + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Distribute the tests one by one, unless the command line says how."""
    if config.getoption("dist") != "load":
        return None
    from tests.scheduling import OneByOne

    return OneByOne(config, log)


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the PostgreSQL of this run."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note which test runs, for the check of its markers."""
    running.append(item)
    try:
        return (yield)
    finally:
        running.pop()


def _demand_marker(event: str, arguments: tuple[object, ...]) -> None:
    """Fail a test that starts a judging or a PostgreSQL without the marker for it."""
    if event != "subprocess.Popen" or not running:
        return
    _, words, _, _ = arguments
    assert isinstance(words, list | tuple)
    for name in (Path(os.fsdecode(word)).name for word in words):
        marker = COMMANDS.get(name)
        # A judging has its own PostgreSQL.
        if marker and not {marker, "judging"} & {one.name for one in running[-1].iter_markers()}:
            pytest.fail(
                f"{running[-1].nodeid} starts {name}: mark it with pytest.mark.{marker}",
                pytrace=False,
            )


sys.addaudithook(_demand_marker)


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
