"""Send requests over a few connections, the next after each answer, and check every answer.

The client must not be what is measured, on two cores that it shares with the server and the
database: requests are built beforehand, sockets are used as they are, and of an answer only status
and length are read. That takes 40 to 80 microseconds of processor time an exchange.
"""

from __future__ import annotations

import gc
import re
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

STATUS = slice(9, 12)
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
HEAD_END = b"\r\n\r\n"
MAX_HEAD_BYTES = 65_536
"""Longest head of an answer, in bytes: it is searched anew whenever a piece of it arrives."""
ANSWER_TIMEOUT = 30.0
"""Seconds without any answer after which the measurement fails."""
MAX_REQUESTS = 1_000_000
"""Requests of one measurement, whatever the time allows."""


class LoadError(Exception):
    """An answer was not the expected one, or there was none, so that nothing was measured."""


@dataclass(frozen=True)
class Request:
    """One request, as it goes over the wire, and the status that its answer must have."""

    data: bytes
    status: int


@dataclass(frozen=True)
class Sample:
    """The latencies of one measurement."""

    seconds: float
    latencies: tuple[float, ...]
    """Seconds from the sending of a request to the last byte of its answer, sorted."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency that `share` (0 to 1) of all requests stayed within."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def join_samples(samples: Sequence[Sample]) -> Sample:
    """Join several samples of the same load into one."""
    latencies = sorted(latency for sample in samples for latency in sample.latencies)
    return Sample(sum(sample.seconds for sample in samples), tuple(latencies))


def request(
    method: str, path: str, token: str, status: int, body: bytes = b"", host: str = "127.0.0.1"
) -> Request:
    """Build a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return Request("\r\n".join([*lines, "", ""]).encode() + body, status)


class _Connection:
    """A connection that has one request under way at a time."""

    def __init__(self, port: int, requests: Sequence[Request], start: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._next = start
        self._received = b""
        self._missing = 0
        self._sent = 0.0
        self._expected = b""

    def send(self) -> None:
        """Send the next request."""
        request = self._requests[self._next % len(self._requests)]
        self._next += 1
        self._expected = str(request.status).encode()
        self._sent = time.perf_counter()
        self.socket.sendall(request.data)

    def receive(self) -> float | None:
        """Read what has arrived; return the latency if that was the end of an answer."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise LoadError("the server closed a connection in the middle of an answer")
        if self._missing:
            self._missing -= len(chunk)
        else:
            self._begin(chunk)
        if self._missing or self._received:
            return None
        return time.perf_counter() - self._sent

    def _begin(self, chunk: bytes) -> None:
        self._received += chunk
        if len(self._received) > MAX_HEAD_BYTES + len(chunk):
            raise LoadError(f"the head of an answer is longer than {MAX_HEAD_BYTES} bytes")
        head, found, body = self._received.partition(HEAD_END)
        if not found:
            return
        if head[STATUS] != self._expected:
            wanted = self._expected.decode()
            raise LoadError(f"an answer was not {wanted}: {self._received[:500]!r}")
        length = LENGTH.search(head)
        if length is None:
            raise LoadError(f"an answer has no length: {head!r}")
        self._missing = int(length[1]) - len(body)
        self._received = b""


def send_once(port: int, request: Request) -> int:
    """Send one request; return the number of bytes of its answer, however it is framed."""
    headers, _, body = request.data.partition(HEAD_END)
    closing = headers + b"\r\nConnection: close" + HEAD_END + body
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_TIMEOUT) as connection:
        connection.sendall(closing)
        received = bytearray(connection.recv(262_144))
        if received[STATUS] != str(request.status).encode():
            raise LoadError(f"an answer was not {request.status}: {bytes(received[:500])!r}")
        length = len(received)
        while chunk := connection.recv(262_144):
            length += len(chunk)
    return length


def run(
    port: int,
    requests: Sequence[Request],
    *,
    connections: int = 16,
    seconds: float = 2.0,
    warm_up: float = 0.3,
    max_requests: int = MAX_REQUESTS,
    answer_timeout: float = ANSWER_TIMEOUT,
) -> Sample:
    """Send `requests` in rotation for `seconds`, at most `max_requests` of them.

    Raises `LoadError` when the server closes a connection, when no answer arrives within
    `answer_timeout` seconds, and at the first answer without a length or with another status than
    its request expects.
    """
    share = max(1, len(requests) // connections)
    opened = [_Connection(port, requests, share * number) for number in range(connections)]
    try:
        return _exchange(opened, seconds, warm_up, max_requests, answer_timeout)
    finally:
        for connection in opened:
            connection.socket.close()


def _exchange(
    opened: list[_Connection],
    seconds: float,
    warm_up: float,
    max_requests: int,
    answer_timeout: float,
) -> Sample:
    poll = select.epoll()
    by_number = {connection.socket.fileno(): connection for connection in opened}
    latencies: list[float] = []
    gc.disable()  # a pause of the load generator would count as the server's
    try:
        for number, connection in by_number.items():
            poll.register(number, select.EPOLLIN)
            connection.send()
        start = time.perf_counter() + warm_up
        end = start + seconds
        while (now := time.perf_counter()) < end and len(latencies) < max_requests:
            ready = poll.poll(answer_timeout)
            if not ready:
                raise LoadError(f"no answer within {answer_timeout:g} s")
            for number, _ in ready:
                latency = by_number[number].receive()
                if latency is not None:
                    if now >= start:
                        latencies.append(latency)
                    by_number[number].send()
        elapsed = time.perf_counter() - start
    finally:
        gc.enable()
        poll.close()
    if not latencies:
        raise LoadError(f"no request was answered within {seconds:.1f} s")
    return Sample(elapsed, tuple(sorted(latencies)))
