"""Heads that a server sends wrongly, and none at all, over a plain socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from steps.http import client as http_client
from steps.http.client import Client
from steps.http.raw_request import send_head
from steps.http.time_limits import MAX_CONSECUTIVE_TIMEOUTS, TimeLimits
from traceability.evidence.recording.not_run import NotRun


class NoRecorder:
    def exchange(self, **_: object) -> None:
        """Record nothing."""


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """Serve each connection one of the answers and close it; yield the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    "length", [b"abc", b"", b"-1", b"1_0", b"+3", b"9" * 5000, b"9" * 19, b"\xb2", b"2, 2", b" 2 "]
)
def test_a_length_that_is_no_number_is_part_of_the_answer(length: bytes) -> None:
    head = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: " + length + b"\r\n\r\n{}"
    with answering(head) as url:
        answer = send_head(url, "POST", "/", {}, 5.0)
    assert (answer.status, answer.body, answer.error) == (401, b"{}", "")


@pytest.mark.parametrize(
    "line", [b"HTTP/1.1 \xb2\xb2\xb2 x", b"HTTP/1.1 x y", b"", b"HTTP/1.1 9999 x"]
)
def test_a_status_that_is_no_number_is_no_status(line: bytes) -> None:
    with answering(line + b"\r\n\r\n") as url:
        assert send_head(url, "POST", "/", {}, 5.0).status is None


def test_a_head_without_an_answer_counts_as_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "UNFINISHED_TIMEOUT_SECONDS", 0.05)
    limits = TimeLimits()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = Client(url, NoRecorder(), limits)
        for _ in range(MAX_CONSECUTIVE_TIMEOUTS):
            assert client.send_unfinished("POST", "/", {}).status is None
        assert client.unanswered
        with pytest.raises(NotRun, match="such requests had no answer"):
            client.send_unfinished("POST", "/", {})
        client.close()
