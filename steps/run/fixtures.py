"""The fixtures of a judging: target, client, watchdog, and the scene of a scenario."""

from __future__ import annotations

import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from steps.errors import TargetError
from steps.http.client import Client
from steps.http.time_limits import TimeLimits
from steps.process.child import last_lines
from steps.run.acceptance_options import REFERENCE_TARGET_FILE
from steps.run.ending import single_worker_hint
from steps.run.kept_log import keep_log, log_beside
from steps.run.other_runs import ENDURANCE_FILE, Figure, read_figures, share_out
from steps.run.plugin import TIME_LIMITS
from steps.run.secret_search import MINIMUM_LENGTH, RUN_SECRETS, RunSecrets
from steps.run.watchdog import Watchdog
from steps.run.worker import PLUGIN_NAME, Worker
from steps.scenario.scene import Scene
from steps.target.capabilities import MISSING_CAPABILITIES, cannot
from steps.target.description.read import read
from steps.target.description.tables import Description
from steps.target.log_excerpts import LogExcerpts
from steps.target.preflight import preflight
from steps.target.remote import RemoteTarget
from steps.target.started.target import StartedTarget
from steps.target.target import Target
from steps.target.tokens import tell_each_token
from steps.target.user_accounts import User
from traceability.evidence.recording.not_run import NotRun
from traceability.evidence.recording.recorder import Recorder

CAPABILITY_TAG_PREFIXES = ("needs-", "offers-")


@pytest.fixture(scope="session")
def time_limits(pytestconfig: pytest.Config) -> TimeLimits:
    """The time limits of this judging."""
    return pytestconfig.stash[TIME_LIMITS]


def make_target(description: Description, database: str, folder: Path) -> Target:
    """Return the target that a target file describes; `folder` is for the files that it keeps."""
    if description.server.url:
        return RemoteTarget(description, folder)
    return StartedTarget(description, database, folder)


@contextmanager
def end_run_on_error(
    file: Path, redact: Callable[[str], str], *, several_workers: bool = False
) -> Iterator[None]:
    """End the run with status 2 and one sentence on any error: the judging cannot be done.

    `redact` takes tokens and secrets out of the sentence, which may have the end of a log.
    """
    try:
        yield
    except TargetError as error:
        message = str(error)
    except NotRun as error:
        message = f"the {error}"
    except Exception as error:  # noqa: BLE001 - an error here is no verdict on the server
        message = f"{type(error).__name__}: {error}"
    else:
        return
    prefix = "" if message.startswith(f"{file}: ") else f"{file}: "
    hint = single_worker_hint(message) if several_workers else ""
    pytest.exit(f"The judging could not be done. {prefix}{redact(message)}{hint}", returncode=2)


