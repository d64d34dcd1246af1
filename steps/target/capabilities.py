"""Capabilities that a target may lack, in the words that say why a scenario did not run."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from traceability.evidence.recording.not_run import NotRun
from traceability.model import TARGET_CANNOT

T = TypeVar("T")

MISSING_CAPABILITIES = {
    "users": "make users",
    "chosen-ids": "give a user an id that the scenario chooses",
    "opaque-ids": "give a user an id of any text",
    "deletion": "delete users",
    "letters": "give a user an id with letters in it",
    "harm": "be attacked with what could harm its other users",
    "signing": "have tokens signed as the scenario needs them",
    "origin": "say which origin it allows",
    "database": "show its database",
    "outage": "lose its database for a while",
    "restart": "be restarted",
    "secret": "be told another JWT secret: a server with published keys has no secret",
    "another-origin": "be told another origin: its target file names the one in its code",
    "no-url": "be told a database URL that is none: it is told host, user and name apart",
    "port": "be told which port to listen on",
    "source": "show its source",
    "published-keys": "verify tokens by published keys",
    "row-security": "bind its login by row-level security",
    "limits": "limit what a connection sends and how long it takes",
    "workers": "serve its port by several processes",
    "refused-settings": "say which settings it refuses",
    "parallel-requests": "carry out requests in parallel",
    "contract": "compare itself with a committed contract",
}


def cannot(capability: str) -> NoReturn:
    """End the scenario as not run (raise `NotRun`), because the target lacks a capability."""
    raise NotRun(f"{TARGET_CANNOT}{MISSING_CAPABILITIES[capability]}")


def offered(value: T | None) -> T:
    """Return what the target file names: a scenario with an `offers-` tag runs only if it does."""
    assert value is not None
    return value
