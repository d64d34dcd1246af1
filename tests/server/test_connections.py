"""What one client sends, or does not, neither stops the server nor fills its memory."""

import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from steps.process.server_process import ServerProcess
from tests.server.serving import answers, connect, lines, serving, until_closed

CLOSE = b"Connection: close\r\n"
HOST = b"Host: a\r\n"
GET = b"GET /api/ann/tasks HTTP/1.1\r\n" + HOST
CHUNKED = b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    limits = {"HEAD_SECONDS": "1", "BODY_SECONDS": "1", "IDLE_SECONDS": "2", "ANSWER_SECONDS": "2"}
    with serving(tmp_path_factory.mktemp("server"), limits) as started:
        yield started


def statuses(server: ServerProcess, *parts: bytes) -> list[int]:
    with connect(server) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.002)  # so that the next one arrives by itself
        return [status for status, _ in answers(until_closed(connection))]


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (GET + CLOSE + b"\r\n", [401]),
        (b"\r\n\r\n" + GET + CLOSE + b"\r\n", [401]),
        (b"BREW /api/x HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", [401]),
        (CHUNKED + b"3\r\nabc\r\n0\r\nHost: b\r\n\r\n" + GET + CLOSE + b"\r\n", [404, 401]),
        (GET + b"Upgrade: h2c\r\nConnection: close, upgrade\r\nContent-Length: 2\r\n\r\nab", [401]),
        (CHUNKED + b"0\r\nConnection: close\r\n\r\n" + GET + CLOSE + b"\r\n", [404, 401]),
        (CHUNKED + b"0\r\nno field\r\n\r\n" + GET + b"\r\n", [404]),
        (b"GET http:///api/x HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
        (b"GET http://a:b/api/x HTTP/1.1\r\n" + HOST + b"\r\n", [400]),
        (GET + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [400]),
        (GET + b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n", [400]),
        (GET + b"Content-Length: 2\r\n\r\nab" + b"XX\r\n\r\n", [401, 400]),
        (GET[: -len(HOST)] + b"Host: [::1]:80\r\n" + CLOSE + b"\r\n", [401]),
    ],
)
def test_where_segments_end_changes_nothing(
    server: ServerProcess, request_bytes: bytes, expected: list[int]
) -> None:
    assert statuses(server, request_bytes) == expected
    for at in range(1, len(request_bytes)):
        assert statuses(server, request_bytes[:at], request_bytes[at:]) == expected, at


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (b"a", 401),
        (b"", 401),
        (b"a%41", 401),
        (b"a%zz", 400),
        (b"a%4", 400),
        (b"a:", 401),
        (b"a:65535", 401),
        (b"a:065535", 401),
        (b"a:65536", 400),
        (b"a:99999", 400),
        (b"a:100000", 400),
        (b"[::1]", 401),
        (b"[::ffff:127.0.0.1]:80", 401),
        (b"[::1]:99999", 400),
        (b"[:::::]", 400),
        (b"[1.2.3.4]", 400),
        (b"[::1%25lo]", 400),
        (b"[v1.a:b]", 401),
        (b"[v.a]", 400),
    ],
)
def test_a_host_is_one_of_rfc_3986(server: ServerProcess, host: bytes, expected: int) -> None:
    request = b"GET /api/ann/tasks HTTP/1.1\r\nHost: " + host + b"\r\n" + CLOSE + b"\r\n"
    assert statuses(server, request) == [expected]


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-x\r\n",
        b"GET /x HTTP/1.2\r\n",
        b"GET /x HTTP/1.1\nHost: x\n",
        b"GET /x HTTP/1.1\r\nHost: x\n\r\n",
        GET + b"X: 1\n",
    ],
)
def test_what_becomes_no_request_is_refused_at_once(tmp_path: Path, sent: bytes) -> None:
    with serving(tmp_path, {"HEAD_SECONDS": "60"}) as server:
        assert statuses(server, sent) == [400]
        for at in range(1, len(sent)):
            assert statuses(server, sent[:at], sent[at:]) == [400], at


