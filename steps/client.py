"""HTTP as a client of the API speaks it, with every exchange kept as evidence."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import httpx2

SECONDS = 15.0
"""A request that takes longer is a failure of its scenario, not of the run."""

Headers = Sequence[tuple[str, str]]


class Recorder(Protocol):
    """Whoever keeps the exchanges: the evidence recorder of the trace."""

    def exchange(
        self,
        *,
        method: str,
        path: str,
        request_headers: Headers,
        request_body: str,
        status: int | None,
        response_headers: Headers,
        response_body: str,
        seconds: float,
        error: str = "",
    ) -> None:
        """Keep one request and its answer."""


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    method: str
    path: str
    status: int | None
    """None: no answer came, and `error` says why."""
    headers: Headers
    body: bytes
    seconds: float
    error: str = ""
    sent_headers: Headers = ()
    sent_body: bytes = b""
    sender: str = ""
    """Name of the user who asked, where a scenario tells several apart."""
    own: bool = True
    """Whether the sender asked for something of their own."""

    def __str__(self) -> str:
        """Return the exchange as an assertion's message shows it."""
        if self.status is None:
            return f"{self.method} {self.path} -> no answer: {self.error}"
        return f"{self.method} {self.path} -> {self.status} {self.text[:600]}"

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas, None if absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class Client:
    """Sends requests to one base URL. Safe to use from several threads at once."""

    def __init__(self, base_url: str, recorder: Recorder) -> None:
        self.base_url = base_url
        self._recorder = recorder
        limits = httpx2.Limits(max_connections=100, max_keepalive_connections=50)
        # The target listens on loopback without TLS: loading certificates would only cost time.
        self.numbered = False
        """Whether the server numbers its tasks instead of giving them UUIDs."""
        self._http = httpx2.Client(timeout=SECONDS, limits=limits, trust_env=False, verify=False)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json_body: Any = ...,
        body: bytes | Iterator[bytes] | None = None,
        headers: Headers = (),
        record: bool = True,
    ) -> Answer:
        """Send one request; `json_body` is sent as JSON, `body` as it is."""
        sent = list(headers)
        if token is not None:
            sent.insert(0, ("Authorization", f"Bearer {token}"))
        if json_body is not ...:
            body = json.dumps(json_body).encode()
        if body is not None and not any(name.lower() == "content-type" for name, _ in sent):
            sent.append(("Content-Type", "application/json"))
        started = time.perf_counter()
        try:
            response = self._http.request(
                method,
                self.base_url + path,
                content=body,
                headers=[(name.encode(), value.encode()) for name, value in sent],
            )
        except httpx2.HTTPError as error:
            seconds = time.perf_counter() - started
            answer = Answer(
                method, path, None, (), b"", seconds, f"{type(error).__name__}: {error}"
            )
        else:
            answer = Answer(
                method,
                path,
                response.status_code,
                tuple(response.headers.multi_items()),
                response.content,
                time.perf_counter() - started,
            )
        answer = replace(answer, sent_headers=tuple(sent), sent_body=_kept(body))
        if record:
            self.keep(answer)
        return answer

    def send_chunked(self, method: str, path: str, token: str, chunks: Iterable[bytes]) -> Answer:
        """Send a body whose length is not announced (RFC 9112, section 7.1)."""
        return self.send(method, path, token=token, body=iter(chunks))

    def send_unfinished(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Send a request's head and never its body, and take what is answered meanwhile."""
        host, port = self.base_url.removeprefix("http://").split(":")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        started, received, error = time.perf_counter(), b"", ""
        try:
            with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
                connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
                received = _one_response(connection)
        except OSError as problem:
            error = f"{type(problem).__name__}: {problem}"
        head, _, rest = received.partition(b"\r\n\r\n")
        status_line, *header_lines = head.decode("latin-1").split("\r\n")
        parts = status_line.split(" ")
        answer = Answer(
            method,
            path,
            int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None,
            tuple((k, v.strip()) for k, _, v in (line.partition(":") for line in header_lines)),
            rest,
            time.perf_counter() - started,
            error or ("" if received else "the connection was closed"),
            tuple(headers.items()),
        )
        self.keep(answer)
        return answer

    def keep(self, answer: Answer) -> None:
        """Keep an exchange as evidence; only from the scenario's own thread."""
        self._recorder.exchange(
            method=answer.method,
            path=answer.path,
            request_headers=answer.sent_headers,
            request_body=answer.sent_body.decode("utf-8", "replace"),
            status=answer.status,
            response_headers=answer.headers,
            response_body=answer.text,
            seconds=answer.seconds,
            error=answer.error,
        )


def _kept(body: bytes | Iterator[bytes] | None) -> bytes:
    return body if isinstance(body, bytes) else b"" if body is None else b"(sent in chunks)"


def _one_response(connection: socket.socket) -> bytes:
    """Read until the announced body is there, or the server closes the connection."""
    received = b""
    with contextlib.suppress(TimeoutError):
        while data := connection.recv(65536):
            received += data
            head, separator, rest = received.partition(b"\r\n\r\n")
            length = next(
                (
                    int(line[15:])
                    for line in head.split(b"\r\n")
                    if line[:15].lower() == b"content-length:"
                ),
                0,
            )
            if separator and len(rest) >= length:
                break
    return received