@pytest.fixture(scope="session")
def target(
    pytestconfig: pytest.Config,
    time_limits: TimeLimits,
    recorder: Recorder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    """The server under judgement, started and with a database of its own, or found at its URL."""
    folder, file = tmp_path_factory.mktemp("target"), pytestconfig.getoption("--target")
    # Warnings about leftovers must reach the terminal, not the captured output of a scenario.
    capture: Any = pytestconfig.pluginmanager.getplugin("capturemanager")
    worker: Worker | None = pytestconfig.pluginmanager.get_plugin(PLUGIN_NAME)
    evidence: Path | None = pytestconfig.getoption("--evidence")
    started: Target | None = None
    run_secrets = pytestconfig.stash.get(RUN_SECRETS, None)
    tell_each_token(recorder.redact_token)
    if worker:
        tell_each_token(worker.tokens.add)
    elif run_secrets:
        tell_each_token(run_secrets.add_token)

    def redact(text: str) -> str:
        return redacted(text, recorder, started)

    try:
        with end_run_on_error(file, redact, several_workers=worker is not None):
            description = read(file)
            # The users made at a server at a URL are noted where the next run finds them.
            target_folder = evidence.parent if evidence and description.server.url else folder
            started = make_target(description, pytestconfig.getoption("--database"), target_folder)
            started.time_limits = time_limits
            if worker:
                started.start_lock = worker.start_lock
            with capture.global_and_fixture_disabled():
                started.open()
            if worker:
                worker.send_secrets(started.secrets)
            elif run_secrets:
                run_secrets.add(started.secrets)
        yield started
    finally:
        with capture.global_and_fixture_disabled():
            if started is not None:
                started.close()
                _name_logged_secrets(started, folder)
                if evidence and started.log:
                    keep_log(
                        started.log, log_beside(evidence, worker.name if worker else ""), redact
                    )


def redacted(text: str, recorder: Recorder, target: Target | None) -> str:
    """Return a text without tokens, and without the secrets of a target."""
    for secret in target.secrets.values() if target else ():
        if len(secret) >= MINIMUM_LENGTH:
            recorder.redact(secret)
    return recorder.redacted(text)


def _name_logged_secrets(target: Target, folder: Path) -> None:
    """Print which secrets the server logs: what that means is for the spec to say."""
    logged = RunSecrets()
    logged.add(target.secrets)
    found = [one.partition(" stands in ")[0] for one in logged.found(folder.glob("*.log"))]
    for secret, count in sorted(Counter(found).items()):
        logs = f", in {count} of its logs" if count > 1 else ""
        print(f"Secret in a log: the server writes {secret} into its log{logs}.", file=sys.stderr)


@pytest.fixture(scope="session")
def preflight_user(pytestconfig: pytest.Config, target: Target, recorder: Recorder) -> User:
    """The user of the preflight, which has shown that this target can be judged."""

    def redact(text: str) -> str:
        return redacted(text, recorder, target)

    with end_run_on_error(target.description.path, redact):
        user = checked_user(target, redact, anyway=pytestconfig.getoption("--anyway"))
    recorder.read_log_with(LogExcerpts(lambda: target.log).end)
    recorder.environment(**environment_facts(target))
    if target.control is not None:
        recorder.measuring(target.control)
    else:
        recorder.unmeasured(target.unmeasured)
    for deviation in target.description.deviations:
        recorder.deviation(deviation.requirement, deviation.reason, deviation.scenarios)
    return user


def checked_user(target: Target, redact: Callable[[str], str], *, anyway: bool) -> User:
    """Return the user of the preflight.

    Raises `TargetError` when the server cannot be judged, unless it is to be judged anyway.
    """
    done = preflight(target, redact)
    if done.problem and not anyway:
        log = last_lines(target.log) if target.log else ""
        raise TargetError(
            f"{done.problem} --anyway judges it all the same."
            + (f" The end of the server's log:\n{log}" if log else "")
        )
    return done.user


def environment_facts(target: Target) -> dict[str, str]:
    """Return facts of the run for the report; no times, so that reports can be compared."""
    return {
        "python": platform.python_version(),
        "target": target.description.name,
        **target.facts,
    }


@pytest.fixture(scope="session")
def client(
    target: Target, preflight_user: User, recorder: Recorder, time_limits: TimeLimits
) -> Iterator[Client]:
    """An HTTP client; every exchange of it is recorded."""
    excerpts = LogExcerpts(lambda: target.log)
    client = Client(target.base_url, recorder, time_limits, excerpts, target.layout)
    yield client
    client.close()


@pytest.fixture(scope="session")
def watchdog(
    target: Target, preflight_user: User, client: Client, time_limits: TimeLimits
) -> Watchdog:
    """The watchdog that checks the server before each scenario."""
    return Watchdog(target, client, time_limits, preflight_user)


@pytest.fixture
def scene(target: Target, client: Client, recorder: Recorder) -> Iterator[Scene]:
    """The scene of one scenario: it has users of its own, and nothing of another scenario."""
    scene = Scene(target, client, recorder)
    yield scene
    target.release(scene.users.all(), client.take_created())


@pytest.fixture(scope="session")
def figures_of_other_runs(
    request: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> dict[str, list[Figure]]:
    """Figures of the last endurance run, each with the first scenario of its requirement."""
    if pytestconfig.getoption("--target").resolve() != REFERENCE_TARGET_FILE:
        return {}
    return share_out(read_figures(pytestconfig.rootpath / ENDURANCE_FILE), request.session.items)


@pytest.fixture(autouse=True)
def _show_other_runs(
    request: pytest.FixtureRequest,
    recorder: Recorder,
    figures_of_other_runs: dict[str, list[Figure]],
) -> Iterator[None]:
    """Record these figures once the steps of the scenario are over."""
    yield
    for figure in figures_of_other_runs.get(request.node.nodeid, ()):
        recorder.measure(figure.name, figure.value, "", detail=figure.source)


@pytest.fixture(autouse=True)
def _check_scenario_can_run(
    request: pytest.FixtureRequest, target: Target, watchdog: Watchdog, recorder: Recorder
) -> None:
    """Raise `NotRun` with the reason for a scenario that cannot run on this target now."""
    needed = {
        marker.name.partition("-")[2]
        for marker in request.node.iter_markers()
        if marker.name.startswith(CAPABILITY_TAG_PREFIXES)
    }
    if missing := needed - target.capabilities:
        # Of several reasons always the same one: the tags of a scenario have no order.
        cannot(min(missing, key=list(MISSING_CAPABILITIES).index))
    feature, _, line = recorder.scenario.rpartition(":")
    watchdog.ensure_server_answers(feature, f"{Path(feature).name}:{line}")
