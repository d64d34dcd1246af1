"""A server may let a user have only so many tasks: what needs more cannot be judged there."""

from __future__ import annotations

from collections.abc import Sequence

from steps.http.answer import Answer
from traceability.evidence.recording.not_run import NotRun
from traceability.model import TARGET_CANNOT

QUOTA_STATUSES = {400, 402, 403, 409, 413, 422, 429, 507}
"""Statuses with which servers refuse a task that is one too many."""


def end_at_quota(answer: Answer, stored: int) -> None:
    """Raise `NotRun` when a creation like `stored` others before it is refused.

    The first creation has to succeed: only a later one can be too many.
    """
    if stored and answer.status in QUOTA_STATUSES:
        raise NotRun(f"{TARGET_CANNOT}store more than {stored} tasks of a user: {answer}")


def end_at_quota_among(answers: Sequence[Answer]) -> None:
    """The same for creations at the same time, of which some succeeded."""
    stored = sum(answer.status in {200, 201} for answer in answers)
    for answer in answers:
        if answer.method == "POST":
            end_at_quota(answer, stored)
