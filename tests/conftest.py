"""What several rooms of the tests need: a real PostgreSQL, from the harness's own wheel.

A test that starts a server or a PostgreSQL of its own says so by a marker, or it fails. So it is
known what `-m "not judging"` leaves out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from steps.postgres.cluster import Embedded
from steps.run.worker_count import cores

# They need a Chromium: `nox -s browser` names the folder, and only whoever names it gets it.
collect_ignore = ["browser"]

COMMANDS = {
    "steps.acceptance": "judging",
    "features": "judging",
    "postgres": "postgresql",
    "initdb": "postgresql",
}
"""Words of a command that starts something, and the marker of tests that start it."""

running: list[pytest.Item] = []
"""The test that runs, if any."""


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist there is none
def pytest_xdist_auto_num_workers() -> int:
    """Have one worker more than cores: some tests do nothing but wait for a time limit."""
    return cores() + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Share the tests out one by one, unless the command line says how."""
    if config.getoption("dist") != "load":
        return None
    from tests.scheduling import OneByOne

    return OneByOne(config, log)


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that are given the PostgreSQL of this run."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Know the test that starts something."""
    running.append(item)
    try:
        return (yield)
    finally:
        running.pop()


def _demand_marker(event: str, arguments: tuple[object, ...]) -> None:
    """Fail a test that starts a judging or a PostgreSQL and does not say so by its marker."""
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
def cluster() -> Iterator[Embedded]:
    """A PostgreSQL server of this test run."""
    cluster = Embedded()
    cluster.start()
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def owner_url(cluster: Embedded) -> str:
    """Superuser's URL of an empty database."""
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE owned")
    return cluster.admin_url.rpartition("/")[0] + "/owned"
