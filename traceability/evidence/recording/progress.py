"""Prints how far a run is: one line for each feature, and one for the first scenarios that fail."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from typing import Any

import pytest

from traceability.evidence.recording.collection_checks import CollectedScenario
from traceability.model import Result

FAILURES_SHOWN = 15
"""How many scenarios that fail are shown while others run; the summary says what falls short."""
TestStatus = tuple[str, str, Any]
"""Category, letter and word, as `pytest_report_teststatus` returns them."""
PROGRESS_PLUGIN = "traceability-progress"


def add_scenario_to_report(
    report: pytest.TestReport, test: CollectedScenario, total: int, result: Result | None
) -> None:
    """Add the scenario of `test` to a report, for the process that prints the progress.

    `total` is how many scenarios run here; `result` is None until the scenario has ended.
    """
    shown = {"id": test.id, "feature": test.feature, "name": test.bdd_scenario.name, "total": total}
    report.scenario = shown | {"result": result and result.value}  # type: ignore[attr-defined]


class ProgressReporter:
    """Prints the progress in place of pytest's dots, unless `-v` asks for a line for each test."""

    def __init__(self, config: pytest.Config) -> None:
        self.total = 0
        self._done = 0
        self._failed = 0
        self._features: set[str] = set()
        """Features that were printed: workers run scenarios of several features at a time."""
        self._verbose = config.get_verbosity() > 0
        self._terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
        if self._terminal and not self._verbose:
            self._terminal.showfspath = False

    def scenario_started(self, feature: str, name: str) -> None:
        """Print the feature once; on a terminal, also keep one line with the running scenario."""
        if self._verbose or not self._terminal:
            return
        live = bool(self._terminal.isatty)
        line = f"[{self._done + 1:>{len(str(self.total))}}/{self.total}] {feature}"
        if feature not in self._features:
            self._features.add(feature)
            self._terminal.ensure_newline()
            if not live:
                self._terminal.line(fit_terminal(line))
        if live:
            self._terminal.rewrite(fit_terminal(f"{line} {name}"), erase=True)

    def scenario_ended(self, id_: str, name: str, result: Result) -> None:
        """Count a scenario, and print at once one that failed, the first ones by name."""
        self._done += 1
        if result is not Result.FAILED or not self._terminal or self._verbose:
            return
        self._failed += 1
        if self._failed <= FAILURES_SHOWN:
            self._terminal.ensure_newline()
            self._terminal.line(fit_terminal(f"FAILED {id_} {name}"), red=True)
        elif self._failed == FAILURES_SHOWN + 1:
            self._terminal.ensure_newline()
            self._terminal.line("More fail: what falls short is said at the end.", red=True)

    def detach_terminal(self) -> None:
        """Print nothing from now on: the process that forked this worker prints its progress."""
        self._terminal = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Follow a scenario by its reports: they come from this process or from a worker."""
        shown: dict[str, Any] | None = getattr(report, "scenario", None)
        if shown is None:
            return
        self.total = shown["total"]
        if report.when == "setup":
            self.scenario_started(shown["feature"], shown["name"])
        if shown["result"]:
            self.scenario_ended(shown["id"], shown["name"], Result(shown["result"]))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(self) -> Generator[None, TestStatus, TestStatus]:
        """Print no letter for a test: the progress lines replace it. The category still counts."""
        category, letter, word = yield
        return (category, letter, word) if self._verbose else (category, "", "")


def fit_terminal(line: str) -> str:
    """Cut a line to the width of the terminal, or to 80 columns where there is none."""
    width = shutil.get_terminal_size().columns - 1
    return line if len(line) <= width else f"{line[: width - 1]}…"
