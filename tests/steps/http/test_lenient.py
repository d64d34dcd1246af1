"""Tasks are read under other usual names, and a field that is not shown judges nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from steps.http.lenient import completed, find_task, moment, precision, same_id, shown
from traceability.evidence.recording.not_run import NotRun


def read(task: dict[str, Any]) -> dict[str, Any]:
    """Return the task as steps read it."""
    found = find_task({"data": task})
    assert found is not None
    return found


def test_other_names_are_read_under_those_of_the_specification() -> None:
    task = read({"id": 1, "name": "a", "userId": "u", "done": True, "createdAt": "2026-01-02"})
    assert (task["title"], task["user_id"], completed(task)) == ("a", "u", True)
    assert moment(task, "created_at") == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_state_says_whether_a_task_is_completed() -> None:
    assert completed(read({"title": "a", "status": "Done"}))
    assert not completed(read({"title": "a", "status": "pending"}))


def test_a_number_is_a_time_in_seconds_or_milliseconds() -> None:
    task = {"created_at": 1_700_000_000, "updated_at": 1_700_000_000_000}
    assert moment(task, "created_at") == moment(task, "updated_at")


@pytest.mark.parametrize("name", ["description", "is_completed", "created_at"])
def test_a_field_that_is_not_shown_is_no_failure(name: str) -> None:
    with pytest.raises(NotRun, match=f"target cannot show {name}: a task of its has the fields"):
        shown(read({"id": 1, "title": "a"}), name)


def test_what_is_no_timestamp_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="no timestamp"):
        moment({"created_at": "yesterday"}, "created_at")


def test_upper_case_means_something_in_a_text_and_nothing_in_a_uuid() -> None:
    assert same_id("8E1B9F0C-5b7d-4a30-9f6e-2f0c9a1b2c3d", "8e1b9f0c-5B7D-4a30-9f6e-2f0c9a1b2c3d")
    assert not same_id("alice", "Alice")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1.0),
        ("2026-01-01T00:00:00.000Z", 1.0),
        ("2026-01-01T00:00:00.123Z", 0.001),
        (1767225600, 1.0),
    ],
)
def test_a_timestamp_without_a_fraction_means_any_time_of_its_second(
    text: object, seconds: float
) -> None:
    assert precision(moment({"created_at": text}, "created_at")).total_seconds() == seconds
