"""The client counts answers of the right status and nothing else."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from bench.load import LoadError, Sample, join_samples, request, run, send_once

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


@contextmanager
def serving(*answers: bytes) -> Iterator[int]:
    """Answer the requests of each connection with `answers`, in rotation; return the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(client: socket.socket) -> None:
            with client, suppress(OSError):  # a client that has measured enough hangs up
                at = 0
                while client.recv(65_536):
                    client.sendall(answers[at % len(answers)])
                    at += 1

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


REQUEST = request("GET", "/", "token", 200)


def ask(port: int, seconds: float = 0.2, max_requests: int = 1_000_000) -> Sample:
    return run(
        port, [REQUEST], connections=2, seconds=seconds, warm_up=0, max_requests=max_requests
    )


def test_answers_are_counted_and_timed() -> None:
    with serving(OK) as port:
        sample = ask(port)
    assert len(sample.latencies) > 10
    assert sample.rate == pytest.approx(len(sample.latencies) / sample.seconds)
    assert 0 < sample.percentile(0.5) <= sample.percentile(0.99) <= sample.latencies[-1]


def test_one_answer_of_another_status_ends_the_measurement() -> None:
    wrong = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"
    with serving(OK, OK, wrong) as port, pytest.raises(LoadError, match="not 200"):
        ask(port)


def test_a_connection_that_is_closed_ends_the_measurement() -> None:
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello"
    with serving(half) as port, pytest.raises(LoadError, match="no answer within"):
        run(port, [REQUEST], connections=1, seconds=0.2, warm_up=0, answer_timeout=0.3)


def test_no_more_is_sent_than_was_allowed() -> None:
    with serving(OK) as port:
        assert len(ask(port, max_requests=7, seconds=5).latencies) in (7, 8)


def test_an_answer_may_come_in_pieces_and_be_large() -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    with serving(large) as port:
        assert ask(port).latencies


def test_the_bytes_of_one_answer_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(65_536)
                client.sendall(OK)

        threading.Thread(target=answer, daemon=True).start()
        assert send_once(listener.getsockname()[1], REQUEST) == len(OK)


def test_samples_of_several_slices_are_one() -> None:
    joined = join_samples([Sample(1, (1.0, 3.0)), Sample(2, (2.0,))])
    assert joined == Sample(3, (1.0, 2.0, 3.0))
    assert joined.rate == 1
