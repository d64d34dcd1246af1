"""Whether an answer hands out a token."""

from __future__ import annotations

import re
from typing import Any

from steps.http.answer import Answer
from traceability.evidence.redaction import POSSIBLE_JWT, replace_token

NAMES = {
    "token",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "sessiontoken",
    "bearertoken",
    "jwt",
}
"""Fields that hold a token, without case and separators; a token need not be a JWT."""


def issues_token(answer: Answer) -> bool:
    """Return whether an answer of success holds a token or sets a cookie."""
    if not 200 <= (answer.status or 0) < 300:
        return False
    if answer.header("set-cookie") is not None or _named(answer.json):
        return True
    texts = [answer.text, *(value for _, value in answer.headers)]
    return any(
        replace_token(found[0]) != found[0]
        for text in texts
        for found in POSSIBLE_JWT.finditer(text)
    )


def _named(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_named, value))
    if not isinstance(value, dict):
        return False
    return any(
        (_plain(name) in NAMES and isinstance(inner, str) and len(inner) > 7) or _named(inner)
        for name, inner in value.items()
    )


def _plain(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())
