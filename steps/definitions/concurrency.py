"""Many clients send requests at the same time."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal, expect_status, expect_statuses
from steps.http.lenient import completed, task_id, task_in, tasks_in
from steps.http.operations import CREATE, DELETE, LIST, TOGGLE, UPDATE
from steps.scenario.evidence_sample import keep_sample
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.scenario.tasks import Task

Request = Callable[[], Answer]


@when(phrase('{count:Number} clients toggle the task "{title}" once each, then one more does'))
def toggle_at_once(scene: Scene, count: int, title: str) -> None:
    """Toggle an odd number of times in all: the state at the end shows that no toggle was lost."""
    task = scene.tasks[title]
    toggle: Request = functools.partial(scene.users.send, task.owner, TOGGLE, task.id, record=False)
    scene.answers = scene.concurrent.send([toggle] * count)
    scene.answers.append(scene.users.send(task.owner, TOGGLE, task.id))


@when(phrase("{count:Number} clients create {each:Number} tasks each for {who} at the same time"))
def create_at_once(scene: Scene, count: int, each: int, who: str) -> None:
    def create(client: int) -> list[Answer]:
        return [
            scene.users.send(who, CREATE, json_body={"title": f"{client}-{number}"}, record=False)
            for number in range(each)
        ]

    scene.answers = scene.concurrent.run_clients(
        [functools.partial(create, client) for client in range(count)]
    )


@then(phrase("{who}'s list holds each of the {count:Number} tasks once"))
def each_once(scene: Scene, who: str, count: int) -> None:
    acknowledged = sorted(task_id(task_in(answer)) for answer in scene.answers)
    listed = sorted(task_id(task) for task in scene.tasks.listed(who))
    expect_equal(len(set(acknowledged)), count, "created tasks do not all have an id of their own")
    lost, sentence = sorted(set(acknowledged) - set(listed)), "the list lacks created tasks"
    expect(not lost, sentence, expected=f"{count} tasks", actual=f"{len(lost)} are missing")
    expect_equal(len(listed), count, "the list holds more than the created tasks")


@when("all of them create, change, toggle, delete and list at the same time")
def change_tasks_at_once(scene: Scene) -> None:
    def send_requests(who: str) -> list[Answer]:
        own = scene.tasks.first_id_of(who)
        created = scene.users.send(who, CREATE, json_body={"title": f"{who}, kept"}, record=False)
        return [
            created,
            scene.users.send(
                who, UPDATE, own, json_body={"title": f"{who}, changed"}, record=False
            ),
            scene.users.send(who, TOGGLE, task_id(task_in(created)), record=False),
            scene.users.send(who, DELETE, own, record=False),
            scene.users.send(who, LIST, record=False),
        ]

    scene.answers = scene.concurrent.run_clients(
        [functools.partial(send_requests, who) for who in scene.users.names]
    )


@then("every user's list holds exactly what that user left there")
def lists_hold_what_remains(scene: Scene) -> None:
    for who in scene.users.names:
        tasks = scene.tasks.listed(who)
        state = [(task["title"], completed(task)) for task in tasks]
        expect_equal(state, [(f"{who}, kept", True)], "a user's list holds other tasks")


@when(phrase("all of them ask for their lists at the same time, {times:Number} times each"))
def list_at_once(scene: Scene, times: int) -> None:
    def list_repeatedly(who: str) -> list[Answer]:
        return [scene.users.send(who, LIST, record=False) for _ in range(times)]

    scene.answers = scene.concurrent.run_clients(
        [functools.partial(list_repeatedly, who) for who in scene.users.names]
    )


@then("every list holds exactly the user's own tasks")
def lists_are_own(scene: Scene) -> None:
    def holds(answer: Answer) -> bool:
        own = {task.id for task in scene.tasks.owned_by(answer.sender)}
        return answer.status == 200 and {task_id(task) for task in tasks_in(answer)} == own

    scene.assert_every_answer(
        "the sender's own tasks", holds, "a list does not hold exactly the sender's own tasks"
    )


@when(phrase('{count:Number} clients delete the task "{title}" at the same time'))
def delete_at_once(scene: Scene, count: int, title: str) -> None:
    task = scene.tasks[title]
    delete: Request = functools.partial(scene.users.send, task.owner, DELETE, task.id, record=False)
    scene.answers = scene.concurrent.send([delete] * count)


@when("each of these tasks is updated, toggled and deleted at the same time")
def update_toggle_and_delete_at_once(scene: Scene) -> None:
    requests: list[Request] = [
        functools.partial(scene.users.send, task.owner, operation, task.id, record=False)
        for task in scene.tasks.all()
        for operation in (UPDATE, TOGGLE, DELETE)
    ]
    scene.answers = scene.concurrent.send(requests)


@then("each task was deleted once")
def deleted_once(scene: Scene) -> None:
    deletions = [answer for answer in scene.answers if answer.method == "DELETE"]
    expect_equal(len(deletions), len(scene.tasks.all()), "not every deletion was answered")
    expect_statuses(deletions, {200, 204})


@when(
    phrase(
        '{who} changes the task "{title}" {count:Number} times at the same time, to a title and '
        "a description each"
    ),
    target_fixture="contended_task",
)
def update_at_once(scene: Scene, who: str, title: str, count: int) -> Task:
    task = scene.tasks[title]
    requests: list[Request] = [
        functools.partial(
            scene.users.send,
            who,
            UPDATE,
            task.id,
            json_body={"title": f"update {n}", "description": f"update {n}"},
            record=False,
        )
        for n in range(count)
    ]
    scene.answers = scene.concurrent.send(requests)
    return task


@then("title and description of the task come from one and the same update")
def fields_of_one_update(scene: Scene, contended_task: Task) -> None:
    task = scene.tasks.read("Alice", contended_task.id)
    sent = {f"update {n}" for n in range(len(scene.answers))}
    expect(task["title"] in sent, "the title is of no update", expected="update …", actual=task)
    both = {name: task.get(name, "(not there)") for name in ("title", "description")}
    mixed = "title and description are of two updates"
    expect_equal(both, {"title": task["title"], "description": task["title"]}, mixed)


@when(
    phrase(
        '{who} toggles the task "{title}" and meanwhile {other} asks for his list '
        "{count:Number} times"
    ),
    target_fixture="answered_before_toggle",
)
def toggle_locked_task(
    scene: Scene, who: str, title: str, other: str, count: int, lock: psycopg.Connection
) -> bool:
    """Return whether all the other user's lists were answered before the toggle was."""
    task = scene.tasks[title]
    started = threading.Event()
    with ThreadPoolExecutor(1) as pool:

        def toggle() -> tuple[Answer, float]:
            started.set()
            return scene.users.send(who, TOGGLE, task.id, record=False), time.perf_counter()

        future = pool.submit(toggle)
        started.wait()
        scene.concurrent.wait_for_blocked_sessions()
        answers: list[Answer] = []
        while len(answers) < count and all(answer.status == 200 for answer in answers):
            # One list that fails decides: no more are sent after it.
            answers.append(scene.users.send(other, LIST, record=False))
        lists_answered_at = time.perf_counter()
        lock.commit()
        toggled, toggle_answered_at = future.result()
    scene.answers = [*answers, toggled]
    keep_sample(scene.client, scene.answers)
    return lists_answered_at < toggle_answered_at


@when(
    phrase(
        '{count:Number} clients toggle the task "{title}" and both wait until the lock is released'
    )
)
def toggle_locked_task_at_once(
    scene: Scene, count: int, title: str, lock: psycopg.Connection
) -> None:
    task = scene.tasks[title]
    toggle = functools.partial(scene.users.send, task.owner, TOGGLE, task.id, record=False)

    def release() -> None:
        scene.concurrent.wait_for_blocked_sessions(count)
        lock.commit()

    scene.answers = scene.concurrent.send([toggle] * count, release)


@then(phrase("{other} was answered 200 each time before {who} was"))
def other_user_not_blocked(
    scene: Scene, other: str, who: str, answered_before_toggle: bool
) -> None:
    expect_statuses([answer for answer in scene.answers if answer.sender == other], {200})
    expect(answered_before_toggle, "a user had to wait until another user's row was unlocked")


@then(phrase("{who}'s toggle succeeds when the lock is released"))
def toggle_succeeded(scene: Scene, who: str) -> None:
    expect_equal(scene.answer.sender, who, "the last answer is that of another user")
    expect_status(scene.answer, 200)
