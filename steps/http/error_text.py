"""What an error says to whoever reads it, under whichever key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from steps.http.answer import Answer
from steps.http.error_fields import ECHOES, PLACES, plain

_NOT_SAID = ECHOES | (PLACES - {"name"}) | {
    "id", "instance", "url", "uri", "href", "links", "type", "code", "method", "timestamp", "stack",
}  # fmt: skip
"""Keys whose value is for a program: ids, places, and what was sent."""


def message(answer: Answer) -> str:
    """Return the text of an error: of its JSON all that is said, otherwise the plain text.

    Which key has the message is for the scenarios of the common shape alone (FR-019).
    """
    value = answer.json
    if not isinstance(value, dict | list):
        return value.strip() if isinstance(value, str) else answer.text.strip()
    return " ".join(text for text in _said(value) if text)


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = plain(key)
            is_id = name.endswith("id") and not name.endswith("valid")
            if name not in _NOT_SAID and not is_id:
                yield from _said(inner)
