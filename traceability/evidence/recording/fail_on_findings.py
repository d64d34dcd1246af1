"""Lets findings fail a run: at once if nothing can be collected, otherwise at its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from traceability.evidence.recording import xdist
from traceability.evidence.recording.recorder import Recorder
from traceability.model import Finding

FAIL_ON_FINDINGS_PLUGIN = "traceability-conclusion"
FATAL_KINDS = {"unknown-tag", "unreadable-feature"}
"""Kinds of findings with which pytest cannot collect the scenarios."""


def raise_on_fatal_findings(findings: Iterable[Finding], spec_findings: Iterable[Finding]) -> None:
    """Raise `UsageError` for findings on which pytest would fail without naming the place."""
    fatal = [one for one in findings if one.kind in FATAL_KINDS]
    if fatal:
        # A number that the spec lost makes a tag wrong: the spec's findings are the cause.
        fatal = [*spec_findings, *fatal]
        raise pytest.UsageError(*(f"{one.path}:{one.line}: {one.message}" for one in fatal))


class FailOnFindings:
    """The hooks at the end of a run: the exit status, and the summary of findings.

    `source` has the findings: the recorder of this process, or the hooks of xdist's controller.
    """

    def __init__(self, source: Recorder | xdist.ControllerHooks) -> None:
        self._source = source

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that has findings and is green otherwise."""
        clean = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self._source.findings and session.exitstatus in clean:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """List the findings."""
        findings = self._source.findings
        if findings:
            terminalreporter.section(f"traceability: {len(findings)} findings", red=True, bold=True)
            for finding in findings:
                place = f"{finding.path}:{finding.line}"
                terminalreporter.line(f"{place}: {finding.kind}: {finding.message}")
