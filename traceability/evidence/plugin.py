"""A pytest plugin that turns a pytest-bdd run into evidence.

::

    pytest -p traceability.recorder --evidence build/evidence.jsonl features

It registers the spec's ids as markers, refuses what pytest-bdd would let pass in silence, records
every scenario with its steps, and offers the harness a fixture `recorder`. Without `--evidence`
the fixture is there and nothing is kept.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from traceability.evidence.recording import xdist as workers
from traceability.evidence.recording.fail_on_findings import CONCLUSION, Conclusion, refuse
from traceability.evidence.recording.hooks import PLUGIN, Plugin
from traceability.evidence.recording.recorder import RECORDER, Recorder
from traceability.model import Spec, TraceabilityError
from traceability.project.config import Config, load
from traceability.project.features import inspect
from traceability.project.spec import inspect as inspect_spec
from traceability.project.spec import read as read_spec


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
            settings = load(config.rootpath)
            register_markers(config, settings, read_spec(settings.spec, settings.root))
        return
    try:
        settings = load(config.rootpath)
        spec = read_spec(settings.spec, settings.root)
    except TraceabilityError as error:
        raise pytest.UsageError(str(error)) from None
    tags = register_markers(config, settings, spec)
    features, findings = inspect(settings.features, settings.root, tags)
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


def register_markers(config: pytest.Config, settings: Config, spec: Spec) -> set[str]:
    """Make every id of the spec a marker that pytest knows. Returns all tags that may stand."""
    known = {one.id: one.text for one in spec.requirements}
    known |= dict.fromkeys([*spec.context_ids, *settings.known_tags], "")
    for name, text in known.items():
        config.addinivalue_line("markers", f"{name}: {text}")
    return set(known)
