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
END = b"\r\n\r\n"
SILENCE = 30.0
"""Seconds without any answer after which the measurement fails."""
MOST = 1_000_000
"""Requests of one measurement, whatever the time allows."""


class LoadError(Exception):
    """An answer was not the expected one, so that nothing was measured."""


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


def together(samples: Sequence[Sample]) -> Sample:
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
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SILENCE)
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
        head, found, body = self._received.partition(END)
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


def once(port: int, request: Request) -> int:
    """Send one request; return the number of bytes of its answer, however it is framed."""
    headers, _, body = request.data.partition(END)
    one = headers + b"\r\nConnection: close" + END + body
    with socket.create_connection(("127.0.0.1", port), timeout=SILENCE) as connection:
        connection.sendall(one)
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
    most: int = MOST,
    silence: float = SILENCE,
) -> Sample:
    """Send `requests` in rotation for `seconds`, at most `most` of them.

    Raises `LoadError` at the first answer that is none, or has another status than it must.
    """
    share = max(1, len(requests) // connections)
    opened = [_Connection(port, requests, share * number) for number in range(connections)]
    try:
        return _exchange(opened, seconds, warm_up, most, silence)
    finally:
        for connection in opened:
            connection.socket.close()


def _exchange(
    opened: list[_Connection], seconds: float, warm_up: float, most: int, silence: float
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
        while (now := time.perf_counter()) < end and len(latencies) < most:
            ready = poll.poll(silence)
            if not ready:
                raise LoadError(f"no answer within {silence:g} s")
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
