"""Notes which scenarios did not run because the options of pytest leave them out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from steps.run.acceptance_options import Options


class Selection:
    """A pytest plugin: a part of the scenarios gives no verdict on the server, neither way."""

    def __init__(self) -> None:
        self._all = 0
        self._played: set[str] = set()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count what `-k`, `-m` and `--deselect` leave out."""
        self._all += len(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what is left."""
        self._all += len(session.items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a scenario that ran, or whose reason not to run is recorded.

        With `--collect-only`, `--setup-only` and after `-x`, there is no such report.
        """
        if report.when == "call" or not report.passed:
            self._played.add(report.nodeid)

    def left_out(self, options: Options) -> str:
        """Return a sentence that says how many scenarios the options left out; empty: none."""
        missing = self._all - len(self._played)
        if missing <= 0:
            return ""
        words = [
            *(["PYTEST_ADDOPTS", *options.inherited] if options.inherited else []),
            *options.pytest_options,
        ]
        return (
            f"Not judged: {' '.join(words)} left out {missing} of {self._all} scenarios. "
            "The reports show what ran; a verdict needs all of them."
        )
