"""The pytest plugin of the harness: its options, the target of a run, the scene of a scenario."""

from __future__ import annotations

import gc
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from steps.errors import TargetError
from steps.http.client import Client
from steps.http.time_limits import DEFAULT_MINUTES, TimeLimits, minutes_argument
from steps.run.scheduler import Scheduler
from steps.run.watchdog import Watchdog
from steps.run.worker import PLUGIN, Worker
from steps.scenario.scene import Scene
from steps.target.abilities import cannot
from steps.target.accounts import User
from steps.target.description.read import read
from steps.target.description.tables import Description
from steps.target.preflight import preflight
from steps.target.remote import RemoteTarget
from steps.target.started.target import StartedTarget
from steps.target.target import Target
from traceability.evidence.not_run import NotRun
from traceability.evidence.recording_session import Recorder

ROOT = Path(__file__).parents[2]
NEED_PREFIXES = ("needs-", "offers-")
SINGLE_WORKER_HINT = "\nIf two of it cannot run on one machine, say --workers 1."
TIME_LIMITS = pytest.StashKey[TimeLimits]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what is tested, with which PostgreSQL, and how long it may take."""
    group = parser.getgroup("harness")
    group.addoption(
        "--target",
        type=Path,
        default=ROOT / "targets" / "reference.toml",
        help="target file of the server to judge (default: the reference server)",
    )
    group.addoption(
        "--database",
        default="embedded",
        help="embedded (default), testcontainers, or postgresql://… of a server that exists",
    )
    group.addoption(
        "--minutes",
        type=minutes_argument,
        default=DEFAULT_MINUTES,
        help="how long a server that is slow or hangs is judged (default: %(default)g)",
    )
    group.addoption(
        "--workers", type=int, default=1, help="how many judge at the same time (default: 1)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count the time: everything belongs to the judging."""
    time_limits = config.stash[TIME_LIMITS] = TimeLimits(config.getoption("--minutes"))
    if (count := config.getoption("--workers")) > 1:
        config.pluginmanager.register(Scheduler(count, time_limits), "harness-scheduler")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep what is collected to the end: nobody has to look for garbage in it, nor copy it."""
    gc.freeze()


@pytest.fixture(scope="session")
def time_limits(pytestconfig: pytest.Config) -> TimeLimits:
    """How long may be waited."""
    return pytestconfig.stash[TIME_LIMITS]


def target_of(description: Description, database: str, folder: Path) -> Target:
    """Return the target that a target file describes."""
    if description.server.url:
        return RemoteTarget(description, folder)
    return StartedTarget(description, database, folder)


@contextmanager
def not_judged_on_error(file: Path, hint: str = "") -> Iterator[None]:
    """End the run with status 2 and one sentence, whatever keeps the judging from being done."""
    try:
        yield
    except TargetError as error:
        said = str(error)
    except NotRun as error:
        said = f"the {error}"
    except Exception as error:  # noqa: BLE001 - an error here is no verdict on the server
        said = f"{type(error).__name__}: {error}"
    else:
        return
    named = "" if said.startswith(f"{file}: ") else f"{file}: "
    pytest.exit(f"The judging could not be done. {named}{said}{hint}", returncode=2)


@pytest.fixture(scope="session")
def target(
    pytestconfig: pytest.Config,
    time_limits: TimeLimits,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    """The server under test, started with a database of its own."""
    folder, file = tmp_path_factory.mktemp("target"), pytestconfig.getoption("--target")
    # What is left behind is said to the user, not kept with the output of a scenario.
    capture: Any = pytestconfig.pluginmanager.getplugin("capturemanager")
    worker: Worker | None = pytestconfig.pluginmanager.get_plugin(PLUGIN)
    evidence: Path | None = pytestconfig.getoption("--evidence")
    started: Target | None = None
    try:
        with not_judged_on_error(file, SINGLE_WORKER_HINT if worker else ""):
            description = read(file)
            # What was made at a server that is not ours is noted where the next run finds it.
            place = evidence.parent if evidence and description.server.url else folder
            started = target_of(description, pytestconfig.getoption("--database"), place)
            started.time_limits = time_limits
            if worker:
                started.start_lock = worker.starts
            with capture.global_and_fixture_disabled():
                started.open()
        yield started
    finally:
        with capture.global_and_fixture_disabled():
            if started is not None:
                started.close()


@pytest.fixture(scope="session")
def known_user(target: Target, recorder: Recorder) -> User:
    """A user with whom it was found out that the judging can be done."""
    with not_judged_on_error(target.description.path):
        user = preflight(target)
    if "signing" in target.capabilities and target.issuer.secret:
        recorder.redact(target.issuer.secret)
    recorder.environment(**environment_facts(target))
    if target.control is not None:
        recorder.measuring(target.control)
    else:
        recorder.unmeasured(target.unmeasured)
    for deviation in target.description.deviations:
        recorder.deviation(deviation.requirement, deviation.reason, deviation.scenarios)
    return user


def environment_facts(target: Target) -> dict[str, str]:
    """Return what a reader of the report has to know about the run, without times."""
    return {
        "python": platform.python_version(),
        "target": target.description.name,
        **target.facts,
    }


@pytest.fixture(scope="session")
def client(
    target: Target, known_user: User, recorder: Recorder, time_limits: TimeLimits
) -> Iterator[Client]:
    """An HTTP client whose every exchange is recorded."""
    client = Client(target.base_url, recorder, time_limits)
    yield client
    client.close()


@pytest.fixture(scope="session")
def watchdog(target: Target, known_user: User, client: Client, time_limits: TimeLimits) -> Watchdog:
    """Who looks after the server between scenarios."""
    return Watchdog(target, client, time_limits, known_user)


@pytest.fixture
def scene(target: Target, client: Client, recorder: Recorder) -> Iterator[Scene]:
    """The stage of one scenario: users of its own, nothing left of any other."""
    scene = Scene(target, client, recorder)
    yield scene
    target.release(scene.users.values(), client.take_created())


@pytest.fixture(autouse=True)
def _can_run(
    request: pytest.FixtureRequest, target: Target, watchdog: Watchdog, recorder: Recorder
) -> None:
    """Do not run a scenario that the target cannot show, and say why."""
    for marker in request.node.iter_markers():
        need = marker.name.partition("-")[2]
        if marker.name.startswith(NEED_PREFIXES) and need not in target.capabilities:
            cannot(need)
    feature, _, line = recorder.scenario.rpartition(":")
    watchdog.check(feature, f"{Path(feature).name}:{line}")
