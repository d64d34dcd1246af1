"""HTTP clients with a deadline and a size limit for the whole answer.

The timeouts of an HTTP client usually count from one piece of an answer to the next: a server that
sends a byte now and then would keep the harness waiting without end.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from steps.http.connections import Transport

KEEPALIVE_SECONDS = 1.0
"""How long an idle connection is kept for the next request.

Servers close connections that are idle for 2 to 75 s (gunicorn 2, uvicorn and Node.js 5). A request
that is sent in the same moment gets no answer, and the server is not to blame.
"""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Maximum size of an answer; a longer one counts as none."""


class _AnswerLimits(threading.local):
    """Time and bytes that are left for the answer that this thread is waiting for."""

    deadline = float("inf")
    bytes_left = MAX_ANSWER_BYTES
    connection_reused = False
    """Whether the connection that the request was sent on has carried an answer before."""

    def start(self, seconds: float | None) -> None:
        self.deadline = float("inf") if seconds is None else time.monotonic() + seconds
        self.bytes_left = MAX_ANSWER_BYTES
        self.connection_reused = False

    def closed_before_the_answer(self) -> bool:
        """Return whether no byte of an answer came on a connection that had carried another one."""
        return self.connection_reused and self.bytes_left == MAX_ANSWER_BYTES

    def timeout(self, wanted: float | None) -> float | None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer did not end in time")
        return left if wanted is None else min(wanted, left)

    def count_bytes(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise httpcore2.ReadError(f"the answer has more than {MAX_ANSWER_BYTES} bytes")


ANSWER_LIMITS = _AnswerLimits()


class _LimitedStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._has_answered = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, ANSWER_LIMITS.timeout(timeout))
        self._has_answered |= bool(data)
        ANSWER_LIMITS.count_bytes(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        ANSWER_LIMITS.connection_reused = self._has_answered
        self._stream.write(buffer, ANSWER_LIMITS.timeout(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _LimitedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _LimitedBackend(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        return _LimitedStream(
            super().connect_tcp(host, port, timeout, local_address, socket_options)
        )


class _LimitedPool(httpx2.HTTPTransport):
    def __init__(self, tls: bool, connections: int, kept: int) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            # Loading certificates takes time: it is not done for a target without TLS.
            ssl_context=ssl.create_default_context() if tls else None,
            max_connections=connections,
            max_keepalive_connections=kept,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=_LimitedBackend(),
        )


class _LimitedTransport(Transport):
    def __init__(self, tls: bool, connections: int) -> None:
        super().__init__(
            reusing=_LimitedPool(tls, connections, connections // 2),
            single_use=_LimitedPool(tls, connections, 0),
            closed_before_the_answer=ANSWER_LIMITS.closed_before_the_answer,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        ANSWER_LIMITS.start(request.extensions.get("timeout", {}).get("read"))
        return super().handle_request(request)


def client(base_url: str = "", seconds: float = 10.0, connections: int = 256) -> httpx2.Client:
    """Return a client. A whole answer may take `seconds`, unless a request has its own timeout.

    The client follows no redirect and uses no proxy. With a base URL that begins with `http:`, it
    loads no certificates, and cannot use TLS. `connections` is how many requests may be under way
    at once.
    """
    tls = not base_url.startswith("http:")
    transport = _LimitedTransport(tls, connections)
    return httpx2.Client(base_url=base_url, timeout=seconds, transport=transport, trust_env=False)
