"""Requests on connections that the server closes: which are sent again, and which are failures."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx2
import pytest

from steps.http import deadline

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAILURE = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
BEGINNING = b"HTTP/1.1 200 OK\r\nContent-"
NOTHING = b""
"""Instead of an answer: the request is read, and the connection is closed."""


class ScriptedServer:
    """Answers the requests of each connection by a script of its own, and notes all of them.

    A connection whose script is over is closed when it has sent one more request: this request was
    on its way when the server closed the connection, as on a slow machine it may be.
    """

    def __init__(self, scripts: Sequence[Sequence[bytes]]) -> None:
        self.requests: list[tuple[int, str]] = []
        """Number of the connection, and method, of each request."""
        self._scripts = scripts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for number, script in enumerate(self._scripts, start=1):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection, number, script)).start()

    def _answer(self, connection: socket.socket, number: int, script: Sequence[bytes]) -> None:
        with connection:
            for answer in (*script, NOTHING):
                request = b""
                while b"\r\n\r\n" not in request:
                    part = connection.recv(65536)
                    if not part:
                        return
                    request += part
                self.requests.append((number, request.split()[0].decode()))
                if answer in {NOTHING, BEGINNING}:
                    connection.sendall(answer)
                    return
                connection.sendall(answer)

    def close(self) -> None:
        self._listener.close()


@contextmanager
def scripted(*scripts: Sequence[bytes]) -> Iterator[tuple[ScriptedServer, httpx2.Client]]:
    """Yield a server whose connections have these scripts, and a client of it."""
    server = ScriptedServer(scripts)
    with deadline.client(server.url, seconds=10) as client:
        yield server, client
    server.close()


def test_a_reading_request_on_a_connection_that_ends_is_sent_again_on_a_new_one() -> None:
    with scripted([FAILURE], [OK]) as (server, client):
        assert client.get("/").status_code == 500
        assert client.get("/").status_code == 200
        assert server.requests == [(1, "GET"), (1, "GET"), (2, "GET")]


def test_it_is_sent_again_only_once() -> None:
    with scripted([OK], [], [OK]) as (server, client):
        assert client.get("/").status_code == 200
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/")
        assert server.requests == [(1, "GET"), (1, "GET"), (2, "GET")]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_writing_request_has_a_connection_of_its_own(method: str) -> None:
    with scripted([FAILURE, OK], [OK, OK], [OK]) as (server, client):
        assert client.get("/").status_code == 500
        assert client.request(method, "/").status_code == 200
        assert client.request(method, "/").status_code == 200
        assert server.requests == [(1, "GET"), (2, method), (3, method)]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_new_connection_that_ends_without_an_answer_is_a_failure(method: str) -> None:
    with scripted([], [OK]) as (server, client):
        with pytest.raises(httpx2.RemoteProtocolError):
            client.request(method, "/")
        assert server.requests == [(1, method)]


def test_an_answer_that_breaks_off_is_a_failure_on_any_connection() -> None:
    with scripted([OK, BEGINNING], [OK]) as (server, client):
        assert client.get("/").status_code == 200
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/")
        assert server.requests == [(1, "GET"), (1, "GET")]


def test_a_timeout_is_never_sent_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with deadline.client(url, seconds=0.2) as client:
            with pytest.raises(httpx2.ReadTimeout):
                client.get("/")
            listener.settimeout(5)
            listener.accept()[0].close()
            listener.settimeout(0.2)
            with pytest.raises(TimeoutError):
                listener.accept()
