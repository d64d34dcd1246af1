"""Which field an error is about, in the forms of common frameworks, echoes included."""

from __future__ import annotations

import json
from typing import Any

import pytest

from steps.http.answer import Answer
from steps.http.error_fields import names_only


def error(body: Any, sent: Any = None) -> Answer:
    """Return a 422 to a body."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(
        "POST", "/", 422, (), text.encode(), 0.0, sent_body=json.dumps(sent or {}).encode()
    )


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"loc": ["body", "title"], "msg": "too long", "input": {"description": "x"}}]},
        {"errors": [{"field": "title", "message": "too long"}]},
        {"errors": {"title": ["is too long"]}},
        {"title": ["This field is required."]},
        {"errors": {"fieldErrors": {"title": ["Too long"]}, "formErrors": []}},
        {"error": {"issues": [{"path": ["title"], "message": "Required"}]}},
        {"errors": [{"source": {"pointer": "/data/attributes/title"}, "detail": "no"}]},
        {"type": "about:blank", "title": "Invalid", "status": 422, "errors": {"Title": ["no"]}},
        {"message": ["title must be shorter than or equal to 200 characters"]},
        {"detail": "Title is too long"},
        {"violations": [{"field": "create.task.title", "message": "must not be blank"}]},
        {"error": "validation_error", "description": "title is required", "status_code": 422},
        {"detail": "title is required", "description": "The request body is invalid"},
        {"errors": {"title": "is required", "description": None}},
        {"errors": {"title": ["is required"], "description": []}},
        {"error": "Validation failed", "title": "is required", "status_code": 422},
        {"details": [{"path": ["title"]}], "_original": {"title": "", "description": "d"}},
        "title: too long",
    ],
    ids=str,
)
def test_the_field_is_found_where_an_error_says_it(body: Any) -> None:
    assert names_only(error(body), "title")


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "Invalid request", "body": {"title": ""}},
        {"detail": "Invalid request", "sent": {"title": ["a"]}},
        {"detail": [{"loc": ["body", "description"], "msg": "bad", "input": {"title": ""}}]},
        {"type": "about:blank", "title": "Unprocessable", "status": 422, "detail": "no"},
        {"detail": "title or description is too long"},
        {"detail": "Something is wrong"},
        {"code": "INVALID", "title": "Validation failed", "message": "description too long"},
        {"violations": [{"field": "title.task", "message": "must not be blank"}]},
    ],
    ids=str,
)
def test_an_echo_and_another_field_are_not_the_field(body: Any) -> None:
    assert not names_only(error(body, {"title": ["a"]}), "title")


def test_a_sentence_may_repeat_what_was_sent_beside_the_field() -> None:
    sent = {"title": "Buy milk", "description": 42}
    said = error({"detail": "description is no text in {'title': 'Buy milk'}"}, sent)
    assert names_only(said, "description")


@pytest.mark.parametrize(
    "body",
    [
        {"code": "INVALID", "title": "Validation failed", "message": "description too long"},
        {"error": {"title": "Validation failed", "message": "description too long"}},
    ],
    ids=str,
)
def test_the_title_of_an_error_is_none_of_a_task(body: Any) -> None:
    assert names_only(error(body, {"title": "a", "description": "x"}), "description")
