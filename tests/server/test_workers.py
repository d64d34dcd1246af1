"""Several workers serve one port, and end with the process that started them."""

import gc
import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from server.workers import app
from steps.process.ports import free_port
from steps.process.server_process import ServerProcess
from tests.server.databases import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are listed in /proc")


def workers_of(server: ServerProcess) -> list[int]:
    """Process ids of the workers, without the other processes that Python starts with them."""
    pid = server._process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [
        int(child)
        for child in children
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/ann/tasks", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_two_workers_serve_one_port_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    port = free_port()
    env = {
        "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:9/none",  # a 401 needs no database
        "JWT_SECRET": "s" * 32,
        "CORS_ORIGIN": "http://localhost:3000",
        "PORT": str(port),
        "WORKERS": "2",
    }
    server = ServerProcess([sys.executable, "-m", "server"], env, ROOT, port, tmp_path / "log")
    try:
        server.wait_until_ready("/openapi.json")
        assert eventually(lambda: len(workers_of(server)) == 2)
        first = workers_of(server)
        os.kill(first[0], signal.SIGKILL)
        assert eventually(
            lambda: len(workers_of(server)) == 2 and first[0] not in workers_of(server)
        )
        assert status(port) == 401
    finally:
        server.stop()
    assert not any(Path(f"/proc/{pid}").exists() for pid in first[1:])
    refusals = [line for line in server.log.read_text().splitlines() if "missing_token" in line]
    assert len(refusals) == 1, "a worker logs nothing"


def test_objects_that_exist_at_the_start_are_never_collected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "DATABASE_URL": "postgresql://user:password@127.0.0.1/name",
        "JWT_SECRET": secrets.token_urlsafe(48),
        "CORS_ORIGIN": "https://app.example.test",
    }.items():
        monkeypatch.setenv(name, value)
    before = gc.get_freeze_count()
    gc.disable()
    try:
        app()
        assert gc.get_freeze_count() > before + 10_000
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