def test_half_a_head_and_nothing_more_is_refused_and_logged(server: ServerProcess) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /half HTTP/1.1\r\nHost: a\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert [status for status, _ in answers(until_closed(connection))] == [400]
    (said,) = [line for line in lines(server) if line.get("path") == "/half"]
    assert (said["status"], said["client"]) == (400, "127.0.0.1")


def test_requests_in_one_segment_are_answered_in_their_order(server: ServerProcess) -> None:
    paths = [b"/api/x" if number % 3 else b"/x" for number in range(200)]
    sent = b"".join(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" for path in paths)
    expected = [401 if path == b"/api/x" else 404 for path in paths]
    assert statuses(server, sent + GET + CLOSE + b"\r\n") == [*expected, 401]


def test_a_client_that_sends_no_more_gets_its_answer(server: ServerProcess) -> None:
    with connect(server) as connection:
        connection.sendall(GET + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert [status for status, _ in answers(until_closed(connection))] == [401]


def memory(server: ServerProcess) -> int:
    """Return the largest size of the process so far, in MB."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="a process's memory is read in /proc")
@pytest.mark.parametrize(
    ("begin", "more", "status"),
    [
        (GET, b"X-Field: " + b"a" * 65_000 + b"\r\n", 431),
        (GET, b"X: 1\r\n" * 10_000, 431),
        (GET + b"X-Field: ", b"a" * 65_536, 431),
        (b"GET /", b"a" * 65_536, 414),
        (b"", b"a" * 65_536, 414),
        (GET[:-2] + b"\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 65_536, 401),
        (CHUNKED, b"1\r\na\r\n" * 10_000, 404),
        (CHUNKED + b"0\r\n", b"X: 1\r\n" * 10_000, 404),
        (GET + b"Content-Length: 70000000\r\n\r\n", b"a" * 65_536, 401),
    ],
)
def test_an_endless_request_takes_no_memory_and_is_answered(
    server: ServerProcess, begin: bytes, more: bytes, status: int
) -> None:
    before = memory(server)
    received = b""
    with connect(server) as connection:
        connection.setblocking(False)
        waiting, sent, end = begin, 0, time.monotonic() + 10
        while sent < 60_000_000 and time.monotonic() < end:
            try:
                waiting = waiting or more
                count = connection.send(waiting)
                waiting, sent = waiting[count:], sent + count
            except BlockingIOError:
                time.sleep(0.001)
            except ConnectionError:
                break
            try:
                received += connection.recv(65536)
            except BlockingIOError:
                continue
            except ConnectionError:
                break
    assert received.split(b" ")[1] == str(status).encode()
    assert memory(server) - before < 20


@pytest.mark.skipif(sys.platform != "linux", reason="a process's memory is read in /proc")
def test_what_a_client_sent_is_let_go_of_with_its_connection(tmp_path: Path) -> None:
    long = b"GET /api/" + b"%41" * 21_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    peaks = []
    with serving(tmp_path) as server:
        for _ in range(16):
            with ExitStack() as stack:
                connections = [stack.enter_context(connect(server)) for _ in range(100)]
                for connection in connections:
                    connection.sendall(long)
                assert {connection.recv(12) for connection in connections} == {b"HTTP/1.1 401"}
            peaks.append(memory(server))
    assert peaks[-1] - peaks[1] < 20


def test_a_client_that_goes_on_sending_its_head_is_cut_off(server: ServerProcess) -> None:
    """One that sends as fast as it can, too: not all of its 60 MB are taken."""
    sent = 0
    with connect(server) as connection:
        connection.sendall(GET)
        with suppress(ConnectionError):
            while sent < 60_000_000:
                sent += connection.send(b"X-A: b\r\n" * 4096)
        assert connection.recv(12) == b"HTTP/1.1 431"  # the answer is there before the reset
    assert sent < 60_000_000


def test_a_client_that_is_slow_hinders_no_other(server: ServerProcess) -> None:
    slow = [connect(server) for _ in range(300)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall((b"GET /api/", GET + b"\r\n"[:0], CHUNKED + b"5\r\na")[number % 3])
        began = time.monotonic()
        assert statuses(server, GET + CLOSE + b"\r\n") == [401]
        assert time.monotonic() - began < 2
        for connection in slow:  # each is closed: a head that is late is answered before that
            received = until_closed(connection)
            assert received[9:12] in (b"408", b"404"), received
    finally:
        for connection in slow:
            connection.close()


def test_silent_connections_are_closed(server: ServerProcess) -> None:
    silent = [connect(server) for _ in range(100)]
    for connection in silent:
        assert until_closed(connection) == b""
        connection.close()


def test_nobody_is_late_because_the_process_stood_still(server: ServerProcess) -> None:
    with connect(server) as connection:
        connection.sendall(GET + b"\r\n")
        received = b""
        while not received.endswith(b"}"):
            received += connection.recv(65536)
        server._process.send_signal(signal.SIGSTOP)
        time.sleep(3)  # longer than a connection may be silent
        connection.sendall(GET + CLOSE + b"\r\n")
        server._process.send_signal(signal.SIGCONT)
        assert [status for status, _ in answers(until_closed(connection))] == [401]


def test_with_too_many_clients_the_one_that_was_silent_longest_is_closed(tmp_path: Path) -> None:
    with serving(tmp_path, {"MAX_CONNECTIONS": "5"}) as server:
        first = connect(server)
        time.sleep(0.1)  # the event loop's clock has to go on, too
        others = [connect(server) for _ in range(8)]
        with pytest.raises(ConnectionResetError):
            first.recv(1)
        others[-1].sendall(GET + CLOSE + b"\r\n")
        assert [status for status, _ in answers(until_closed(others[-1]))] == [401]
        (said, *_) = [line for line in lines(server) if "Too many clients" in line["message"]]
        assert (said["client"], said["connections"]) == ("127.0.0.1", 6)
        for connection in (first, *others):
            connection.close()


def test_with_too_many_clients_the_newest_is_served(tmp_path: Path) -> None:
    with serving(tmp_path, {"MAX_CONNECTIONS": "5"}) as server:
        for _ in range(20):  # those of one moment have been silent for as long
            clients = [connect(server) for _ in range(12)]
            clients[-1].sendall(GET + CLOSE + b"\r\n")
            assert [status for status, _ in answers(until_closed(clients[-1]))] == [401]
            for client in clients:
                client.close()


def test_files_run_out_for_no_new_client(tmp_path: Path) -> None:
    with serving(tmp_path, files=256) as server:
        clients = [connect(server) for _ in range(400)]
        assert statuses(server, GET + CLOSE + b"\r\n") == [401]
        for client in clients:
            client.close()


def test_what_is_refused_is_logged_with_its_client(server: ServerProcess) -> None:
    statuses(server, b"nothing of HTTP\r\n\r\n")
    statuses(server, GET + HOST + b"\r\n")
    refused = [line for line in lines(server) if line.get("status") == 400][-2:]
    assert [line["reason"] for line in refused] == ["malformed_request", "invalid_host"]
    assert [line["client"] for line in refused] == ["127.0.0.1", "127.0.0.1"]
    assert all(len(line["request_id"]) == 32 for line in refused)


def test_no_answer_names_the_software(server: ServerProcess) -> None:
    for request in (GET + CLOSE + b"\r\n", b"nothing of HTTP\r\n\r\n"):
        with connect(server) as connection:
            connection.sendall(request)
            head = until_closed(connection).partition(b"\r\n\r\n")[0].lower()
        assert b"\r\nserver:" not in head
        assert b"uvicorn" not in head


def test_a_reset_connection_is_forgotten(server: ServerProcess) -> None:
    for part in (b"", GET[:20], GET + b"\r\n", CHUNKED + b"5\r\na"):
        connection = connect(server)
        connection.sendall(part)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert statuses(server, GET + CLOSE + b"\r\n") == [401]
    assert not [line for line in lines(server) if "traceback" in line]
