"""A server that limits requests is judged for that by one scenario, and for nothing else.

Between two requests that the limit lets through stand any others: what a scenario sees then says
nothing of its requirement. So it ends as not run where a 429 explains what it sees.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from steps.http.answer import LIMITED, Answer, UnansweredError
from steps.http.expectations import IndependentError, LimitedError
from steps.http.operations import operation_name
from steps.scenario.scene import Scene
from traceability.evidence.recording.mismatch_error import MismatchError
from traceability.evidence.recording.not_run import NotRun
from traceability.model import TARGET_CANNOT

RATE_LIMITING = "OS-12"
"""The scenario of this tag asks whether the server limits requests."""


@pytest.hookimpl(wrapper=True)
def pytest_bdd_step_error(
    request: pytest.FixtureRequest, exception: Exception
) -> Generator[None, object, object]:
    """Raise `NotRun` in place of a mismatch that a limit of requests explains."""
    if request.node.get_closest_marker(RATE_LIMITING) is None and "scene" in request.fixturenames:
        scene: Scene = request.getfixturevalue("scene")
        if isinstance(exception, MismatchError) and explained(
            exception, scene.answers, scene.client.limited
        ):
            first = scene.client.limited[0]
            name = operation_name(first.method, first.path)
            raise NotRun(f"{TARGET_CANNOT}be judged here: it limits requests: {LIMITED}: {name}")
    return (yield)


def explained(error: MismatchError, answers: list[Answer], limited: list[Answer]) -> bool:
    """Return whether a limit of requests explains what is wrong.

    `answers` are those of the action, `limited` all of the scenario that are 429. It does where
    the action was not carried out at all. Where it was in part, a later state is explained by a
    change that was refused, and an answer of another status is not.
    """
    if not limited or isinstance(error, UnansweredError):
        return False
    if isinstance(error, LimitedError):
        return True
    if answers and all(answer.status == LIMITED for answer in answers):
        return True
    changes = any(answer.method != "GET" for answer in limited)
    return changes and not isinstance(error, IndependentError)
