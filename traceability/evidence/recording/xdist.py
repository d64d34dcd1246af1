"""Makes the workers of pytest-xdist look like one run.

A worker records into a file of its own and has no terminal. It sends its progress with pytest's
reports, and its findings at its end in `workeroutput`; the controller, the process that started the
workers, prints both. Nothing here imports pytest-xdist: without it, there are no workers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from traceability.evidence.recording.progress import PROGRESS_PLUGIN, ProgressReporter
from traceability.model import Finding

FINDINGS_KEY = "traceability"
"""Key of the findings in `workeroutput`."""


def worker_id(config: pytest.Config) -> str:
    """Return the id of this worker, as `gw0`; empty in a process that is no worker."""
    name: str = getattr(config, "workerinput", {}).get("workerid", "")
    return name


def is_controller(config: pytest.Config) -> bool:
    """Return whether this process starts workers and runs no test itself."""
    return bool(config.getoption("numprocesses", None)) and not worker_id(config)


def send_findings(config: pytest.Config, findings: Iterable[Finding]) -> None:
    """Send the findings of a worker to the controller; does nothing in any other process."""
    if worker_id(config):
        output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        output[FINDINGS_KEY] = [vars(finding) for finding in findings]


class ControllerHooks:
    """The hooks of the controller."""

    def __init__(self, config: pytest.Config) -> None:
        config.pluginmanager.register(ProgressReporter(config), PROGRESS_PLUGIN)
        self._findings: dict[Finding, None] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all workers, each once."""
        return tuple(self._findings)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep pytest-xdist from printing its workers: the progress counts scenarios."""
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminaldistreporter")
        session_of_workers: Any = plugins.get_plugin("dsession")
        session_of_workers.terminal = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the findings of a worker. Every worker collects all scenarios and finds the same."""
        found = getattr(node, "workeroutput", {}).get(FINDINGS_KEY, ())
        self._findings |= dict.fromkeys(Finding(**one) for one in found)
