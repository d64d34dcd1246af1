"""The pytest plugin of the harness: its options, and the workers that they ask for."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from steps.http.time_limits import MINUTES, TimeLimits, minutes
from steps.run.scheduler import Scheduler

pytest_plugins = ["steps.run.fixtures"]

ROOT = Path(__file__).parents[2]
TIME_LIMITS = pytest.StashKey[TimeLimits]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what is tested, with which PostgreSQL, and how long it may take."""
    group = parser.getgroup("harness")
    group.addoption(
        "--target",
        type=Path,
        default=ROOT / "targets" / "reference.toml",
        help="target file of the server to judge (default: the reference server)",
    )
    group.addoption(
        "--database",
        default="embedded",
        help="embedded (default), testcontainers, or postgresql://… of a server that exists",
    )
    group.addoption(
        "--minutes",
        type=minutes,
        default=MINUTES,
        help="how long a server that is slow or hangs is judged (default: %(default)g)",
    )
    group.addoption(
        "--workers", type=int, default=1, help="how many judge at the same time (default: 1)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count the time: everything belongs to the judging."""
    time_limits = config.stash[TIME_LIMITS] = TimeLimits(config.getoption("--minutes"))
    if (count := config.getoption("--workers")) > 1:
        config.pluginmanager.register(Scheduler(count, time_limits), "harness-scheduler")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep what is collected to the end: nobody has to look for garbage in it, nor copy it."""
    gc.freeze()
