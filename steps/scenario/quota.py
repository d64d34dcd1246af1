"""A server may let a user have only so many tasks: what needs more cannot be judged there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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


def end_at_quota_among(answers: Sequence[Answer], create_as: Callable[[str], Answer]) -> None:
    """The same for creations at the same time, of which some succeeded.

    A refusal of the crowd alone is what the scenario is about. So the user who was refused creates
    one more by itself (`create_as`): only a quota refuses that, too.
    """
    stored = sum(answer.status in {200, 201} for answer in answers)
    refused = next((answer for answer in answers if answer.status in QUOTA_STATUSES), None)
    if stored and refused:
        end_at_quota(create_as(refused.sender), stored)
