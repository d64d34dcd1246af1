"""A creation that is one too many judges nothing; the first one that is refused does."""

from __future__ import annotations

import pytest

from steps.http.answer import Answer
from steps.scenario.quota import end_at_quota, end_at_quota_among
from traceability.evidence.recording.not_run import NotRun


def creation(status: int) -> Answer:
    """Return the answer to a creation."""
    return Answer("POST", "/api/a/tasks", status, (), b'{"detail": "enough"}', 0.0)


def test_a_refusal_after_others_ends_the_scenario_with_the_exchange() -> None:
    with pytest.raises(NotRun, match=r"more than 99 tasks of a user: POST /api/a/tasks -> 429"):
        end_at_quota(creation(429), 99)


def test_a_first_refusal_and_a_failure_of_the_server_are_judged() -> None:
    end_at_quota(creation(429), 0)
    end_at_quota(creation(500), 99)
    end_at_quota(creation(201), 99)
    end_at_quota_among([creation(400), creation(429)], lambda _: creation(400))


def test_of_creations_at_the_same_time_the_refused_one_is_found() -> None:
    with pytest.raises(NotRun, match="-> 400"):
        end_at_quota_among([creation(201), creation(409)], lambda _: creation(400))


def test_what_is_refused_to_a_crowd_alone_is_judged() -> None:
    end_at_quota_among([creation(201), creation(409)], lambda _: creation(201))
