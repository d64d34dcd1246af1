"""A step that fails says in one sentence what is wrong, and what was expected and what came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from steps.http.answer import Answer, UnansweredError
from steps.http.expectations import (
    SHOWN,
    expect,
    expect_equal,
    expect_statuses,
    expect_success,
    json_array,
    json_object,
    shape,
    shown,
)
from steps.http.operations import operation_name
from traceability.evidence.recording.mismatch_error import MismatchError
from traceability.model import Mismatch

LIST = "/api/user-1/tasks"
TASK = f"{LIST}/00000000-0000-4000-8000-000000000000"
TOKEN = [("authorization", "Bearer x")]


def answer(
    status: int | None = 200,
    body: Any = "",
    path: str = LIST,
    method: str = "GET",
    *,
    case: str = "",
    anonymous: bool = False,
) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    sent = [] if anonymous else TOKEN
    return Answer(method, path, status, [], content, 0.1, "", sent, case=case)


def mismatches(error: pytest.ExceptionInfo[MismatchError]) -> list[Mismatch]:
    return list(error.value.mismatches)


def test_a_status_is_said_once_for_all_operations() -> None:
    wrong = [answer(403, path=path, anonymous=True) for path in (LIST, TASK)]
    with pytest.raises(MismatchError) as error:
        expect_statuses([*wrong, answer(401)], {401})
    (only,) = mismatches(error)
    assert only.text == "403 instead of 401 without a header: 2 operations"
    assert (only.expected, only.actual) == ("401", "403")
    assert str(error.value) == only.text


def test_each_wrong_status_and_each_case_is_a_mismatch_of_its_own() -> None:
    answers = [answer(500, case="late"), answer(200, case="late"), answer(200, case="forged")]
    with pytest.raises(MismatchError) as error:
        expect_statuses(answers, {401})
    assert [(one.sentence, one.case) for one in mismatches(error)] == [
        ("500 instead of 401", "late"),
        ("200 instead of 401", "late"),
        ("200 instead of 401", "forged"),
    ]


def test_of_several_allowed_statuses_all_are_named() -> None:
    with pytest.raises(MismatchError, match=r"^404 instead of 200 or 204: GET "):
        expect_statuses([answer(404)], {204, 200})


def test_many_allowed_statuses_are_named_in_words() -> None:
    expect_success(answer(206))
    with pytest.raises(MismatchError, match=r"^404 instead of a success: GET "):
        expect_success(answer(404))
    with pytest.raises(MismatchError) as error:
        expect_statuses([answer(200, case="late")], range(400, 500), "a refusal")
    (only,) = mismatches(error)
    assert only.text.startswith("200 instead of a refusal late")
    assert only.expected == "a refusal"


def test_a_request_without_an_answer_says_why() -> None:
    with pytest.raises(MismatchError) as error:
        expect_statuses([answer(None)], {200})
    assert mismatches(error)[0].sentence == "no answer instead of 200"
    assert UnansweredError(answer(None)).mismatches[0].sentence == "no answer"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"tasks": [], "total": 0}, "an object with the keys `tasks` and `total`"),
        ({"tasks": []}, "an object with the key `tasks`"),
        (b"{}", "`{}`"),
        ("text", "a text"),
        (b"7", "a number"),
        (b"null", "null"),
        (b"<h1>Not here</h1>", "no JSON"),
        (b"", "no body"),
    ],
)
def test_a_body_of_another_shape_is_described(body: Any, words: str) -> None:
    assert shape(answer(body=body)) == words
    with pytest.raises(MismatchError) as error:
        json_array(answer(body=body))
    assert mismatches(error)[0].sentence == f"expected a JSON array, got {words}"


def test_the_shape_that_is_there_is_returned() -> None:
    assert json_array(answer(body=[1])) == [1]
    assert json_object(answer(body={"a": 1})) == {"a": 1}
    with pytest.raises(MismatchError, match="expected a JSON object, got an array"):
        json_object(answer(body=[1]))


def test_values_that_differ_stand_side_by_side() -> None:
    with pytest.raises(MismatchError) as error:
        expect_equal(["b", None], ["a", "é"], "the list is in another order", answer())
    (only,) = mismatches(error)
    assert (only.expected, only.actual) == ('["a", "é"]', '["b", null]')
    assert only.subjects == ("GET /api/{user_id}/tasks",)
    expect_equal(1, 1, "not said")


def test_without_a_value_the_answer_is_shown() -> None:
    with pytest.raises(MismatchError) as error:
        expect([], "the array is empty", answer=answer(body=[1]))
    assert mismatches(error)[0].actual == "200 [1]"


def test_a_long_value_is_cut() -> None:
    assert len(shown("x" * 10_000)) == SHOWN + 1
    assert shown({1: {2}}) == '{"1": "{2}"}'


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", f"{TASK}?x=1", "GET /api/{user_id}/tasks/{task_id}"),
        ("PATCH", f"{TASK}/complete", "PATCH /api/{user_id}/tasks/{task_id}/complete"),
        ("GET", "/api/user-1/tasks/", "GET /api/user-1/tasks/"),
        ("POST", f"{TASK}/unknown", "POST /api/user-1/tasks/…/unknown"),
        ("GET", "/users/42", "GET /users/…"),
    ],
)
def test_an_operation_has_one_name_in_every_run(method: str, path: str, name: str) -> None:
    assert operation_name(method, path) == name
