"""Many clients send requests at the same time."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.expectations import expect, expect_equal, expect_statuses
from steps.http.lenient import completed, find_id, find_task, shown, task_id, task_in
from steps.http.operations import CREATE, DELETE, LIST, READ, TOGGLE, UPDATE
from steps.scenario.concurrent_requests import Request
from steps.scenario.phrases import phrase
from steps.scenario.quota import end_at_quota_among
from steps.scenario.scene import Scene
from steps.scenario.tasks import Task
from traceability.evidence.recording.not_run import NotRun


@when(phrase('{count:Number} clients toggle the task "{title}" once each, then one more does'))
def toggle_at_once(scene: Scene, count: int, title: str) -> None:
    """Toggle an odd number of times in all: the state at the end shows that no toggle was lost."""
    task = scene.tasks[title]
    toggle: Request = functools.partial(scene.users.send, task.owner, TOGGLE, task.id, record=False)
    scene.answers = scene.concurrent.send([toggle] * count)
    scene.answers += scene.concurrent.send([toggle])


@when(phrase("{count:Number} clients create {each:Number} tasks each for {who} at the same time"))
def create_at_once(scene: Scene, count: int, each: int, who: str) -> None:
    def create(client: int) -> Iterator[Answer]:
        for number in range(each):
            body = {"title": f"{client}-{number}"}
            yield scene.users.send(who, CREATE, json_body=body, record=False)

    scene.answers = scene.concurrent.run_clients(
        [functools.partial(create, client) for client in range(count)]
    )
    end_at_quota_among(scene.answers, lambda sender: scene.users.send(sender, CREATE))


@then(phrase("{who}'s list holds each of the {count:Number} tasks once"))
def each_once(scene: Scene, who: str, count: int) -> None:
    acknowledged = sorted(task_id(task_in(answer)) for answer in scene.answers)
    expect_equal(len(set(acknowledged)), count, "created tasks do not all have an id of their own")
    listed = [task_id(task) for task in scene.tasks.listed(who)]
    # Whether a list is complete is for others to judge: what it leaves out is read by itself.
    absent = sorted(set(acknowledged) - set(listed))
    lost = [one for one in absent if not _is_stored(scene, who, one)]
    sentence = "created tasks are not stored"
    expect(not lost, sentence, expected=f"{count} tasks", actual=f"{len(lost)} are missing")
    more = sorted(set(listed) - set(acknowledged))
    wrong = "the list holds more than the created tasks"
    expect(not more and len(set(listed)) == len(listed), wrong, expected=count, actual=len(listed))


def _is_stored(scene: Scene, who: str, identity: str) -> bool:
    """Return whether a task can be read, where the server offers that."""
    if not scene.client.layout.offers(READ):
        return False
    return scene.users.send(who, READ, identity, record=False).status == 200


@when("all of them create, change, toggle, delete and list at the same time")
def change_tasks_at_once(scene: Scene) -> None:
    def send_requests(who: str) -> Iterator[Answer]:
        own, body = scene.tasks.first_id_of(who), {"title": f"{who}, kept"}
        created = scene.users.send(who, CREATE, json_body=body, record=False)
        yield created
        body = {"title": f"{who}, changed"}
        yield scene.users.send(who, UPDATE, own, json_body=body, record=False)
        # A creation that failed has no task to toggle; its answer is judged.
        if identity := find_id(find_task(created.json) or {}):
            yield scene.users.send(who, TOGGLE, identity, record=False)
        yield scene.users.send(who, DELETE, own, record=False)
        yield scene.users.send(who, LIST, record=False)

    scene.answers = scene.concurrent.run_clients(
        [functools.partial(send_requests, who) for who in scene.users.names]
    )


@then("every user's list holds exactly what that user left there")
def lists_hold_what_remains(scene: Scene) -> None:
    for who in scene.users.names:
        tasks = scene.tasks.listed(who)
        state = [(shown(task, "title"), completed(task)) for task in tasks]
        expect_equal(state, [(f"{who}, kept", True)], "a user's list holds other tasks")


@when(phrase("all of them ask for their lists at the same time, {times:Number} times each"))
def list_at_once(scene: Scene, times: int) -> None:
    def ask(who: str) -> Answer:
        return scene.users.send(who, LIST, record=False)

    def list_repeatedly(who: str) -> Iterator[Answer]:
        for _ in range(times):
            yield ask(who)

    # First one by one: what a server shows that has no answer for a crowd is judged, too.
    one_by_one = scene.concurrent.run_clients([lambda: map(ask, scene.users.names)])
    at_once = scene.concurrent.run_clients(
        [functools.partial(list_repeatedly, who) for who in scene.users.names]
    )
    scene.answers = one_by_one + at_once


@when(phrase("{count:Number} clients ask for these users' lists at the same time"))
def list_from_many_clients(scene: Scene, count: int) -> None:
    scene.answers = scene.concurrent.send(scene.users.lists_of_clients(count))


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
    deletions = [answer for answer in scene.answers if answer.operation == "delete"]
    expect_statuses(deletions, {200, 204})
    expect_equal(len(deletions), len(scene.tasks.all()), "not every deletion was answered")


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
    task = scene.tasks.read(contended_task.owner, contended_task.id)
    sent = {f"update {n}" for n in range(len(scene.answers))}
    if not any(answer.status == 200 for answer in scene.answers):
        raise NotRun("target cannot update a task from several clients: no update was answered 200")
    of_update = shown(task, "title") in sent
    expect(of_update, "the title is of no update", expected="update …", actual=task)
    # A server without descriptions mixes nothing; other scenarios judge that it lacks them.
    both = {name: task[name] for name in ("title", "description") if name in task}
    mixed = "title and description are of two updates"
    expect_equal(both, dict.fromkeys(both, task["title"]), mixed)
