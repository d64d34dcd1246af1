"""A client of the API that records every exchange as evidence."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

import httpx2

from steps.http import deadline
from steps.http.answer import Answer, Headers, UnansweredError
from steps.http.raw_request import send_head
from steps.http.time_limits import TimeLimits

UNFINISHED_TIMEOUT_SECONDS = 3.0
"""How long a server may take to refuse a request whose body does not come."""


class Recorder(Protocol):
    """The part of the evidence recorder that takes exchanges."""

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
        """Record one request and its answer."""


class Client:
    """Sends requests to one base URL. Safe to use from several threads at once."""

    def __init__(
        self, base_url: str, recorder: Recorder, time_limits: TimeLimits | None = None
    ) -> None:
        self.base_url = base_url
        self.unanswered = False
        """Whether a request got no answer since the watchdog last checked the server."""
        self.numeric_ids = False
        """Whether the server gives tasks numbers as ids instead of UUIDs."""
        self.case = ""
        """What is special about the requests of the scenario's action; each answer has it."""
        self._recorder = recorder
        self._time_limits = time_limits or TimeLimits()
        self._http = deadline.client(base_url)
        self._created: list[tuple[str, bytes]] = []

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
        """Send one request; `json_body` is sent as JSON, `body` as it is.

        Raises `UnansweredError` when no answer came in time, and `NotRun` when the time limits
        forbid the request.
        """
        sent = list(headers)
        if token is not None:
            sent.insert(0, ("Authorization", f"Bearer {token}"))
        if json_body is not ...:
            body = json.dumps(json_body).encode()
        if body is not None and not any(name.lower() == "content-type" for name, _ in sent):
            sent.append(("Content-Type", "application/json"))
        kind = _kind_of_request(method, path)
        timeout = self._time_limits.answer_timeout(kind)
        answer, timed_out = self._exchange(method, path, body, sent, timeout)
        answer = replace(
            answer, sent_headers=tuple(sent), sent_body=_recorded_body(body), case=self.case
        )
        if record:
            self.record(answer)
        if timed_out:
            self._time_limits.note_timeout(kind, answer.seconds)
        else:
            self._time_limits.note_answer(kind, answer.seconds)
        self.unanswered |= answer.status is None
        if method == "POST" and answer.status in {200, 201}:
            self._created.append((path, answer.body))
        if timed_out:
            raise UnansweredError(answer)
        return answer

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None,
        headers: Headers,
        timeout: float,
    ) -> tuple[Answer, bool]:
        """Return the answer to a request, and whether it did not come in time."""
        started = time.perf_counter()
        try:
            response = self._http.request(
                method,
                self.base_url + path,
                content=body,
                headers=[(name.encode(), value.encode()) for name, value in headers],
                timeout=timeout,
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            seconds = time.perf_counter() - started
            timed_out = isinstance(error, httpx2.TimeoutException)
            reason = f"within {timeout:g} s" if timed_out else f"{type(error).__name__}: {error}"
            return Answer(method, path, None, (), b"", seconds, reason), timed_out
        answer = Answer(
            method,
            path,
            response.status_code,
            tuple(response.headers.multi_items()),
            response.content,
            time.perf_counter() - started,
        )
        return answer, False

    def take_created(self) -> list[tuple[str, bytes]]:
        """Return path and answer body of each creation since the last call."""
        created, self._created = self._created, []
        return created

    def reachable(self, path: str, seconds: float, token: str = "") -> bool:
        """Return whether the server answers a GET in time, with any status. It is not recorded."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            self._http.get(self.base_url + path, headers=headers, timeout=seconds)
        except httpx2.HTTPError:
            return False
        return True

    def send_chunked(self, method: str, path: str, token: str, chunks: Iterable[bytes]) -> Answer:
        """Send a body in chunks, without its length (RFC 9112, section 7.1)."""
        return self.send(method, path, token=token, body=iter(chunks))

    def send_unfinished(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Send a request's head and never its body; return the answer to the head."""
        kind = f"{method} without a body"
        timeout = self._time_limits.answer_timeout(kind, UNFINISHED_TIMEOUT_SECONDS)
        answer = send_head(self.base_url, method, path, headers, timeout)
        answer = replace(answer, case=self.case)
        self.record(answer)
        if answer.status is None and answer.seconds >= timeout:
            self._time_limits.note_timeout(kind, answer.seconds)
        else:
            self._time_limits.note_answer(kind, answer.seconds)
        self.unanswered |= answer.status is None
        return answer

    def record(self, answer: Answer) -> None:
        """Record an exchange as evidence; only from the scenario's own thread."""
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


def _kind_of_request(method: str, path: str) -> str:
    """Return method and path with `…` for ids: the kind of a request, for the time limits."""
    parts = path.partition("?")[0].split("/")
    return f"{method} " + "/".join(
        part if re.fullmatch("[a-z]*", part) and at != 2 else "…" for at, part in enumerate(parts)
    )


def _recorded_body(body: bytes | Iterator[bytes] | None) -> bytes:
    return body if isinstance(body, bytes) else b"" if body is None else b"(sent in chunks)"
