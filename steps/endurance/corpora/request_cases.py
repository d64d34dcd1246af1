"""Hostile requests (`requests.jsonl`): bytes as they go over the wire, and the right status.

`send` is text whose characters U+0000 to U+00FF are the bytes, or a list of such texts, sent one
after the other. Placeholders: `host`, `token`, `user` (its id), `task` (an own one), `other`
(another user's id), `foreign` (a task of theirs), `unknown` (a task of nobody), and `text*number`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from steps.endurance.corpora.placeholders import fill
from steps.endurance.corpora.reader import FOLDER, Kind, Outcome, read_cases
from steps.http.answer import Answer
from steps.http.raw_bytes import send_bytes

SECONDS = 5.0
"""An answer that takes longer than this is none."""
AT_A_TIME = 8
"""Connections that the runner has open."""
CLOSE = b"Connection: close\r\n"


@dataclass(frozen=True)
class RequestCase:
    """A line of the file."""

    why: str
    send: str | list[str]
    expected: int | list[int]
    """One status, or those of which each is right."""

    def __post_init__(self) -> None:
        texts = self.parts
        if not texts or not all(isinstance(text, str) for text in texts):
            raise ValueError("'send' has to be text, or a list of texts")
        if max((ord(letter) for text in texts for letter in text), default=0) > 255:
            raise ValueError(
                "'send' has a character over U+00FF, which is no byte; write its bytes"
            )
        if not self.statuses or not all(
            type(one) is int and 100 <= one < 600 for one in self.statuses
        ):
            raise ValueError("'expected' has to be a status such as 400, or a list of them")

    @property
    def parts(self) -> list[str]:
        return self.send if isinstance(self.send, list) else [self.send]

    @property
    def statuses(self) -> list[int]:
        return self.expected if isinstance(self.expected, list) else [self.expected]


def read_requests() -> list[RequestCase]:
    """Read the file. Raises `CorpusError`."""
    return read_cases(RequestCase, FOLDER / "requests.jsonl")


def play_requests(
    base_url: str,
    cases: Sequence[RequestCase],
    values: Mapping[str, str],
    secrets: Sequence[str] = (),
) -> Iterator[Outcome[RequestCase]]:
    """Send each request on a connection of its own; yield what came.

    `values` are those of the placeholders but `host`; no answer may hold one of the `secrets`,
    which only the other user may read. Raises ValueError for an unknown placeholder.
    """
    known = {"host": urlsplit(base_url).netloc, **values}

    def play(case: RequestCase) -> Outcome[RequestCase]:
        parts = [fill(part, known).encode("latin-1") for part in case.parts]
        try:
            (answer,) = send_bytes(base_url, parts, SECONDS)
        except OSError as error:  # the server is gone
            return Outcome(case, f"no connection ({type(error).__name__})", ok=False)
        return judge(case, answer, case.statuses, secrets)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        yield from pool.map(play, cases)


def judge(
    case: Kind, answer: Answer, statuses: Sequence[int], secrets: Sequence[str] = ()
) -> Outcome[Kind]:
    """Compare an answer with the statuses that are right, and an error with the one shape."""
    came = str(answer.status or answer.error)
    ok = answer.status in statuses
    if fault := _fault(answer, secrets):
        came, ok = f"{came} that {fault}", False
    return Outcome(case, came, ok)


def _fault(answer: Answer, secrets: Sequence[str]) -> str:
    """Return what is wrong with an answer whatever its status, as the end of a sentence."""
    if answer.status is None:
        return ""
    if any(secret in answer.text for secret in secrets):
        return "holds what only the other user may read"
    if not answer.header("x-request-id"):
        return "has no x-request-id"
    if answer.status < 400 or answer.method == "HEAD":
        return ""
    error = answer.json
    if not isinstance(error, dict) or set(error) - {"errors"} != {"detail", "status_code"}:
        return f"is no error of the one shape: {answer.text[:200]}"
    if error["status_code"] != answer.status or not isinstance(error["detail"], str):
        return f"says another status: {answer.text[:200]}"
    if answer.status == 401 and not (answer.header("www-authenticate") or "").startswith("Bearer"):
        return "has no challenge"
    return ""
