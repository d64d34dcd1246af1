"""How long is waited, by a clock that the test moves."""

from __future__ import annotations

import contextlib

import pytest

from steps.http import time_limits
from steps.http.time_limits import (
    ANSWER_TIMEOUT_SECONDS,
    MAX_CONSECUTIVE_TIMEOUTS,
    SHORT_TIMEOUT_SECONDS,
    TimeLimits,
)
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
    limits = TimeLimits(minutes=5)
    for _ in range(1000):
        limits.note_answer("GET /", 0.4)
    clock.now += 3600
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS


def test_one_that_is_slow_over_and_over_has_its_minutes(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    for _ in range(14):
        limits.note_answer("GET /", 2.0)
    clock.now += 3600
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS
    limits.note_answer("GET /", 2.0)
    with pytest.raises(NotRun, match="target cannot answer in time: 5 minutes are over"):
        limits.answer_timeout("GET /")


def test_slow_starts_count_too(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    limits.note_start(4.0)
    limits.note_start(34.0)
    clock.now += 3600
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS
    limits.note_start(6.0)
    with pytest.raises(NotRun):
        limits.answer_timeout("GET /")


def test_what_the_harness_itself_waits_for_is_not_the_servers_fault(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    limits.note_start(40.0)
    clock.now += 265
    limits.extend_deadline(25)
    left = 0.0
    with contextlib.suppress(NotRun):  # which would skip this test
        left = limits.answer_timeout("GET /")
    assert left == ANSWER_TIMEOUT_SECONDS
    # But not for ever: the run as a whole has to end.
    limits.extend_deadline(300)
    clock.now += 26
    with pytest.raises(NotRun):
        limits.answer_timeout("GET /")


def test_a_kind_that_is_never_answered_is_tried_again_in_the_next_feature() -> None:
    limits = TimeLimits()
    for _ in range(MAX_CONSECUTIVE_TIMEOUTS):
        limits.answer_timeout("POST /")
        limits.note_timeout("POST /", 1.0)
    with pytest.raises(
        NotRun, match=f"target cannot answer POST /: {MAX_CONSECUTIVE_TIMEOUTS} such requests"
    ):
        limits.answer_timeout("POST /")
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS
    limits.allow_retry()
    assert limits.answer_timeout("POST /") == ANSWER_TIMEOUT_SECONDS
    limits.note_timeout("POST /", 1.0)
    with pytest.raises(NotRun):
        limits.answer_timeout("POST /")


def test_an_answer_in_between_makes_up_for_it() -> None:
    limits = TimeLimits()
    for _ in range(10):
        limits.note_timeout("POST /", 1.0)
        limits.note_answer("POST /", 0.1)
    assert limits.answer_timeout("POST /") == ANSWER_TIMEOUT_SECONDS


def test_after_a_minute_in_vain_a_request_has_what_the_spec_gives_it() -> None:
    limits = TimeLimits(minutes=5)
    for at in range(6):
        limits.note_timeout(f"GET /{at}", 10.0)
    assert limits.answer_timeout("GET /") == SHORT_TIMEOUT_SECONDS
