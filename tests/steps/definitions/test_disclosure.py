"""What the client knows is no internal detail; what it does not know is one."""

from __future__ import annotations

import pytest

from steps.definitions.then.disclosure import shows_internal_detail
from steps.http.answer import Answer


def shows(text: str, *, allow: str = "") -> bool:
    """Return whether an answer with a text and an allowed origin shows an internal detail."""
    headers = [("Access-Control-Allow-Origin", allow)] if allow else []
    sent = [("Origin", "http://localhost:3000")]
    answer = Answer("GET", "/", 500, headers, text.encode(), 0.0, sent_headers=sent)
    return shows_internal_detail(answer, "http://127.0.0.1:8000", "http://127.0.0.1:5173")


@pytest.mark.parametrize(
    "text",
    [
        '{"instance": "http://127.0.0.1:8000/api/a/tasks"}',
        '{"instance": "http:\\/\\/127.0.0.1:8000\\/api"}',
        '{"url": "https://errors.pydantic.dev/2.11/v/missing", "msg": "Field required"}',
        '{"detail": "Something went wrong."}',
    ],
)
def test_what_the_client_knows(text: str) -> None:
    assert not shows(text)


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:5173"])
def test_the_origin_that_the_client_named_and_the_one_that_is_allowed(origin: str) -> None:
    assert not shows("{}", allow=origin)


@pytest.mark.parametrize(
    "text",
    [
        'connection to server at "127.0.0.1", port 5432 failed',
        "connect ECONNREFUSED 127.0.0.1:5432",
        "http://127.0.0.1:80001/",
        "http://localhost:9000",
        "pydantic_core._pydantic_core.ValidationError",
    ],
)
def test_what_the_client_does_not_know(text: str) -> None:
    assert shows(text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('[{"id": "1", "title": "x\'; INSERT INTO tasks", "description": "psycopg"}]', False),
        ('{"items": [{"id": 1, "name": "Traceback"}]}', False),
        ('[{"id": "1", "title": "x", "owner": "psycopg"}]', True),
        ('{"error": "psycopg.OperationalError", "tasks": []}', True),
        ('{"title": "psycopg.OperationalError"}', False),
    ],
)
def test_what_a_user_wrote_is_none(body: str, *, expected: bool) -> None:
    """A list with tasks of other users breaks isolation, and tells nothing of the server."""
    answer = Answer("GET", "/", 200, [], body.encode(), 0.0)
    assert shows_internal_detail(answer, "http://127.0.0.1:8000", "") is expected


def test_the_title_of_an_error_is_the_servers() -> None:
    assert shows('{"title": "psycopg.OperationalError", "status": 500}')
