"""A limit of requests explains what a scenario sees, or does not."""

from __future__ import annotations

import pytest

from steps.http.answer import Answer, UnansweredError
from steps.http.expectations import (
    IndependentError,
    LimitedError,
    expect,
    expect_status,
    expect_statuses,
    expect_unchanged,
    fail,
)
from steps.run.rate_limit import explained
from traceability.evidence.recording.mismatch_error import MismatchError


def answer(status: int | None, method: str = "GET") -> Answer:
    """Return an answer to a request for a list, or of another method."""
    return Answer(method, "/api/a/tasks", status, (), b"", 0.0)


LIMITED, LIMITED_CHANGE = answer(429), answer(429, "PUT")


def test_a_429_in_place_of_what_was_asked_for_is_the_limit() -> None:
    for answers in ([LIMITED], [LIMITED, answer(200)]):
        with pytest.raises(LimitedError) as raised:
            expect_statuses(answers, {200})
        assert explained(raised.value, answers, [LIMITED])
    with pytest.raises(LimitedError):
        fail("the task has no title", answer=LIMITED)


def test_another_wrong_answer_beside_it_is_judged_alone() -> None:
    answers = [LIMITED, answer(500), LIMITED_CHANGE]
    with pytest.raises(IndependentError) as raised:
        expect_statuses(answers, {200})
    assert str(raised.value) == "500 instead of 200: GET /api/{user_id}/tasks"
    assert not explained(raised.value, answers, [LIMITED, LIMITED_CHANGE])


def test_a_state_is_explained_by_a_change_that_was_refused_and_by_no_reading() -> None:
    with pytest.raises(MismatchError) as raised:
        expect(False, "updated_at has not advanced", answer=answer(200))
    assert explained(raised.value, [answer(200)], [LIMITED_CHANGE])
    assert not explained(raised.value, [answer(200)], [LIMITED])
    with pytest.raises(IndependentError) as changed:
        expect_unchanged([], [1], "Bob's tasks have changed")
    assert not explained(changed.value, [answer(200)], [LIMITED_CHANGE])


def test_an_action_that_was_not_carried_out_shows_nothing() -> None:
    with pytest.raises(MismatchError) as raised:
        expect_status(answer(200), 404)
    assert explained(raised.value, [LIMITED_CHANGE], [LIMITED_CHANGE])
    assert not explained(raised.value, [], [])
    assert not explained(UnansweredError(answer(None)), [LIMITED], [LIMITED])
