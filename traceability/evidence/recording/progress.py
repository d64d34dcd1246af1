"""Says how far a run is: one short line a feature, and one for each scenario that fails."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from typing import Any

import pytest

from traceability.evidence.recording.collection_checks import CollectedScenario
from traceability.model import Result

TestStatus = tuple[str, str, Any]
PROGRESS_PLUGIN = "traceability-progress"


def add_scenario_to_report(
    report: pytest.TestReport, test: CollectedScenario, total: int, result: Result | None
) -> None:
    """Put on a report which scenario it is about, of how many; `result` is known at its end."""
    shown = {"id": test.id, "feature": test.feature, "name": test.bdd_scenario.name, "total": total}
    report.scenario = shown | {"result": result and result.value}  # type: ignore[attr-defined]


class ProgressReporter:
    """Takes the place of pytest's dots, unless the user asked for more with `-v`."""

    def __init__(self, config: pytest.Config) -> None:
        self.total = 0
        self._done = 0
        self._features: set[str] = set()
        """Those that were named: several workers go through several at the same time."""
        self._verbose = config.get_verbosity() > 0
        self._terminal: Any = config.pluginmanager.get_plugin("terminalreporter")
        if self._terminal and not self._verbose:
            self._terminal.showfspath = False

    def scenario_started(self, feature: str, name: str) -> None:
        """Show where the run is, before a scenario begins."""
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
        """Count a scenario; one that failed is named at once."""
        self._done += 1
        if result is Result.FAILED and self._terminal and not self._verbose:
            self._terminal.ensure_newline()
            self._terminal.line(fit_terminal(f"FAILED {id_} {name}"), red=True)

    def detach_terminal(self) -> None:
        """Leave saying it to the process that has started this one."""
        self._terminal = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Follow a scenario, here or on a worker, by what its reports tell."""
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
        """Count without a letter: the lines above say more."""
        category, letter, word = yield
        return (category, letter, word) if self._verbose else (category, "", "")


def fit_terminal(line: str) -> str:
    """Fit a line into the terminal; 80 columns where there is none."""
    width = shutil.get_terminal_size().columns - 1
    return line if len(line) <= width else f"{line[: width - 1]}…"
