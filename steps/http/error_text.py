"""What an error says to whoever reads it, under whichever key."""

from __future__ import annotations

from steps.http.answer import Answer
from steps.http.error_fields import ECHOES, PLACES, plain, texts

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
    said = (text.strip() for text in texts(value, _is_for_programs))
    return " ".join(text for text in said if text)


def _is_for_programs(key: str) -> bool:
    name = plain(key)
    return name in _NOT_SAID or (name.endswith("id") and not name.endswith("valid"))
