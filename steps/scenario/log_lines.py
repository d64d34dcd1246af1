"""Tells a server's own log of a failure from the line that a web server writes for any request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STATUS_WITH_PHRASE = re.compile(
    r"\b[1-5][0-9]{2}[\s\"',:|]{1,8}+(?:OK|Created|No Content|Unauthorized|Forbidden|Bad Request|"
    r"Not Found|Unprocessable (?:Entity|Content))\b",
    re.IGNORECASE,
)
"""A status with its reason phrase (RFC 9112, section 4), which is the same for every 401."""
REASON_PHRASE = re.compile(
    r"\b(?:unauthorized|forbidden|not found|bad request|unprocessable (?:entity|content))\b",
    re.IGNORECASE,
)
"""What frameworks write of every answer of that status, as `Unauthorized: /path`."""
HEADERS = re.compile("(?:request|response|req|res)?[_.]?headers?", re.IGNORECASE)
FACTS = re.compile(
    "e_?tag|(?:[a-z]+_?)?id|[a-z_]*(?:time|date|stamp)|ts|host(?:name)?|(?:remote_?)?(?:ip|addr"
    "|address|port)|url|uri|path|route|user_?agent|referr?er|protocol|latency[a-z_]*|duration",
    re.IGNORECASE,
)
"""Keys of a line in JSON whose values differ from request to request."""
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

    Those are the `paths`, numbers, statuses and reason phrases, and the level; in a line of JSON
    also headers, and what else is a fact of any request.
    """
    text = _said(COLOUR.sub("", line))
    for path in sorted(paths, key=len, reverse=True):
        text = text.replace(path, " ")
    text = REASON_PHRASE.sub(" ", STATUS_WITH_PHRASE.sub(" ", text)).lower()
    return frozenset(word for word in WORD.findall(text) if not IDENTITY.fullmatch(word)) - LEVELS


def _said(line: str) -> str:
    """Return a line as it is; of one in JSON its keys, and the values that may say something."""
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith("}"):
        return line
    try:
        return line[:start] + " ".join(_texts(json.loads(line[start:])))
    except (ValueError, RecursionError):
        return line


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not HEADERS.fullmatch(key):
                yield key
                yield from () if FACTS.fullmatch(key) else _texts(inner)


def own_lines(log: str, ordinary: str, paths: Iterable[str]) -> list[str]:
    """Return the lines that tell a failure and are not written for any request.

    `ordinary` is what requests left in the log whose authentication did not fail: a line with no
    other words than one of theirs is an access log's. It has a status and no reason.
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
