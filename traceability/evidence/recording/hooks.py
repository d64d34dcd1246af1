"""The hooks of a run that is recorded: collection, scenarios, steps and the end of the run."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_bdd import parser

from traceability.evidence.file_format import UNREACHED, own_file
from traceability.evidence.recording import collection_checks as collection
from traceability.evidence.recording import xdist as workers
from traceability.evidence.recording.collection_checks import Collected
from traceability.evidence.recording.fail_on_findings import refuse
from traceability.evidence.recording.phase_outcome import message_of, outcome
from traceability.evidence.recording.progress import PROGRESS, Progress, tell
from traceability.evidence.recording.recorder import Recorder
from traceability.evidence.write import Writer
from traceability.model import Features, Finding, Result, Spec

PLUGIN = "traceability"


class Plugin:
    """The hooks of a run with `--evidence`."""

    def __init__(
        self,
        config: pytest.Config,
        recorder: Recorder,
        spec: Spec,
        features: Features,
        of_spec: tuple[Finding, ...] = (),
    ) -> None:
        self._file: Path = config.invocation_params.dir / config.getoption("--evidence")
        self._spec = spec
        self._of_spec = of_spec
        self._root = config.rootpath
        self._recorder = recorder
        self._features = features
        self._progress = Progress(config)
        config.pluginmanager.register(self._progress, PROGRESS)
        self._tests: dict[str, Collected] = {}
        self._deselected: set[str] = set()
        self._left = False

    def record(self, worker: str = "") -> None:
        """Begin the evidence, in a file of its own if this is one of several workers.

        Raises `OSError`.
        """
        writer = Writer(own_file(self._file, worker))
        writer.run(spec_digest=self._spec.digest, features_digest=self._features.digest)
        self._recorder.keep(writer)

    # --- workers that are forked when all is collected ---

    def leave(self) -> None:
        """Leave the rest to them: what they are about to do is recorded by them."""
        self._recorder.discard()
        self._file.unlink()
        self._left = True

    def go_on(self, worker: str) -> None:
        """Go on as one of them. Raises `OSError`."""
        self._left = False
        self._progress.silence()
        self.record(worker)

    # --- collection ---

    def pytest_sessionstart(self) -> None:
        """Refuse features with which nothing can be collected."""
        try:
            refuse(self._recorder.findings, self._of_spec)
        except pytest.UsageError:
            self._recorder.close(self._root)
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Find all defects at once, before a filter hides a scenario."""
        tests = collection.collected(items, self._features, self._root)
        self._tests = {test.item.nodeid: test for test in tests}
        if session.testsfailed:
            return  # A module that did not load binds nothing, and pytest says so itself.
        for finding in collection.findings(tests, self._features, self._root):
            self._recorder.find(finding)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Remember what `-k` and `-m` leave out: it is not run, and says so."""
        self._deselected |= {item.nodeid for item in items}

    def pytest_collection_finish(self) -> None:
        """Begin to count."""
        self._progress.total = len(self._tests) - len(self._deselected & set(self._tests))

    # --- scenarios and steps ---

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Begin here, not in the setup: what is printed there pytest takes for the test's own."""
        test = self._tests.get(nodeid)
        if test:
            self._progress.begin(test.feature, test.bound.name)
            self._recorder.begin_scenario(test.id, test.bound)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_before_step(self, scenario: parser.Scenario, step: parser.Step) -> None:
        self._recorder.begin_step(position(scenario, step))

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_before_step_call(self) -> None:
        self._recorder.begin_lines()

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_after_step(self) -> None:
        self._recorder.end_step(Result.PASSED)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_step_error(self, exception: BaseException) -> None:
        if isinstance(exception, pytest.xfail.Exception):
            self._recorder.leave_steps()
        else:
            self._recorder.end_step(Result.FAILED, message_of(exception))

    def pytest_bdd_step_func_lookup_error(
        self, scenario: parser.Scenario, step: parser.Step
    ) -> None:
        """Keep an undefined step also when it occurs, should the search have missed it."""
        self._recorder.begin_step(position(scenario, step))
        self._recorder.end_step(Result.FAILED, "no definition matches this step")
        text = f"{step.type.capitalize()} {step.name}"
        path = collection.relative(scenario.feature.filename, self._root)
        message = f"no definition matches the step {text!r}"
        self._recorder.find(Finding("undefined-step", message, path, step.line_number))

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_after_scenario(self) -> None:
        self._recorder.leave_steps()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if item.nodeid in self._tests:
            result, reason = outcome(report, call)
            seconds = report.duration if report.when == "call" else 0.0
            self._recorder.end_phase(seconds, result, reason)
            ended = self._recorder.end_scenario() if report.when == "teardown" else None
            tell(report, self._tests[item.nodeid], self._progress.total, ended)
        return report

    # --- the end ---

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Say of every scenario what became of it."""
        if self._left:
            return
        self._recorder.end_phase(0.0, Result.NOT_RUN, "skipped: the run was interrupted")
        self._recorder.end_scenario()
        for nodeid, test in self._tests.items():
            why = "skipped: deselected" if nodeid in self._deselected else UNREACHED
            self._recorder.skip_scenario(test.id, test.bound, why)
        self._recorder.close(self._root)
        workers.conclude(session.config, self._recorder.findings)


def position(scenario: parser.Scenario, step: parser.Step) -> int:
    """Return the index of the step; two steps of a scenario may read the same."""
    return next(index for index, one in enumerate(scenario.steps) if one is step)
