"""Whatever ends a request early, as the one shape of errors (FR-019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with what was sent."""

    place: tuple[str, ...]
    text: str
    kind: str


@dataclass
class Problem(Exception):  # noqa: N818  # RFC 9457 calls it so
    """A refusal: its status and its sentence, the headers and the flaws that go with it."""

    status: int
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)
    flaws: Sequence[Flaw] = ()


def unauthenticated(sentence: str, error: str = "invalid_token") -> Problem:
    """Return a 401 with the challenge of RFC 6750; no error code where nothing was tried."""
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(401, sentence, {"WWW-Authenticate": challenge})


def invalid(*flaws: Flaw) -> Problem:
    """Return a 422."""
    names = ", ".join(dict.fromkeys(flaw.place[-1] for flaw in flaws))
    return Problem(422, f"The request is not valid: {names}.", {}, flaws)
