"""What an error says is read under any key, and what is meant for programs is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from steps.http.answer import Answer
from steps.http.error_text import message


def error(body: Any) -> Answer:
    """Return a 401 with a body: a text, or JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer("GET", "/api/a/tasks", 401, (), text.encode(), 0.0)


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "Signature has expired"},
        {"msg": "Signature has expired", "status_code": 401},
        {"error": "invalid_token", "error_description": "Signature has expired"},
        {"code": 401, "name": "Unauthorized", "description": "Signature has expired"},
        {"title": "Signature has expired", "type": "about:blank", "status": 401},
        {"error": {"reason": "Signature has expired"}, "requestId": "0815"},
        {"errors": [{"message": "Signature has expired", "path": ["headers", "authorization"]}]},
        {"errors": ["Signature has expired"]},
        "Signature has expired\n",
        '"Signature has expired"',
    ],
    ids=str,
)
def test_the_message_is_found_under_any_key(body: Any) -> None:
    assert "Signature has expired" in message(error(body))


@pytest.mark.parametrize(
    "body",
    [
        {"status_code": 401},
        {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "path": "/api/a/tasks", "status": 401},
        {"type": "https://errors.example.test/users/deleted", "instance": "/api/users"},
        {"detail": None, "timestamp": "2026-01-01T00:00:00Z"},
        "",
    ],
    ids=str,
)
def test_ids_places_and_times_say_nothing(body: Any) -> None:
    assert message(error(body)) == ""
