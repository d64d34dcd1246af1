"""Timeouts and the deadline of a judging, by a clock that the test moves."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from steps.http import time_limits
from steps.http.time_limits import (
    ANSWER_TIMEOUT_SECONDS,
    MAX_CONSECUTIVE_TIMEOUTS,
    SHORT_TIMEOUT_SECONDS,
    TimeLimits,
)
from traceability.evidence.recording.not_run import NotRun


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


def test_a_server_that_answers_at_once_has_no_deadline(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    for _ in range(1000):
        limits.note_answer("GET /", 0.4)
    clock.now += 3600
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS


def test_a_server_that_is_often_slow_has_a_deadline(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    for _ in range(14):
        limits.note_answer("GET /", 2.0)
    clock.now += 3600
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS
    limits.note_answer("GET /", 2.0)
    with pytest.raises(NotRun, match="target cannot answer in time: 5 minutes are over"):
        limits.answer_timeout("GET /")


def test_slow_starts_count_as_waiting(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    limits.note_start(4.0)
    limits.note_start(34.0)
    clock.now += 3600
    assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS
    limits.note_start(6.0)
    with pytest.raises(NotRun):
        limits.answer_timeout("GET /")


def test_waiting_for_other_workers_extends_the_deadline_up_to_a_maximum(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    limits.note_start(40.0)
    clock.now += 265
    limits.extend_deadline(25)
    left = 0.0
    with contextlib.suppress(NotRun):  # which would skip this test
        left = limits.answer_timeout("GET /")
    assert left == ANSWER_TIMEOUT_SECONDS
    # Not by more than the maximum: the run as a whole has to end.
    limits.extend_deadline(300)
    clock.now += 26
    with pytest.raises(NotRun):
        limits.answer_timeout("GET /")


def test_a_kind_of_request_that_times_out_is_sent_again_in_the_next_feature() -> None:
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


def test_an_answer_resets_the_count_of_timeouts() -> None:
    limits = TimeLimits()
    for _ in range(10):
        limits.note_timeout("POST /", 1.0)
        limits.note_answer("POST /", 0.1)
    assert limits.answer_timeout("POST /") == ANSWER_TIMEOUT_SECONDS


def test_requests_that_were_sent_at_once_wait_once(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)

    def time_out(count: int) -> None:
        for number in range(count):
            limits.note_timeout("GET /", 10.0 + number / 100)
            clock.now += 0.01

    with ThreadPoolExecutor(1) as thread:  # one after the other, so that the clock is exact
        thread.submit(time_out, 40).result()
        # It was one timeout: two more may follow, each after another one.
        assert limits.answer_timeout("GET /") == ANSWER_TIMEOUT_SECONDS
        for _ in range(MAX_CONSECUTIVE_TIMEOUTS - 1):
            clock.now += 10
            thread.submit(time_out, 40).result()
    with pytest.raises(NotRun):
        limits.answer_timeout("GET /")
    assert limits.answer_timeout("PUT /") == ANSWER_TIMEOUT_SECONDS


def test_after_a_minute_of_waiting_the_timeout_is_the_limit_of_the_spec() -> None:
    limits = TimeLimits(minutes=5)
    for at in range(6):
        limits.note_timeout(f"GET /{at}", 10.0)
    assert limits.answer_timeout("GET /") == SHORT_TIMEOUT_SECONDS


def test_no_start_begins_after_the_deadline_and_none_lasts_beyond_it(clock: Clock) -> None:
    limits = TimeLimits(minutes=5)
    limits.note_start(40.0)
    clock.now += 5 * 60 - time_limits.CLOSING_SECONDS - 0.25
    left = 0.0
    with contextlib.suppress(NotRun):  # which would skip this test
        left = limits.start_timeout(30.0)
    assert left == pytest.approx(0.25)
    clock.now += 0.25
    with pytest.raises(NotRun, match="target cannot answer in time"):
        limits.start_timeout(30.0)
