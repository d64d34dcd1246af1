"""Then: a refusal is one of this request, and not of every request of the same operation."""

from __future__ import annotations

from pytest_bdd import then

from steps.http.expectations import expect
from steps.http.operations import EVERY
from steps.scenario.scene import Scene

NO_OPERATION = {404, 405, 501, None}
"""Answers to an operation that is not there."""
WHO = "Carol"
"""A user of whom the scenario says nothing: nobody else's tasks change."""


@then("the same operation is answered otherwise when nothing is wrong")
@then("the same operations are answered otherwise when nothing is wrong")
def answered_otherwise(scene: Scene) -> None:
    """A route that does not exist answers 404 for an unknown task, too, and shows nothing by it."""
    refused = {one.operation: one for one in scene.answers}
    expect(refused.keys() != {""}, "no operation of the spec was requested")
    task = scene.tasks.add(WHO, "a task that is there").id
    for operation in EVERY:
        if operation.name not in refused:
            continue
        answer, status = scene.users.send(WHO, operation, task), refused[operation.name].status
        expect(
            answer.status not in NO_OPERATION | {status},
            "an operation is not there, or is answered the same where nothing is wrong",
            expected=f"another answer than {status or 'none'}",
            answer=answer,
        )
