"""Makes the workers of pytest-xdist look like one run.

A worker records into a file of its own and has no terminal. What it has to say at once travels on
pytest's reports, what is known at its end in `workeroutput`; the process that started the workers
says both. Nothing here imports pytest-xdist: without it, there are no workers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from traceability.evidence.recording.progress import PROGRESS_PLUGIN, ProgressReporter
from traceability.model import Finding

FINDINGS_KEY = "traceability"
"""Where the findings are in a worker's output."""


def worker_id(config: pytest.Config) -> str:
    """Return the worker that this process is; empty when it is none."""
    name: str = getattr(config, "workerinput", {}).get("workerid", "")
    return name


def is_controller(config: pytest.Config) -> bool:
    """Say whether this process only distributes tests, and sees none itself."""
    return bool(config.getoption("numprocesses", None)) and not worker_id(config)


def send_findings(config: pytest.Config, findings: Iterable[Finding]) -> None:
    """Hand the findings of this worker over, if it is one."""
    if worker_id(config):
        output: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        output[FINDINGS_KEY] = [vars(finding) for finding in findings]


class ControllerHooks:
    """The hooks of the process that starts the workers."""

    def __init__(self, config: pytest.Config) -> None:
        config.pluginmanager.register(ProgressReporter(config), PROGRESS_PLUGIN)
        self._findings: dict[Finding, None] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What any of the workers has found, each once."""
        return tuple(self._findings)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep pytest-xdist from counting its workers aloud: what counts is the scenarios."""
        plugins = session.config.pluginmanager
        plugins.unregister(name="terminaldistreporter")
        session_of_workers: Any = plugins.get_plugin("dsession")
        session_of_workers.terminal = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Every worker collects all scenarios, so that each of them finds the same there."""
        found = getattr(node, "workeroutput", {}).get(FINDINGS_KEY, ())
        self._findings |= dict.fromkeys(Finding(**one) for one in found)
