"""Then: the timestamps of a task, by themselves and beside those before the action."""

from __future__ import annotations

from datetime import datetime, timedelta

from pytest_bdd import then

from steps.http.expectations import expect, expect_equal, fail
from steps.http.lenient import (
    moment,
    precision,
    task_in,
)
from steps.scenario.scene import Scene


@then("the task's created_at lies between the sending of the request and its answer")
def created_just_now(scene: Scene) -> None:
    if scene.action_interval is None:
        fail("no request was sent")
    before, after = scene.action_interval
    when = moment(task_in(scene.answer), "created_at")
    slack = max(scene.clock.tolerance, precision(when))
    expect(
        before - slack <= when <= after + slack,
        "created_at is not the time of the creation",
        expected=f"{before.isoformat()} to {after.isoformat()}",
        actual=when.isoformat(),
        answer=scene.answer,
    )


@then("its updated_at is the same")
def updated_as_created(scene: Scene) -> None:
    task = task_in(scene.answer)
    created, updated = moment(task, "created_at"), moment(task, "updated_at")
    expect(
        abs(updated - created) <= max(timedelta(milliseconds=100), precision(updated)),
        "updated_at of a new task is not its created_at",
        expected=created.isoformat(),
        actual=updated.isoformat(),
        answer=scene.answer,
    )


@then("every answer has the task's first created_at")
def created_at_stays(scene: Scene) -> None:
    first = moment(scene.task_before, "created_at")
    for answer in scene.answers:
        now = moment(task_in(answer), "created_at")
        expect_equal(now.isoformat(), first.isoformat(), "created_at has changed", answer)


@then("the task's updated_at is later than before")
def updated_at_advanced(scene: Scene) -> None:
    before, now = _updated_at_before_and_now(scene)
    expect(
        now > before,
        "updated_at has not advanced",
        expected=f"later than {before.isoformat()}",
        actual=now.isoformat(),
        answer=scene.answer,
    )


@then("the task's updated_at is as before")
def updated_at_stayed(scene: Scene) -> None:
    before, now = _updated_at_before_and_now(scene)
    sentence = "updated_at has advanced, though nothing changed"
    expect_equal(now.isoformat(), before.isoformat(), sentence, scene.answer)


def _updated_at_before_and_now(scene: Scene) -> tuple[datetime, datetime]:
    return moment(scene.task_before, "updated_at"), moment(task_in(scene.answer), "updated_at")
