"""The recorder: takes what the harness and pytest's hooks report, and writes the evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pytest_bdd import parser

from traceability.evidence.recording.not_run import NotRun
from traceability.evidence.recording.running_scenario import (
    Headers,
    RunningScenario,
    body_text,
    header_pairs,
)
from traceability.evidence.redaction import Redactor
from traceability.evidence.write import EvidenceWriter
from traceability.measure.control_socket import ControlSocket
from traceability.model import (
    Deviation,
    Exchange,
    Finding,
    Measurement,
    Mismatch,
    Result,
    StepEvidence,
)


class Recorder:
    """The `recorder` fixture. Without a writer it takes every call and records nothing."""

    def __init__(self) -> None:
        self._writer: EvidenceWriter | None = None
        self._redactor = Redactor()
        self._control: ControlSocket | None = None
        self._unmeasured = ""
        self._end_of_log: Callable[[], str] = str
        self._running: RunningScenario | None = None
        self._sources: set[str] = set()
        self._written: list[str] = []
        self._findings: dict[tuple[str, str, int], Finding] = {}

    # --- for the harness ---

    def exchange(
        self,
        *,
        method: str,
        path: str,
        request_headers: Headers = (),
        request_body: str | bytes | None = "",
        status: int | None = None,
        response_headers: Headers = (),
        response_body: str | bytes | None = "",
        seconds: float = 0.0,
        error: str = "",
        log: str = "",
    ) -> None:
        """Record an HTTP request and its answer, for the step that runs.

        `status` is None when no answer came; `error` then says why. `seconds` is the time between
        both. `log` is what the server wrote to its log meanwhile, if that is of interest. Tokens
        and secrets are redacted when the scenario is written.
        """
        if self._running:
            self._running.exchanges.append(
                Exchange(
                    step=self._running.step_index,
                    method=method,
                    path=path,
                    request_headers=header_pairs(request_headers),
                    request_body=body_text(request_body),
                    status=status,
                    response_headers=header_pairs(response_headers),
                    response_body=body_text(response_body),
                    seconds=seconds,
                    error=error,
                    log=log,
                )
            )

    def measure(
        self,
        name: str,
        value: float,
        unit: str,
        limit: float | None = None,
        samples: Sequence[float] = (),
        detail: str = "",
    ) -> None:
        """Record a measured value, for the step that runs. The step itself checks the `limit`.

        `value`, `limit` and `samples` are in `unit`; `detail` is text, for example a query plan.
        """
        if self._running:
            step = self._running.step_index
            measurement = Measurement(step, name, value, unit, limit, tuple(samples), detail)
            self._running.measurements.append(measurement)

    def redact(self, secret: str) -> None:
        """Replace `secret` in all that is written from now on."""
        self._redactor.add_secret(secret)

    def redacted(self, text: str) -> str:
        """Return a text without tokens, and without the secrets that `redact` has named."""
        return self._redactor.redact_text(text)

    def read_log_with(self, end_of_log: Callable[[], str]) -> None:
        """Name the function that returns the end of the server's log.

        It is called for a scenario whose set-up failed.
        """
        self._end_of_log = end_of_log

    def redact_token(self, token: str) -> None:
        """Replace pieces of `token`, too, in all that is written from now on."""
        self._redactor.add_token(token)

    def environment(self, **values: Any) -> None:
        """Record facts about the run: versions, the target's name and commit. JSON values."""
        if self._writer:
            self._writer.write_environment(**self._redactor.redact_value(values))

    def measuring(self, control: ControlSocket) -> None:
        """Measure the lines of each When step on the servers that `control` is connected to."""
        self._control = control

    def unmeasured(self, reason: str) -> None:
        """Say why no lines are measured in this run."""
        self._unmeasured = reason

    def deviation(self, requirement: str, reason: str, scenarios: Sequence[str] = ()) -> None:
        """Record a known deviation of the target: a failure of `requirement` is accepted.

        `scenarios` are names of the scenarios that may fail; none means all of the requirement.
        """
        if self._writer:
            self._writer.write_deviation(Deviation(requirement, reason, tuple(scenarios)))

    def not_run(self, reason: str) -> NoReturn:
        """End the scenario as not run; `reason` is a whole one: `target cannot stop its database`.

        Raises `NotRun`.
        """
        raise NotRun(reason)

    @property
    def scenario(self) -> str:
        """Id of the scenario that runs; empty between scenarios."""
        return self._running.id if self._running else ""

    # --- for the hooks ---

    def start_writing(self, writer: EvidenceWriter) -> None:
        """Write all that comes from now on, and the findings of before."""
        self._writer = writer
        for finding in self._findings.values():
            writer.write_finding(finding)

    def stop_writing(self) -> None:
        """Write no more, and leave the file as it is."""
        if self._writer:
            self._writer.close()
            self._writer = None

    def begin_scenario(self, id_: str, scenario: parser.Scenario) -> None:
        """Begin a scenario; its steps count as not run until they run."""
        steps = [
            StepEvidence(step.type.capitalize(), step.name, step.line_number, Result.NOT_RUN, 0.0)
            for step in scenario.steps
        ]
        self._running = RunningScenario(id_, scenario.name, steps)

    def begin_step(self, index: int) -> None:
        """Begin the step at `index` of the scenario, and take its time."""
        if self._running:
            self._running.step_index = index
            self._running.step_started = time.perf_counter()

    def begin_measuring(self) -> None:
        """Measure lines if the step is a When: lines that a Given ran prove no requirement."""
        running = self._running
        if running and self._control and running.steps[running.step_index].keyword == "When":
            running.measuring = True
            self._control.begin_step(f"{running.id} step {running.step_index + 1}")

    def end_step(
        self, result: Result, message: str = "", mismatches: tuple[Mismatch, ...] = ()
    ) -> None:
        """End the step that began last, and record its result, why it failed, time and lines."""
        running = self._running
        if not running:
            return
        seconds = time.perf_counter() - running.step_started
        lines: dict[str, frozenset[int]] = {}
        if running.measuring and self._control:
            running.measuring = False
            lines = self._control.end_step()
            self._sources |= set(lines)
        step = running.steps[running.step_index]
        running.steps[running.step_index] = replace(
            step,
            result=result,
            seconds=round(seconds, 6),
            message=message,
            lines=lines,
            mismatches=mismatches,
        )

    def end_interrupted_step(self) -> None:
        """End a measured step that neither passed nor failed: it was skipped or interrupted."""
        if self._running and self._running.measuring:
            self.end_step(Result.NOT_RUN)

    def end_phase(self, seconds: float, result: Result, reason: str) -> None:
        """Add a phase: setup, call or teardown. The worst result counts, the first one of it."""
        running = self._running
        if running:
            running.seconds += seconds
            severity = [Result.PASSED, Result.NOT_RUN, Result.FAILED]
            if severity.index(result) > severity.index(running.result):
                running.result, running.reason = result, reason

    def end_scenario(self) -> Result:
        """Write the scenario that runs, and return its result."""
        running, self._running = self._running, None
        if running is None:
            return Result.NOT_RUN
        running.check_pass()
        if running.set_up_failed:
            running.log = self._end_of_log()
        self._written.append(running.id)
        if self._writer:
            self._writer.write_scenario(self._redactor.redact_scenario(running.evidence()))
        return running.result

    def skip_scenario(self, id_: str, scenario: parser.Scenario, reason: str) -> None:
        """Write a scenario that never began, as not run."""
        if id_ not in self._written:
            self.begin_scenario(id_, scenario)
            self.end_phase(0.0, Result.NOT_RUN, reason)
            self.end_scenario()

    def add_finding(self, finding: Finding) -> None:
        """Record a finding, once for each kind and place."""
        finding = self._redactor.redact_finding(finding)
        key = (finding.kind, finding.path, finding.line)
        if key not in self._findings:
            self._findings[key] = finding
            if self._writer:
                self._writer.write_finding(finding)

    def close(self, root: Path) -> None:
        """Write what is known only at the end, the end record, and close the file.

        Digests are those of the measured files, below the server's folder or else below `root`.
        """
        if not self._writer:
            return
        reason = self._unmeasured
        if not reason:
            reason = self._control.unmeasured if self._control else "the harness measures no server"
        if not reason and not self._sources and self._written:
            reason = "no line of its source ran: it may work in a process that it starts itself"
        self._writer.write_environment(unmeasured=self._redactor.redact_text(reason))
        server_root = self._control.root if self._control else None
        for path in sorted(self._sources):
            file = (server_root or root) / path
            if file.is_file():
                self._writer.write_source(path, sha256(file.read_bytes()).hexdigest())
        self._writer.write_end(len(self._written))
        self._writer = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order in which they were added."""
        return tuple(self._findings.values())


RECORDER_KEY = pytest.StashKey[Recorder]()
"""Where pytest's configuration keeps the recorder of the process."""
