"""The answer to one request to the API, and the request with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from steps.http.layout import renamed
from steps.http.operations import operation_name
from traceability.evidence.recording.mismatch_error import MismatchError
from traceability.model import Mismatch

Headers = Sequence[tuple[str, str]]
LIMITED = 429
"""Status with which a server refuses a request because there were too many (RFC 6585)."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response, or the lack of one, with the request that was sent."""

    method: str
    path: str
    status: int | None
    """None: no answer came; `error` says why."""
    headers: Headers
    body: bytes
    seconds: float
    error: str = ""
    sent_headers: Headers = ()
    sent_body: bytes = b""
    log_size_before: int | None = field(default=None, compare=False)
    """Bytes that the server's log had before the request was sent; None: not known."""
    sender: str = ""
    """Name of the user whose request it was, where a scenario tells several users apart."""
    own: bool = True
    """Whether the request is about tasks of the sender's own."""
    operation: str = ""
    """Name of the operation that was requested; empty: none of the spec's."""
    names: Mapping[str, str] = field(default_factory=dict)
    """From the server's name of a field to the spec's, where they differ."""
    case: str = ""
    """What is special about the request, in words such as `with a tampered payload`."""

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
        """The body as JSON, its fields in the spec's names; None if it is not JSON."""
        return renamed(self.own_json, self.names)

    @property
    def own_json(self) -> Any:
        """The body as JSON, its fields in the server's own names; None if it is not JSON."""
        return as_json(self.body)

    @property
    def said_to_be_json(self) -> bool:
        """Whether the media type is JSON's, or one that is made of it (RFC 6839, section 3.1)."""
        kind = (self.header("content-type") or "").partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")

    def header(self, name: str) -> str | None:
        """Return a header's value, several joined by commas, None if absent."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class UnansweredError(MismatchError):
    """No answer came in time. The scenario fails at once: its next request would time out, too."""

    def __init__(self, answer: Answer) -> None:
        operation = operation_name(answer.method, answer.path)
        super().__init__(
            Mismatch(
                "no answer",
                answer.case,
                "an answer",
                answer.error,
                (operation,),
                by_subject=not answer.case,
            )
        )
        self.answer = answer


def as_json(body: bytes) -> Any:
    """Return a body as JSON; None if it is not JSON, or nested deeper than Python reads."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
