"""Request bodies as the features name them: lengths, kinds of text, and bodies that are no JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from steps.http.expectations import fail

LONE_SURROGATE = "\ud800"
LONG_AGO = "2001-02-03T04:05:06Z"
FIELD_VALUES: dict[str, Any] = {
    "an empty": "",
    "null for a": None,
    "a number for a": 42,
    "true for a": True,
    "a list for a": ["text"],
    "an object for a": {"text": "text"},
}
TEXTS: dict[str, str] = {
    "of spaces": "     ",
    "of Unicode white space": "\u00a0\u2003\u3000\u2028",
    "that holds U+0000": "before\u0000after",
    "that holds a lone surrogate": f"before{LONE_SURROGATE}after",
}
TITLES: dict[str, str] = {
    "1 character": "x",
    "200 characters": "x" * 200,
    "200 emoji": "\U0001f95b" * 200,
    "200 characters inside white space": "  " + "x" * 200 + " \n",
    "right-to-left text": "קנה חלב \u202eabc",
}
INVALID_TASKS = (
    "no title",
    "an empty title",
    "a title of spaces",
    "null for a title",
    "a number for a title",
    "a list for a title",
    "an object for a title",
    "a title of 201 characters",
    "a title of 20000 characters",
    "a title that holds U+0000",
    "a title that holds a lone surrogate",
    "a number for a description",
    "a description of 2001 characters",
    "a description that holds U+0000",
    "a description that holds a lone surrogate",
)
"""Bodies of tasks that no server takes, or few, by their names in the features."""


def task_body(text: str) -> dict[str, Any]:
    """Return the body of a task that a feature describes so, such as `a title of spaces`."""
    if text == "no title":
        return {}  # names no field: frameworks repeat what was sent
    if match := re.fullmatch(r"a title of (.+)", text):
        title = TEXTS.get(f"of {match[1]}") or TITLES.get(match[1]) or _repeated(match[1])
        return {"title": title}
    if match := re.fullmatch(r"a description of (.+)", text):
        return {"title": "Buy milk", "description": _repeated(match[1])}
    for start, value in FIELD_VALUES.items():
        if match := re.fullmatch(rf"{start} (title|description)", text):
            return {"title": "Buy milk", match[1]: value}
    match = re.fullmatch(r"a (title|description) (that .+)", text)
    if match is None:
        fail(f"unknown body: {text}")
    return {"title": "Buy milk", match[1]: TEXTS[match[2]]}


def _repeated(text: str) -> str:
    """Return a text of a length such as `201 characters`."""
    number, unit = text.split()
    return {"characters": "x", "emoji": "\U0001f95b"}[unit] * int(number)


VALID_JSON = json.dumps({"title": "Buy milk"})
RAW_BODIES: dict[str, Callable[[], bytes]] = {
    "broken JSON": lambda: b'{"title": "Buy milk"',
    "nothing": lambda: b"",
    "plain text": lambda: b"Buy milk",
    "invalid UTF-8": lambda: b'{"title": "Buy \xff milk"}',
    "UTF-16": lambda: VALID_JSON.encode("utf-16"),
    "a nesting of 50,000 brackets": lambda: b"[" * 25_000 + b"]" * 25_000,
    "a number of 5,000 digits": lambda: b'{"title": ' + b"9" * 5_000 + b"}",
    "NaN": lambda: b"NaN",
    "a title of NaN": lambda: b'{"title": NaN}',
    "a title beside NaN": lambda: b'{"title": "Buy milk", "priority": NaN}',
    "a title of 1e999": lambda: b'{"title": 1e999}',
    "two JSON documents": lambda: VALID_JSON.encode() * 2,
    "a list": lambda: b'["title", "Buy milk"]',
    "a text": lambda: b'"Buy milk"',
    "a number": lambda: b"42",
    "null": lambda: b"null",
    "a form": lambda: b"title=Buy+milk",
    "JSON as text/plain": VALID_JSON.encode,
}
CONTENT_TYPES = {
    "a form": "application/x-www-form-urlencoded",
    "JSON as text/plain": "text/plain",
}

INVALID_BODIES: dict[str, bytes] = {
    "broken JSON": b'{"title": ',
    "invalid UTF-8": b'{"title": "\xff"}',
    "an empty body": b"",
    "a body without a title": b'{"description": "x"}',
    "a body of 70,000 bytes": b'{"title": "' + b"x" * 70_000 + b'"}',
}
