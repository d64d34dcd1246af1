"""A pytest plugin that turns a pytest-bdd run into evidence.

::

    pytest -p traceability.recorder --evidence build/evidence.jsonl features

It registers the spec's ids as markers, reports defects that pytest-bdd passes over in silence,
records every scenario with its steps, and offers the harness a fixture `recorder`. Without
`--evidence` the fixture takes every call and records nothing.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from traceability.evidence.recording import xdist
from traceability.evidence.recording.fail_on_findings import (
    FAIL_ON_FINDINGS_PLUGIN,
    FailOnFindings,
    raise_on_fatal_findings,
)
from traceability.evidence.recording.hooks import RECORDING_PLUGIN, RecordingHooks
from traceability.evidence.recording.recorder import RECORDER_KEY, Recorder
from traceability.model import Spec, TraceabilityError
from traceability.project.config import Config, load_config
from traceability.project.features import inspect_features
from traceability.project.spec import inspect_spec, read_spec


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
    """Return the recorder, to which the harness reports exchanges, measurements and facts."""
    return request.config.stash[RECORDER_KEY]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read spec and features, and register the hooks that this process needs.

    Raises `UsageError`, in one sentence, when spec or features have a mistake or the evidence file
    cannot be written.
    """
    config.stash[RECORDER_KEY] = Recorder()
    file: Path | None = config.getoption("--evidence")
    if file is None:
        with contextlib.suppress(TraceabilityError):  # Only a recorded run needs a spec.
            settings = load_config(config.rootpath)
            register_markers(
                config, settings, read_spec(settings.spec, settings.root, settings.clarifications)
            )
        return
    if not __debug__:
        raise pytest.UsageError("Steps assert: run without PYTHONOPTIMIZE and python -O.")
    try:
        settings = load_config(config.rootpath)
        spec = read_spec(settings.spec, settings.root, settings.clarifications)
    except TraceabilityError as error:
        raise pytest.UsageError(str(error)) from None
    tags = register_markers(config, settings, spec)
    features, findings = inspect_features(settings.features, settings.root, tags)
    _, spec_findings = inspect_spec(
        settings.spec, settings.root, settings.counts, settings.clarifications
    )
    if xdist.is_controller(config):
        # Here they are reported once; each worker would report them again.
        raise_on_fatal_findings(findings, spec_findings)
        controller = xdist.ControllerHooks(config)
        config.pluginmanager.register(controller, RECORDING_PLUGIN)
        config.pluginmanager.register(FailOnFindings(controller), FAIL_ON_FINDINGS_PLUGIN)
        return
    recorder = config.stash[RECORDER_KEY]
    for finding in findings:
        recorder.add_finding(finding)
    hooks = RecordingHooks(config, recorder, spec, features, spec_findings)
    try:
        hooks.start_recording(xdist.worker_id(config))
    except OSError as error:
        raise pytest.UsageError(
            f"--evidence {error.filename}: cannot be written ({error.strerror})"
        ) from None
    config.pluginmanager.register(hooks, RECORDING_PLUGIN)
    config.pluginmanager.register(FailOnFindings(recorder), FAIL_ON_FINDINGS_PLUGIN)


def register_markers(config: pytest.Config, settings: Config, spec: Spec) -> set[str]:
    """Register ids of the spec and known tags as markers. Returns all tags that are allowed."""
    known = {one.id: one.text for one in spec.requirements}
    known |= {one.id: one.text for one in spec.clarifications}
    known |= dict.fromkeys([*spec.context_ids, *settings.known_tags], "")
    for name, text in known.items():
        config.addinivalue_line("markers", f"{name}: {text}")
    return set(known)
