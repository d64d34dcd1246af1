"""Processes on one port: replaced when they die, ended with the one that started them, in time."""

import gc
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.settings import load_settings
from server.workers import Worker
from steps.process.child import process_exists
from steps.process.ports import port_in_use
from steps.process.server_process import ServerProcess
from steps.target.tokens import Issuer, Secret
from tests.server.databases import ROOT, Schema
from tests.server.serving import connect, lines, serving, until_closed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are listed in /proc")

HALF = (
    b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na",  # its 404 comes before the rest
    b"GET /x HTTP/1.1\r\nHost: ",
)


def workers_of(server: ServerProcess) -> list[int]:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    return [int(pid) for pid in children.split()]


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def serves(server: ServerProcess) -> bool:
    with connect(server, 2) as connection:
        connection.sendall(b"GET /api/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return until_closed(connection).startswith(b"HTTP/1.1 401")


@pytest.fixture
def two_workers(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path, {"WORKERS": "2", "SHUTDOWN_SECONDS": "2"}) as server:
        assert eventually(lambda: len(workers_of(server)) == 2)
        yield server


def test_a_worker_that_dies_is_replaced(two_workers: ServerProcess) -> None:
    killed, other = workers_of(two_workers)
    os.kill(killed, signal.SIGKILL)
    assert eventually(
        lambda: len(workers_of(two_workers)) == 2 and killed not in workers_of(two_workers)
    )
    assert other in workers_of(two_workers)
    assert all(serves(two_workers) for _ in range(10))
    (said,) = [line for line in lines(two_workers) if "ended" in line["message"]]
    assert (said["worker"], said["status"]) == (killed, -signal.SIGKILL)


def test_a_worker_that_stands_still_is_replaced(two_workers: ServerProcess) -> None:
    frozen = workers_of(two_workers)[0]
    os.kill(frozen, signal.SIGSTOP)
    assert eventually(
        lambda: len(workers_of(two_workers)) == 2 and frozen not in workers_of(two_workers)
    )
    assert all(serves(two_workers) for _ in range(10))


def test_workers_end_with_a_killed_parent(two_workers: ServerProcess) -> None:
    workers = workers_of(two_workers)
    # Not `kill`, which ends the whole group.
    os.kill(two_workers.pid, signal.SIGKILL)
    assert eventually(lambda: not any(process_exists(pid) for pid in workers), 5)
    assert not port_in_use(two_workers.port)
    assert lines(two_workers)  # without a traceback


def test_workers_end_with_a_killed_parent_while_a_client_is_slow(
    two_workers: ServerProcess,
) -> None:
    workers = workers_of(two_workers)
    with connect(two_workers) as client:
        client.sendall(HALF[1])
        os.kill(two_workers.pid, signal.SIGKILL)
        assert eventually(lambda: not port_in_use(two_workers.port), 2)
        assert eventually(lambda: not any(process_exists(pid) for pid in workers), 10)


def test_one_that_stands_still_does_not_keep_the_others_from_ending(
    two_workers: ServerProcess,
) -> None:
    workers = workers_of(two_workers)
    os.kill(workers[0], signal.SIGSTOP)
    os.kill(two_workers.pid, signal.SIGTERM)
    assert eventually(lambda: not two_workers.running, 8)
    assert not any(process_exists(pid) for pid in workers)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("sent", HALF)
def test_a_stop_waits_for_a_slow_client_so_long_and_no_longer(
    tmp_path: Path, workers: str, sent: bytes
) -> None:
    settings = {"WORKERS": workers, "SHUTDOWN_SECONDS": "2"}
    with serving(tmp_path, settings | {"HEAD_SECONDS": "60", "BODY_SECONDS": "60"}) as server:
        children = workers_of(server)
        with connect(server) as client:
            client.sendall(sent)
            time.sleep(0.3)
            began = time.monotonic()
            os.kill(server.pid, signal.SIGTERM)
            assert eventually(lambda: not port_in_use(server.port), 1.5), "it takes new clients"
            assert eventually(lambda: not server.running, 8)
            assert time.monotonic() - began < 6
        assert not any(process_exists(pid) for pid in children)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(
    tmp_path: Path, workers: str, second: signal.Signals
) -> None:
    slow = {"SHUTDOWN_SECONDS": "60", "HEAD_SECONDS": "60", "BODY_SECONDS": "60"}
    with serving(tmp_path, slow | {"WORKERS": workers}) as server, connect(server) as client:
        children = workers_of(server)
        client.sendall(b"PUT /api/x HTTP/1.1\r\nHost: a\r\n")
        unread = many_unread(server)
        time.sleep(0.3)
        os.kill(server.pid, signal.SIGTERM)
        time.sleep(0.5)
        assert server.running, "it did not wait for the client at all"
        os.kill(server.pid, second)
        assert eventually(lambda: not server.running, 2)
        assert not any(process_exists(pid) for pid in children)
        unread.close()


def many_unread(server: ServerProcess) -> socket.socket:
    """Ask for more than the buffers of the system hold, and read nothing."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
    return client


TASK = b'{"title": "a"}'


@pytest.mark.parametrize("rest", [b"a\r\n\r\n", b"a\r\nContent-Length: 5\r\n\r\nabcde"])
def test_a_head_on_its_way_at_the_stop_is_read_and_answered(tmp_path: Path, rest: bytes) -> None:
    with serving(tmp_path) as server, connect(server) as client:
        client.sendall(HALF[1])
        time.sleep(0.3)
        os.kill(server.pid, signal.SIGTERM)
        time.sleep(0.5)
        client.sendall(rest)
        received = until_closed(client)
        assert received.startswith(b"HTTP/1.1 404")
        assert b"\r\nconnection: close\r\n" in received
        assert server.wait() == -signal.SIGTERM


def test_a_head_that_does_not_end_after_the_stop_is_answered_in_its_time(tmp_path: Path) -> None:
    with serving(tmp_path, {"HEAD_SECONDS": "1", "SHUTDOWN_SECONDS": "60"}) as server:
        with connect(server) as client:
            client.sendall(HALF[1])
            time.sleep(0.3)
            os.kill(server.pid, signal.SIGTERM)
            assert until_closed(client).startswith(b"HTTP/1.1 408")
        assert eventually(lambda: not server.running, 8)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_does_not_wait_for_a_body_that_nobody_reads(tmp_path: Path, workers: str) -> None:
    slow = {"SHUTDOWN_SECONDS": "60", "BODY_SECONDS": "60", "WORKERS": workers}
    with serving(tmp_path, slow) as server, connect(server) as client:
        client.sendall(HALF[0])
        assert client.recv(12) == b"HTTP/1.1 404"
        os.kill(server.pid, signal.SIGTERM)
        assert eventually(lambda: not server.running, 15)


@pytest.mark.postgresql
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_lets_a_request_end(
    tmp_path: Path, schema: Schema, workers: str, number: signal.Signals
) -> None:
    """Ctrl-C in a terminal reaches each process, and so does a stop by systemd."""
    secret = secrets.token_urlsafe(48)
    settings = {"WORKERS": workers, "DATABASE_URL": schema.api, "JWT_SECRET": secret}
    with serving(tmp_path, settings) as server, connect(server) as client:
        children = workers_of(server)
        token = Issuer(Secret(secret)).token("ann")
        client.sendall(
            b"POST /api/ann/tasks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
            % (token.encode(), len(TASK))
            + TASK[:5]
        )
        time.sleep(0.5)
        os.killpg(server.pid, number)
        time.sleep(1)
        client.sendall(TASK[5:])
        assert until_closed(client).startswith(b"HTTP/1.1 201")
        assert eventually(lambda: not server.running, 5)
        assert not any(process_exists(pid) for pid in children)


@pytest.mark.parametrize("where", ["in its imports", "at the database"])
def test_ctrl_c_while_it_starts_says_nothing(tmp_path: Path, where: str) -> None:
    log = tmp_path / "log"
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        output = stack.enter_context(log.open("wb"))
        env = {
            "DATABASE_URL": f"postgresql://a:b@127.0.0.1:{silent.getsockname()[1]}/x",
            "JWT_SECRET": secrets.token_urlsafe(48),
            "CORS_ORIGIN": "http://localhost:3000",
            "PORT": "0",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "server"],
            cwd=ROOT,
            env=os.environ | env,
            stdout=output,
            stderr=output,
        )
        if where == "in its imports":
            maps = Path(f"/proc/{process.pid}/maps")
            assert eventually(lambda: "pydantic_core" in maps.read_text())
        else:
            silent.settimeout(20)
            stack.enter_context(silent.accept()[0])
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT  # a shell shows it as 130
    assert log.read_text() == ""


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
        Worker(load_settings())
        assert gc.get_freeze_count() > before + 10_000
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
