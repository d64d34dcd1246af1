"""The hooks of a run that is recorded: collection, scenarios, steps and the end of the run."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_bdd import parser

from traceability.evidence.file_format import UNREACHED, worker_file
from traceability.evidence.recording import collection_checks, xdist
from traceability.evidence.recording.collection_checks import CollectedScenario
from traceability.evidence.recording.fail_on_findings import raise_on_fatal_findings
from traceability.evidence.recording.phase_outcome import (
    error_message,
    mismatches_of,
    phase_outcome,
)
from traceability.evidence.recording.progress import (
    PROGRESS_PLUGIN,
    ProgressReporter,
    add_scenario_to_report,
)
from traceability.evidence.recording.recorder import Recorder
from traceability.evidence.write import EvidenceWriter
from traceability.model import Features, Finding, Result, Spec

RECORDING_PLUGIN = "traceability"
"""The name under which pytest knows the recording hooks of a process."""


class RecordingHooks:
    """The hooks of a run with `--evidence`."""

    def __init__(
        self,
        config: pytest.Config,
        recorder: Recorder,
        spec: Spec,
        features: Features,
        spec_findings: tuple[Finding, ...] = (),
    ) -> None:
        self._file: Path = config.invocation_params.dir / config.getoption("--evidence")
        self._spec = spec
        self._spec_findings = spec_findings
        self._root = config.rootpath
        self._recorder = recorder
        self._features = features
        self._progress = ProgressReporter(config)
        config.pluginmanager.register(self._progress, PROGRESS_PLUGIN)
        self._tests: dict[str, CollectedScenario] = {}
        self._deselected: set[str] = set()
        self._handed_over = False

    def start_recording(self, worker: str = "") -> None:
        """Open the evidence file; a worker of a run has a file of its own. Raises `OSError`."""
        writer = EvidenceWriter(worker_file(self._file, worker))
        writer.write_run(spec_digest=self._spec.digest, features_digest=self._features.digest)
        self._recorder.start_writing(writer)

    # --- workers that are forked after the collection ---

    def hand_over_to_workers(self) -> None:
        """Stop recording in this process and remove its file: each worker records its own part."""
        self._recorder.stop_writing()
        self._file.unlink()
        self._handed_over = True

    def continue_as_worker(self, worker: str) -> None:
        """Record into the file of this worker, without a terminal. Raises `OSError`."""
        self._handed_over = False
        self._progress.detach_terminal()
        self.start_recording(worker)

    # --- collection ---

    def pytest_sessionstart(self) -> None:
        """Refuse features that pytest cannot collect."""
        try:
            raise_on_fatal_findings(self._recorder.findings, self._spec_findings)
        except pytest.UsageError:
            self._recorder.close(self._root)
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Check all collected scenarios, before `-k` or `-m` hides one."""
        tests = collection_checks.collected_scenarios(items, self._features, self._root)
        self._tests = {test.item.nodeid: test for test in tests}
        if session.testsfailed:
            return  # A module that did not load binds no feature, and pytest reports that itself.
        for finding in collection_checks.collection_findings(tests, self._features, self._root):
            self._recorder.add_finding(finding)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Remember the tests that `-k` and `-m` leave out: they are recorded as not run."""
        self._deselected |= {item.nodeid for item in items}

    def pytest_collection_finish(self) -> None:
        """Tell the progress how many scenarios will run."""
        self._progress.total = len(self._tests) - len(self._deselected & set(self._tests))

    # --- scenarios and steps ---

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Begin here and not in the setup, where pytest captures output as that of the test."""
        test = self._tests.get(nodeid)
        if test:
            self._progress.scenario_started(test.feature, test.bdd_scenario.name)
            self._recorder.begin_scenario(test.id, test.bdd_scenario)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_before_step(self, scenario: parser.Scenario, step: parser.Step) -> None:
        self._recorder.begin_step(step_index(scenario, step))

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_before_step_call(self) -> None:
        self._recorder.begin_measuring()

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_after_step(self) -> None:
        self._recorder.end_step(Result.PASSED)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_step_error(self, exception: BaseException) -> None:
        if isinstance(exception, pytest.xfail.Exception):
            self._recorder.end_interrupted_step()
        else:
            mismatches = mismatches_of(exception)
            self._recorder.end_step(Result.FAILED, error_message(exception), mismatches)

    def pytest_bdd_step_func_lookup_error(
        self, scenario: parser.Scenario, step: parser.Step
    ) -> None:
        """Record an undefined step when it occurs, in case the collection check missed it."""
        self._recorder.begin_step(step_index(scenario, step))
        self._recorder.end_step(Result.FAILED, "no definition matches this step")
        text = f"{step.type.capitalize()} {step.name}"
        path = collection_checks.relative_path(scenario.feature.filename, self._root)
        message = f"no definition matches the step {text!r}"
        self._recorder.add_finding(Finding("undefined-step", message, path, step.line_number))

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_after_scenario(self) -> None:
        self._recorder.end_interrupted_step()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if item.nodeid in self._tests:
            result, reason = phase_outcome(report, call)
            seconds = report.duration if report.when == "call" else 0.0
            self._recorder.end_phase(seconds, result, reason)
            ended = self._recorder.end_scenario() if report.when == "teardown" else None
            add_scenario_to_report(report, self._tests[item.nodeid], self._progress.total, ended)
        return report

    # --- the end ---

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Record the scenarios that did not run, and end the evidence."""
        if self._handed_over:
            return
        self._recorder.end_phase(0.0, Result.NOT_RUN, "skipped: the run was interrupted")
        self._recorder.end_scenario()
        for nodeid, test in self._tests.items():
            why = "skipped: deselected" if nodeid in self._deselected else UNREACHED
            self._recorder.skip_scenario(test.id, test.bdd_scenario, why)
        self._recorder.close(self._root)
        xdist.send_findings(session.config, self._recorder.findings)


def step_index(scenario: parser.Scenario, step: parser.Step) -> int:
    """Return the index of the step; two steps of a scenario may read the same."""
    return next(index for index, one in enumerate(scenario.steps) if one is step)
