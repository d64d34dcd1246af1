"""A pytest plugin that turns a pytest-bdd run into evidence.

::

    pytest -p traceability.recorder --evidence build/evidence.jsonl features

It registers the spec's ids as markers, refuses what pytest-bdd would let pass in silence, records
every scenario with its steps, and offers the harness a fixture `recorder`. Without `--evidence`
the fixture is there and nothing is kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import parser

from traceability.evidence import collection_checks as collection
from traceability.evidence import xdist as workers
from traceability.evidence.collection_checks import Collected
from traceability.evidence.file_format import UNREACHED, own_file
from traceability.evidence.not_run import NotRun
from traceability.evidence.progress import PROGRESS, Progress, tell
from traceability.evidence.recording_session import Recorder
from traceability.evidence.write import Writer
from traceability.model import Features, Finding, Result, Spec, TraceabilityError
from traceability.project.config import Config, load_config
from traceability.project.features import inspect_features
from traceability.project.spec import inspect_spec, read_spec

FATAL = {"unknown-tag", "unreadable-feature"}
"""Findings with which nothing can be collected."""
RECORDER = pytest.StashKey[Recorder]()
PLUGIN, CONCLUSION = "traceability", "traceability-conclusion"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--evidence FILE`."""
    parser.getgroup("traceability").addoption(
        "--evidence",
        metavar="FILE",
        type=Path,
        help="record what each scenario, step and line did into FILE (JSON Lines)",
    )


@pytest.fixture(scope="session")
def recorder(request: pytest.FixtureRequest) -> Recorder:
    """Take exchanges, measurements and facts of the run, and the control to measure with."""
    return request.config.stash[RECORDER]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read spec and features; a mistake in them ends the run with one sentence."""
    config.stash[RECORDER] = Recorder()
    file: Path | None = config.getoption("--evidence")
    if file is None:
        with contextlib.suppress(TraceabilityError):  # Only who records has to have a spec.
            settings = load_config(config.rootpath)
            register_markers(config, settings, read_spec(settings.spec, settings.root))
        return
    try:
        settings = load_config(config.rootpath)
        spec = read_spec(settings.spec, settings.root)
    except TraceabilityError as error:
        raise pytest.UsageError(str(error)) from None
    tags = register_markers(config, settings, spec)
    features, findings = inspect_features(settings.features, settings.root, tags)
    _, of_spec = inspect_spec(settings.spec, settings.root, settings.counts)
    if workers.starts_workers(config):
        refuse(findings, of_spec)  # once, before each of the workers stumbles over it
        gathering = workers.Gathering(config)
        config.pluginmanager.register(gathering, PLUGIN)
        config.pluginmanager.register(Conclusion(gathering), CONCLUSION)
        return
    recorder = config.stash[RECORDER]
    for finding in findings:
        recorder.find(finding)
    plugin = Plugin(config, recorder, spec, features, of_spec)
    try:
        plugin.record(workers.name_of(config))
    except OSError as error:
        raise pytest.UsageError(
            f"--evidence {error.filename}: cannot be written ({error.strerror})"
        ) from None
    config.pluginmanager.register(plugin, PLUGIN)
    config.pluginmanager.register(Conclusion(recorder), CONCLUSION)


def refuse(findings: Iterable[Finding], of_spec: Iterable[Finding]) -> None:
    """Raise `UsageError` for what pytest would stumble over without naming the place."""
    fatal = [one for one in findings if one.kind in FATAL]
    if fatal:
        # A number that the spec lost makes a tag wrong: the cause is said first.
        fatal = [*of_spec, *fatal]
        raise pytest.UsageError(*(f"{one.path}:{one.line}: {one.message}" for one in fatal))


def register_markers(config: pytest.Config, settings: Config, spec: Spec) -> set[str]:
    """Make every id of the spec a marker that pytest knows. Returns all tags that may stand."""
    known = {one.id: one.text for one in spec.requirements}
    known |= dict.fromkeys([*spec.context_ids, *settings.known_tags], "")
    for name, text in known.items():
        config.addinivalue_line("markers", f"{name}: {text}")
    return set(known)


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


class Conclusion:
    """The end of a run, whoever has found the findings."""

    def __init__(self, finder: Recorder | workers.Gathering) -> None:
        self._finder = finder

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let a defect fail the run."""
        clean = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self._finder.findings and session.exitstatus in clean:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """List the defects."""
        findings = self._finder.findings
        if findings:
            terminalreporter.section(f"traceability: {len(findings)} findings", red=True, bold=True)
            for finding in findings:
                place = f"{finding.path}:{finding.line}"
                terminalreporter.line(f"{place}: {finding.kind}: {finding.message}")


def position(scenario: parser.Scenario, step: parser.Step) -> int:
    """Return the index of the step; two steps of a scenario may read the same."""
    return next(index for index, one in enumerate(scenario.steps) if one is step)


def outcome(report: pytest.TestReport, call: pytest.CallInfo[None]) -> tuple[Result, str]:
    """Return how a phase ended, and why it is not a pass."""
    error = call.excinfo.value if call.excinfo else None
    if hasattr(report, "wasxfail"):
        if report.skipped:
            return Result.NOT_RUN, f"skipped: expected to fail: {report.wasxfail}".rstrip(": ")
        return Result.FAILED, f"passed, but is expected to fail: {report.wasxfail}".rstrip(": ")
    if report.passed:
        return Result.PASSED, ""
    if isinstance(error, NotRun):
        return Result.NOT_RUN, str(error)
    if report.skipped:
        return Result.NOT_RUN, f"skipped: {error}"
    message = message_of(error) if error else "failed"
    return Result.FAILED, message if report.when == "call" else f"{report.when}: {message}"


def message_of(error: BaseException) -> str:
    """Return the error in short: an assertion's own words, any other with its type."""
    text = str(error).strip()
    if not isinstance(error, AssertionError | pytest.fail.Exception) or not text:
        text = f"{type(error).__name__}: {text}".rstrip(": ")
    return text
