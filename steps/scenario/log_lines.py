"""Tells a server's own log of a failure from the line that a web server writes for any request."""

from __future__ import annotations

import re
from collections.abc import Iterable

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STATUS_WITH_PHRASE = re.compile(
    r"\b[1-5][0-9]{2}[\s\"',:|]{1,8}+(?:OK|Created|No Content|Unauthorized|Forbidden|Bad Request|"
    r"Not Found|Unprocessable (?:Entity|Content))\b",
    re.IGNORECASE,
)
"""A status with its reason phrase (RFC 9112, section 4), which is the same for every 401."""
WORD = re.compile(r"[a-z0-9]+")
IDENTITY = re.compile(r"[a-f]+|[a-z]{1,2}|[a-z]*[0-9][a-z0-9]*")
"""What may be a part of an id, a number with its unit, or too short to say anything."""
LEVELS = frozenset(
    (
        "debug",
        "info",
        "notice",
        "warn",
        "warning",
        "error",
        "err",
        "critical",
        "fatal",
        "wrn",
        "inf",
    )
)
NAMES_FAILURE = re.compile(
    r"\b40[13]\b|auth|forbid|den(?:y|ied)|fail|invalid|expir|missing|reject|refus|token|signature|"
    r"credential|bearer|jwt|account|user|malformed|not valid|permission",
    re.IGNORECASE,
)


def words(line: str, paths: Iterable[str] = ()) -> frozenset[str]:
    """Return the words that a line is made of, without what differs from request to request.

    Those are the `paths`, numbers, statuses with their reason phrases, and the level.
    """
    text = COLOUR.sub("", line)
    for path in sorted(paths, key=len, reverse=True):
        text = text.replace(path, " ")
    text = STATUS_WITH_PHRASE.sub(" ", text).lower()
    return frozenset(word for word in WORD.findall(text) if not IDENTITY.fullmatch(word)) - LEVELS


def own_lines(log: str, ordinary: str, paths: Iterable[str]) -> list[str]:
    """Return the lines that tell a failure and are not written for any request.

    `ordinary` is what requests left in the log that were served: a line with no other words than
    one of theirs is an access log's. It has a status and no reason.
    """
    paths = list(paths)
    usual = [words(line, paths) for line in ordinary.splitlines()]
    return [
        line
        for line in log.splitlines()
        if NAMES_FAILURE.search(_without(line, paths))
        and not any(words(line, paths) <= one for one in usual)
    ]


def _without(line: str, paths: Iterable[str]) -> str:
    for path in paths:
        line = line.replace(path, " ")
    return line
