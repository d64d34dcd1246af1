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
from steps.http.answer import LIMITED, Answer, Headers, UnansweredError
from steps.http.layout import SPEC, Layout, Place
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
        log: str = "",
    ) -> None:
        """Record one request and its answer."""


class Log(Protocol):
    """The log of the server."""

    def size(self) -> int:
        """Return its bytes."""

    def since(self, begin: int) -> str:
        """Return the last lines of what was written since it had so many bytes."""

    def end(self) -> str:
        """Return its last lines."""


class Client:
    """Sends requests to one base URL. Safe to use from several threads at once."""

    def __init__(
        self,
        base_url: str,
        recorder: Recorder,
        time_limits: TimeLimits | None = None,
        log: Log | None = None,
        layout: Layout = SPEC,
    ) -> None:
        self.base_url = base_url
        self.layout = layout
        """Where this server has the operations; requests are given with the spec's paths."""
        self.unanswered = 0
        """Number of requests without an answer since the watchdog last checked the server."""
        self.sample_task_id = ""
        """An id that the server gave to a task; empty: none is known yet."""
        self.case = ""
        """What is special about the requests of the scenario's action; each answer has it."""
        self.limited: list[Answer] = []
        """The answers of the scenario that are 429; several threads add to them."""
        self._recorder = recorder
        self._log = log
        self._time_limits = time_limits or TimeLimits()
        self._http = deadline.client(base_url)
        self._created: list[tuple[str, bytes]] = []

    def at(self, base_url: str) -> Client:
        """Return a client of another server of the same layout, which records as this one does."""
        return Client(base_url, self._recorder, layout=self.layout)

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
        own_path: bool = False,
    ) -> Answer:
        """Send one request; `json_body` is sent as JSON, `body` as it is.

        Path and fields are the spec's: the server's own are put in their place. With `own_path`
        they are the server's already.

        Raises `UnansweredError` when no answer came in time, and `NotRun` when the time limits
        forbid the request or the server does not have the operation.
        """
        place = Place(method, path) if own_path else self.layout.place(method, path)
        sent = list(headers)
        if token is not None:
            sent.insert(0, ("Authorization", f"Bearer {token}"))
        if body is None and (json_body := self.layout.body(json_body, place)) is not ...:
            body = json.dumps(json_body).encode()
        elif body is not None:
            body = self._own_body(body, place)
        if body is not None and not any(name.lower() == "content-type" for name, _ in sent):
            sent.append(("Content-Type", "application/json"))
        kind = _kind_of_request(method, path)
        timeout = self._time_limits.answer_timeout(kind)
        log_size = self._log.size() if self._log else 0
        answer, timed_out = self._exchange(place.method, place.path, body, sent, timeout)
        answer = replace(
            self._at_place(answer, place),
            sent_headers=tuple(sent),
            sent_body=_recorded_body(body),
            log_size_before=log_size,
            case=self.case,
        )
        if record:
            self.record(answer)
        if timed_out:
            self._time_limits.note_timeout(kind, answer.seconds)
        else:
            self._time_limits.note_answer(kind, answer.seconds)
        self._count(answer)
        if place.operation == "create" and answer.status in {200, 201}:
            self._created.append((path, answer.body))
        if timed_out:
            raise UnansweredError(answer)
        return answer

    def _own_body(self, body: bytes | Iterator[bytes], place: Place) -> bytes | Iterator[bytes]:
        if isinstance(body, bytes):
            return self.layout.raw_body(body, place)
        return self.layout.chunks(body, place)

    def _at_place(self, answer: Answer, place: Place) -> Answer:
        return replace(answer, operation=place.operation, names=self.layout.spec_names)

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
        """Return the spec's path and the answer body of each creation since the last call."""
        created, self._created = self._created, []
        return created

    def reachable(self, path: str, seconds: float, token: str = "") -> bool:
        """Return whether the server answers a GET of the spec in time, with any status.

        It is not recorded.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        place = self.layout.place("GET", path)
        try:
            self._http.request(
                place.method, self.base_url + place.path, headers=headers, timeout=seconds
            )
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
        place = self.layout.place(method, path)
        answer = send_head(self.base_url, place.method, place.path, headers, timeout)
        answer = replace(self._at_place(answer, place), case=self.case)
        self.record(answer)
        if answer.status is None and answer.seconds >= timeout:
            self._time_limits.note_timeout(kind, answer.seconds)
        else:
            self._time_limits.note_answer(kind, answer.seconds)
        self._count(answer)
        return answer

    def _count(self, answer: Answer) -> None:
        self.unanswered += answer.status is None
        if answer.status == LIMITED:
            self.limited.append(answer)

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
            log=self._logged(answer),
        )

    def _logged(self, answer: Answer) -> str:
        """Return what the server logged about an answer that is an error of its own, or missing."""
        if self._log is None or (answer.status is not None and answer.status < 500):
            return ""
        if answer.status is None or answer.log_size_before is None:
            return self._log.end()
        return self._log.since(answer.log_size_before)


def _kind_of_request(method: str, path: str) -> str:
    """Return method and path with `…` for ids: the kind of a request, for the time limits."""
    parts = path.partition("?")[0].split("/")
    return f"{method} " + "/".join(
        part if re.fullmatch("[a-z]*", part) and at != 2 else "…" for at, part in enumerate(parts)
    )


def _recorded_body(body: bytes | Iterator[bytes] | None) -> bytes:
    return body if isinstance(body, bytes) else b"" if body is None else b"(sent in chunks)"
