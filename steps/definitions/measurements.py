"""Requirements with a number: measure many requests, record all samples, judge the slowest."""

from __future__ import annotations

import functools
import json
from typing import Any

from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.expectations import expect
from steps.http.operations import CREATE, LIST
from steps.scenario.evidence_sample import keep_sample
from steps.scenario.phrases import phrase
from steps.scenario.quota import end_at_quota, end_at_quota_among
from steps.scenario.scene import Scene


@when(phrase("{who} creates {count:Number} tasks, one after the other"))
def create_many(scene: Scene, who: str, count: int) -> None:
    scene.answers = []
    earlier = len(scene.tasks.owned_by(who))
    for number in range(count):
        answer = scene.users.send(who, CREATE, json_body={"title": f"new {number}"}, record=False)
        if answer.status not in {200, 201}:
            scene.client.record(answer)  # the others are measured, and this one is the reason
            end_at_quota(answer, earlier + number)
        scene.answers.append(answer)
    _measure(scene, "time to create a task")


@when(phrase("each of them creates {count:Number} tasks at the same time"))
def create_at_once(scene: Scene, count: int) -> None:
    def create(who: str) -> list[Answer]:
        return [scene.users.send(who, CREATE, record=False) for _ in range(count)]

    scene.answers = scene.concurrent.run_clients(
        [functools.partial(create, who) for who in scene.users.names]
    )
    end_at_quota_among(scene.answers, lambda sender: scene.users.send(sender, CREATE))
    _measure(scene, f"time to create a task, {len(scene.users.names)} clients at once")


@when(phrase("{who} asks for her list {count:Number} times"))
def list_many(scene: Scene, who: str, count: int) -> None:
    scene.answers = [scene.users.send(who, LIST, record=False) for _ in range(count)]
    length = len(scene.tasks.snapshot_of(who))
    _measure(scene, f"time to list {length} {'task' if length == 1 else 'tasks'}")


@when(phrase("{count:Number} of these users ask for their lists"), target_fixture="slowest_lookup")
def list_for_some_users(scene: Scene, count: int) -> dict[str, Any]:
    """Ask over HTTP, and time the same lookup inside the database.

    Return the slowest of the database's answers to EXPLAIN: its plan and execution time.
    """
    users = scene.users.names[:: max(1, len(scene.users.names) // count)][:count]
    scene.answers = [scene.users.send(who, LIST, record=False) for who in users]
    _measure(scene, "time to list the tasks of one of 1,000 users")
    plans = [_query_plan(scene, scene.users.named(who).id) for who in users]
    slowest = max(plans, key=lambda plan: plan["Execution Time"])
    scene.recorder.measure(
        "lookup of one user's tasks in the database",
        slowest["Execution Time"],
        "ms",
        limit=100,
        samples=tuple(plan["Execution Time"] for plan in plans),
        detail=json.dumps(slowest["Plan"], indent=2),
    )
    return slowest


def _query_plan(scene: Scene, user_id: str) -> dict[str, Any]:
    rows = scene.target.database.ask(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM {tasks} WHERE {user_id} = %(id)s",
        {"id": user_id},
    )
    plan: dict[str, Any] = rows[0][0][0]
    return plan


@then("the database looks tasks up by user through an index")
def lookup_uses_index(scene: Scene, slowest_lookup: dict[str, Any]) -> None:
    plan = json.dumps(slowest_lookup["Plan"])
    column = scene.target.database.columns.plain("user_id")
    expected = f"an index scan by {column}"
    reads_all = "Seq Scan" in plan
    expect(not reads_all, "a lookup reads the whole table", expected=expected, actual=plan)
    expect("Index" in plan, "a lookup uses no index", expected=expected, actual=plan)
    by_user = column in plan
    expect(by_user, "the index does not serve the user id", expected=expected, actual=plan)


@then("the slowest lookup in the database took under 100 milliseconds")
def fast_lookup(slowest_lookup: dict[str, Any]) -> None:
    milliseconds = slowest_lookup["Execution Time"]
    expect(
        milliseconds < 100,
        "a lookup by user took 100 ms or more",
        expected="under 100 ms",
        actual=f"{milliseconds} ms",
    )


@then("the slowest answer took under 3 seconds")
def fast_answer(scene: Scene) -> None:
    scene.expect_every_status(200, 201)
    slowest = max(scene.answers, key=lambda answer: answer.seconds)
    expect(
        slowest.seconds < 3,
        "an answer took 3 s or more",
        expected="under 3 s",
        actual=f"{slowest.seconds:.3f} s",
        answer=slowest,
    )


def _measure(scene: Scene, name: str) -> None:
    samples = tuple(answer.seconds * 1000 for answer in scene.answers)
    scene.recorder.measure(name, max(samples), "ms", limit=3000, samples=samples)
    keep_sample(scene.client, scene.answers)
