"""The pytest plugin of the harness: its options, the target of a run, the scene of a scenario."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.client import Client
from steps.scene import Scene
from steps.target.description import read
from steps.target.process import TargetError
from steps.target.target import Target
from traceability.recording import Recorder

ROOT = Path(__file__).parents[1]
NEEDS = ("needs-", "offers-")
LACKS = {
    "users": "make users",
    "database": "show its database",
    "outage": "lose its database for a while",
    "restart": "be restarted",
    "source": "show its source",
    "published-keys": "verify tokens by published keys",
    "row-security": "bind its login by row-level security",
    "contract": "compare itself with a committed contract",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what is tested, and with which PostgreSQL."""
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


@pytest.fixture(scope="session")
def target(
    pytestconfig: pytest.Config,
    recorder: Recorder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Target]:
    """The server under test, started with a database of its own."""
    folder = tmp_path_factory.mktemp("target")
    started: Target | None = None
    try:
        description = read(pytestconfig.getoption("--target"))
        started = Target(description, pytestconfig.getoption("--database"), folder)
        started.open()
        recorder.redact(started.issuer.secret)
        recorder.environment(**facts(started))
        recorder.measuring(started.control)
        yield started
    except TargetError as error:
        pytest.exit(f"The judging could not be done. {error}", returncode=2)
    finally:
        if started is not None:
            started.close()


def facts(target: Target) -> dict[str, str]:
    """Return what a reader of the report has to know about the run, without times."""
    return {
        "python": platform.python_version(),
        "postgresql": target.database.version,
        "target": target.description.name,
        "commit": commit(target.description.server.folder),
        "database": target.database.kind,
    }


def commit(folder: Path) -> str:
    """Return the commit of a folder under git, with a mark when it was changed since."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


@pytest.fixture(scope="session")
def client(target: Target, recorder: Recorder) -> Iterator[Client]:
    """An HTTP client whose every exchange is recorded."""
    client = Client(target.base_url, recorder)
    yield client
    client.close()


@pytest.fixture
def scene(target: Target, client: Client, recorder: Recorder) -> Scene:
    """The stage of one scenario: users of its own, nothing left of any other."""
    return Scene(target, client, recorder)


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest, target: Target, recorder: Recorder) -> None:
    """Do not run a scenario that the target cannot show, and say why."""
    for marker in request.node.iter_markers():
        need = marker.name.partition("-")[2]
        if marker.name.startswith(NEEDS) and need not in target.capabilities:
            recorder.not_run(f"target cannot {LACKS[need]}")
