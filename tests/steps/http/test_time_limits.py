"""How long is waited, by a clock that the test moves."""

from __future__ import annotations

import contextlib

import pytest

from steps.http import time_limits
from steps.http.time_limits import ANSWER_SECONDS, MAX_UNANSWERED, SHORT_SECONDS, TimeLimits
from traceability.evidence.not_run import NotRun


class Clock:
    """Takes the place of the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time_limits, "time", clock)
    return clock


def test_a_server_that_answers_at_once_is_never_hurried(clock: Clock) -> None:
    waiting = TimeLimits(minutes=5)
    for _ in range(1000):
        waiting.answered("GET /", 0.4)
    clock.now += 3600
    assert waiting.limit("GET /") == ANSWER_SECONDS


def test_one_that_is_slow_over_and_over_has_its_minutes(clock: Clock) -> None:
    waiting = TimeLimits(minutes=5)
    for _ in range(14):
        waiting.answered("GET /", 2.0)
    clock.now += 3600
    assert waiting.limit("GET /") == ANSWER_SECONDS
    waiting.answered("GET /", 2.0)
    with pytest.raises(NotRun, match="target cannot answer in time: 5 minutes are over"):
        waiting.limit("GET /")


def test_slow_starts_count_too(clock: Clock) -> None:
    waiting = TimeLimits(minutes=5)
    waiting.started(4.0)
    waiting.started(34.0)
    clock.now += 3600
    assert waiting.limit("GET /") == ANSWER_SECONDS
    waiting.started(6.0)
    with pytest.raises(NotRun):
        waiting.limit("GET /")


def test_what_the_harness_itself_waits_for_is_not_the_servers_fault(clock: Clock) -> None:
    waiting = TimeLimits(minutes=5)
    waiting.started(40.0)
    clock.now += 265
    waiting.excuse(25)
    left = 0.0
    with contextlib.suppress(NotRun):  # which would skip this test
        left = waiting.limit("GET /")
    assert left == ANSWER_SECONDS
    # But not for ever: the run as a whole has to end.
    waiting.excuse(300)
    clock.now += 26
    with pytest.raises(NotRun):
        waiting.limit("GET /")


def test_a_kind_that_is_never_answered_is_tried_again_in_the_next_feature() -> None:
    waiting = TimeLimits()
    for _ in range(MAX_UNANSWERED):
        waiting.limit("POST /")
        waiting.unanswered("POST /", 1.0)
    with pytest.raises(
        NotRun, match=f"target cannot answer POST /: {MAX_UNANSWERED} such requests"
    ):
        waiting.limit("POST /")
    assert waiting.limit("GET /") == ANSWER_SECONDS
    waiting.begin_feature()
    assert waiting.limit("POST /") == ANSWER_SECONDS
    waiting.unanswered("POST /", 1.0)
    with pytest.raises(NotRun):
        waiting.limit("POST /")


def test_an_answer_in_between_makes_up_for_it() -> None:
    waiting = TimeLimits()
    for _ in range(10):
        waiting.unanswered("POST /", 1.0)
        waiting.answered("POST /", 0.1)
    assert waiting.limit("POST /") == ANSWER_SECONDS


def test_after_a_minute_in_vain_a_request_has_what_the_spec_gives_it() -> None:
    waiting = TimeLimits(minutes=5)
    for at in range(6):
        waiting.unanswered(f"GET /{at}", 10.0)
    assert waiting.limit("GET /") == SHORT_SECONDS
