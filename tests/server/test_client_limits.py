"""Clients that together take all connections, files or memory of a worker shut nobody out."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from socket import socket

import pytest

from steps.process.server_process import ServerProcess
from tests.server.serving import answers, connect, lines, serving, until_closed
from tests.server.test_connections import GET, HOST, memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are read in /proc")

ASK = GET + b"Connection: close\r\n\r\n"
POST = b"POST /api/ann/tasks HTTP/1.1\r\n" + HOST
HALF_HEAD = GET
HALF_BODY = POST + b"Content-Length: 15\r\n\r\n{"
LONG_FIELDS = b"".join(b"X-%d: " % number + b"a" * 1300 + b"\r\n" for number in range(180))
ENOUGH_SECONDS = "60"
PATIENT = dict.fromkeys(("HEAD_SECONDS", "BODY_SECONDS", "IDLE_SECONDS"), ENOUGH_SECONDS)


@contextmanager
def sending(server: ServerProcess, count: int, data: bytes) -> Iterator[list[socket]]:
    """Open so many connections, and send the data on each."""
    opened = []
    try:
        for _ in range(count):
            opened.append(connect(server))
            with suppress(ConnectionError):
                opened[-1].sendall(data)
        yield opened
    finally:
        for connection in opened:
            connection.close()


def status(server: ServerProcess) -> int:
    """Return what a good request is answered."""
    with connect(server) as connection:
        connection.sendall(ASK)
        ((found, _),) = answers(until_closed(connection))
        return found


@pytest.mark.parametrize(
    ("data", "files"),
    [
        (b"", 0),
        (HALF_HEAD, 0),
        (HALF_HEAD, 256),
        (HALF_BODY, 0),
        (b"nothing of HTTP\r\n\r\n", 0),
    ],
    ids=["silent", "half-heads", "half-heads-and-files", "half-bodies", "refused"],
)
def test_connections_up_to_the_limit_keep_nobody_out(
    tmp_path: Path, data: bytes, files: int
) -> None:
    settings = PATIENT if files else {**PATIENT, "MAX_CONNECTIONS": "50"}
    with serving(tmp_path, settings, files) as server, sending(server, 300, data):
        assert [status(server) for _ in range(20)] == [401] * 20
        (said, *_) = [line for line in lines(server) if "Too many clients" in line["message"]]
        assert said["client"] == "127.0.0.1"


def test_answers_that_are_not_read_keep_nobody_out(tmp_path: Path) -> None:
    many = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
    with (
        serving(tmp_path, {**PATIENT, "MAX_CONNECTIONS": "20"}) as server,
        sending(server, 20, many),
    ):
        time.sleep(3)  # until they have left their answers unread for long enough
        assert [status(server) for _ in range(20)] == [401] * 20


def test_the_address_with_the_most_connections_gives_way(tmp_path: Path) -> None:
    with serving(tmp_path, {**PATIENT, "HOST": "0.0.0.0", "MAX_CONNECTIONS": "20"}) as server:
        other = socket()
        other.bind(("127.0.0.2", 0))
        other.connect(("127.0.0.1", server.port))
        other.sendall(ASK[:-2])
        time.sleep(1)  # it lasts longer than any of those that follow
        with other, sending(server, 100, HALF_HEAD):
            other.sendall(b"\r\n")
            assert until_closed(other).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (GET + b"X: " + b"a" * 250_000, {b"431", b""}),
        (POST + b"Content-Length: 65000\r\n" + LONG_FIELDS + b"\r\n" + b"a" * 60_000, {b"401"}),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * 60_000, {b"401"}),
    ],
    ids=["heads", "bodies", "lines-of-chunks"],
)
def test_what_has_not_arrived_whole_takes_little_memory(
    tmp_path: Path, data: bytes, expected: set[bytes]
) -> None:
    with serving(tmp_path, PATIENT) as server:
        assert status(server) == 401
        before = memory(server)
        with sending(server, 600, data) as opened:
            assert status(server) == 401
            time.sleep(0.5)
            assert memory(server) - before < 60
            found = set()
            for connection in opened:
                connection.setblocking(False)
                with suppress(BlockingIOError, ConnectionError):
                    found.add(connection.recv(65536)[9:12])
            assert found >= expected - {b""}


def test_large_heads_that_were_answered_take_no_memory(tmp_path: Path) -> None:
    with serving(tmp_path, PATIENT) as server, ExitStack() as stack:
        assert status(server) == 401
        before = memory(server)
        for _ in range(600):
            connection = stack.enter_context(connect(server))
            connection.sendall(GET + LONG_FIELDS + b"\r\n")
            assert b"\r\nconnection: close\r\n" in until_closed(connection)
        assert memory(server) - before < 60


def test_a_limit_of_files_below_that_of_connections_is_said_at_the_start(tmp_path: Path) -> None:
    with serving(tmp_path, files=90) as server:
        (said,) = [line["message"] for line in lines(server) if "ulimit" in line["message"]]
        assert "is 90: there may be 1 clients, of 10000 in MAX_CONNECTIONS" in said


def test_the_limit_of_files_is_raised_as_far_as_it_may(tmp_path: Path) -> None:
    own = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, own[1]))
    try:
        with serving(tmp_path) as server:
            assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE) == (own[1], own[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, own)


def test_files_that_run_out_later_are_said_and_do_not_keep_clients_out(tmp_path: Path) -> None:
    with serving(tmp_path, PATIENT) as server:
        files = len(list(Path(f"/proc/{server.pid}/fd").iterdir())) + 5
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (files, files))
        with sending(server, 20, HALF_HEAD):
            time.sleep(1.5)
            assert status(server) == 401
            said = [line["message"] for line in lines(server)]
        assert sum("ulimit" in message for message in said) == 1
        assert sum("No file can be opened" in message for message in said) == 1
