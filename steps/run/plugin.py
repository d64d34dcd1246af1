"""The pytest plugin of the harness: its options, and the workers that they ask for."""

from __future__ import annotations

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

from steps.http.time_limits import DEFAULT_MINUTES, TimeLimits, minutes_argument
from steps.run.acceptance_options import REFERENCE_TARGET_FILE
from steps.run.failure_texts import clean_report
from steps.run.scheduler import Scheduler
from steps.run.timed_turns import TURNS_PLUGIN, TimedTurns
from traceability.evidence.recording.recorder import RECORDER_KEY

pytest_plugins = ["steps.run.fixtures", "steps.run.rate_limit"]

TIME_LIMITS = pytest.StashKey[TimeLimits]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options: the server to judge, its PostgreSQL, the time limit and the workers."""
    group = parser.getgroup("harness")
    group.addoption(
        "--target",
        type=Path,
        default=REFERENCE_TARGET_FILE,
        help="target file of the server to judge (default: the reference server)",
    )
    group.addoption(
        "--database",
        default="embedded",
        help="embedded (default), testcontainers, or postgresql://… of a server that exists",
    )
    group.addoption(
        "--minutes",
        type=minutes_argument,
        default=DEFAULT_MINUTES,
        help="how long a server that is slow or hangs is judged (default: %(default)g)",
    )
    group.addoption(
        "--workers", type=int, default=1, help="how many judge at the same time (default: 1)"
    )
    group.addoption(
        "--turns", type=Path, help="folder of a lock: judgings that share it take turns in timing"
    )
    group.addoption(
        "--anyway", action="store_true", help="judge a server, too, of which nothing seems to work"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the clock of the judging, to which collection belongs, too; schedule workers."""
    time_limits = config.stash[TIME_LIMITS] = TimeLimits(config.getoption("--minutes"))
    if (count := config.getoption("--workers")) > 1:
        if config.getoption("numprocesses", None):  # of pytest-xdist
            raise pytest.UsageError("-n and --workers both share out the scenarios: leave out one.")
        config.pluginmanager.register(Scheduler(count, time_limits), "harness-scheduler")
    elif (folder := config.getoption("--turns")) is not None:
        config.pluginmanager.register(TimedTurns(folder, time_limits), TURNS_PLUGIN)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt all that exists now from garbage collection.

    It stays to the end: a collection need not visit it, and forked workers do not copy its pages.
    """
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take tokens and paths of this machine out of a failure before anything shows or writes it."""
    report = yield
    if recorder := item.config.stash.get(RECORDER_KEY, None):
        clean_report(report, recorder.redacted)
    return report
