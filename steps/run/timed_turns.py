"""Lets what is timed run alone: other workers, and other judgings, wait meanwhile."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from steps.http.time_limits import TimeLimits
from steps.process.readers_writer_lock import ReadersWriterLock

if TYPE_CHECKING:  # pytest itself has to be the first to import a plugin
    from pytest_bdd import parser

ALONE = "alone"
"""Tag of scenarios whose verdict depends on the time that their action takes."""
TURNS_PLUGIN = "harness-turns"


class TimedTurns:
    """The pytest hooks of a process that plays scenarios beside others; `folder` is the lock's."""

    def __init__(self, folder: Path, time_limits: TimeLimits) -> None:
        self._lock = ReadersWriterLock(folder)
        self._time_limits = time_limits

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Run the scenario beside others: wait while another process measures a time."""
        with ExitStack() as held:
            with self._time_limits.paused():
                held.enter_context(self._lock.shared())
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_bdd_before_step(
        self, request: pytest.FixtureRequest, step: parser.Step
    ) -> Generator[None]:
        """Before a timed action, wait until no other process runs a scenario.

        The preparing steps are not measured and run beside others.
        """
        if is_timed(request, step):
            with self._time_limits.paused():
                self._lock.to_exclusive()
        return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_bdd_after_step(
        self, request: pytest.FixtureRequest, step: parser.Step
    ) -> Generator[None]:
        """After a timed action, let others go on."""
        yield
        if is_timed(request, step):
            with self._time_limits.paused():
                self._lock.to_shared()


def is_timed(request: pytest.FixtureRequest, step: parser.Step) -> bool:
    """Return whether the verdict depends on the time that this step takes."""
    return step.type == "when" and request.node.get_closest_marker(ALONE) is not None
