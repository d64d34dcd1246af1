"""Then: the timestamps of a task, by themselves and beside those before the action."""

from __future__ import annotations

from datetime import datetime, timedelta

from pytest_bdd import then

from steps.http.lenient import (
    moment,
    task_in,
)
from steps.scenario.scene import Scene


@then("the task's created_at lies between the sending of the request and its answer")
def created_just_now(scene: Scene) -> None:
    assert scene.action_interval is not None
    before, after = scene.action_interval
    when = moment(task_in(scene.answer), "created_at")
    slack = scene.clock.tolerance
    assert before - slack <= when <= after + slack, f"{before} <= {when} <= {after} does not hold"


@then("its updated_at is the same")
def updated_as_created(scene: Scene) -> None:
    task = task_in(scene.answer)
    distance = abs(moment(task, "updated_at") - moment(task, "created_at"))
    assert distance <= timedelta(milliseconds=100), f"they differ: {scene.answer}"


@then("every answer has the task's first created_at")
def created_at_stays(scene: Scene) -> None:
    first = moment(scene.task_before, "created_at")
    for answer in scene.answers:
        now = moment(task_in(answer), "created_at")
        assert now == first, f"created_at was {first}: {answer}"


@then("the task's updated_at is later than before")
def updated_at_advanced(scene: Scene) -> None:
    before, now = _updated_at_before_and_now(scene)
    assert now > before, f"updated_at was {before} and is {now}: {scene.answer}"


@then("the task's updated_at is as before")
def updated_at_stayed(scene: Scene) -> None:
    before, now = _updated_at_before_and_now(scene)
    assert now == before, f"updated_at was {before} and is {now}: {scene.answer}"


def _updated_at_before_and_now(scene: Scene) -> tuple[datetime, datetime]:
    return moment(scene.task_before, "updated_at"), moment(task_in(scene.answer), "updated_at")
