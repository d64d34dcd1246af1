"""When: a user updates, toggles and deletes tasks, or creates and updates with one body."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import when

from steps.http.answer import Answer
from steps.http.expectations import expect_equal, expect_success
from steps.http.lenient import completed, find_id, find_task, shown, task_id
from steps.http.operations import CREATE, DELETE, ON_A_TASK, READ, TOGGLE, UPDATE, Operation
from steps.scenario.acting_users import FOREIGN_TASK, MALFORMED_ID, NO_TASK
from steps.scenario.bodies import CONTENT_TYPES, LONG_AGO, RAW_BODIES, task_body
from steps.scenario.identities import malformed
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.target.capabilities import cannot

HARMFUL_SQL = re.compile("drop|delete|sleep", re.IGNORECASE)


@when(phrase("{who} creates and updates a task with {body} for a body"))
def create_and_update_raw(scene: Scene, who: str, body: str) -> None:
    scene.about(f"with {body} for a body")
    request: dict[str, Any] = {
        "body": RAW_BODIES[body](),
        "headers": [("Content-Type", CONTENT_TYPES.get(body, "application/json"))],
    }
    scene.answers = _create_and_update(scene, who, **request)


@when(phrase("{who} creates and updates a task with {kind:Described}"))
def create_and_update(scene: Scene, who: str, kind: str) -> None:
    scene.about(f"with {kind}")
    body = task_body(kind)
    scene.sent_fields = body
    scene.answers = _create_and_update(scene, who, json_body=body)


def _create_and_update(scene: Scene, who: str, **request: Any) -> list[Answer]:
    """Send one body to both operations that take one, or to the one that the server offers."""
    task, offered = scene.tasks.first_id_of(who), scene.client.layout.offered((CREATE, UPDATE))
    return [scene.users.send(who, operation, task, **request) for operation in offered]


@when(
    phrase(
        '{who} changes the task "{title}" to the title "{text}" and the description "{description}"'
    )
)
def change(scene: Scene, who: str, title: str, text: str, description: str) -> None:
    body = {"title": text, "description": description}
    scene.act(who, UPDATE, scene.tasks[title].id, json_body=body)


@when(phrase('{who} changes the task "{title}" to the title "{text}"'))
def change_title(scene: Scene, who: str, title: str, text: str) -> None:
    scene.act(who, UPDATE, scene.tasks[title].id, json_body={"title": text})


@when(
    phrase(
        '{who} changes the task "{title}" to the title "{text}" and then to the title "{last:Text}"'
    )
)
def change_twice(scene: Scene, who: str, title: str, text: str, last: str) -> None:
    identity = scene.tasks[title].id
    scene.answers = [
        scene.users.send(who, UPDATE, identity, json_body={"title": new}) for new in (text, last)
    ]


@when(
    phrase(
        '{who} changes the task "{title}" with a body that also sets is_completed to the opposite'
    )
)
def change_with_completion(scene: Scene, who: str, title: str) -> None:
    task = scene.tasks.read(who, scene.tasks[title].id)
    body = {"title": title, "is_completed": not completed(task)}
    scene.act(who, UPDATE, scene.tasks[title].id, json_body=body)


@when(phrase('{who} changes the task "{title}" with a body that also sets user_id to {other}\'s'))
def change_with_owner(scene: Scene, who: str, title: str, other: str) -> None:
    body = {"title": title, "user_id": scene.users.named(other).id}
    scene.act(who, UPDATE, scene.tasks[title].id, json_body=body)


@when(phrase('{who} changes {other}\'s task "{title}" under her own URL'))
def change_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    scene.about(FOREIGN_TASK)
    expect_equal(scene.tasks[title].owner, other, "the task is another user's")
    scene.act(who, UPDATE, scene.tasks[title].id, json_body={"title": "taken over"})


@when(phrase('{who} changes {other}\'s task "{title}" under her own URL with an empty title'))
def change_foreign_invalid(scene: Scene, who: str, other: str, title: str) -> None:
    scene.about(FOREIGN_TASK)
    expect_equal(scene.tasks[title].owner, other, "the task is another user's")
    scene.act(who, UPDATE, scene.tasks[title].id, json_body={"title": ""})


@when(phrase("{who} changes a task that does not exist"))
def change_missing(scene: Scene, who: str) -> None:
    scene.about(NO_TASK)
    scene.act(who, UPDATE, scene.tasks.unknown_id())


@when(phrase('{who} changes the task "{title}" and reads it, {count:Number} times in turn'))
def change_and_read(scene: Scene, who: str, title: str, count: int) -> None:
    identity = scene.tasks[title].id
    scene.answers = []
    for number in range(count):
        scene.users.send(who, UPDATE, identity, json_body={"title": f"change {number}"})
        scene.answers.append(scene.users.send(who, READ, identity))


@when(phrase('{who} deletes the task "{title}"'))
def delete(scene: Scene, who: str, title: str) -> None:
    scene.act(who, DELETE, scene.tasks[title].id)


@when(phrase('{who} deletes {other}\'s task "{title}" under her own URL'))
def delete_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    scene.about(FOREIGN_TASK)
    expect_equal(scene.tasks[title].owner, other, "the task is another user's")
    scene.act(who, DELETE, scene.tasks[title].id)


@when(phrase("{who} deletes a task that does not exist"))
def delete_missing(scene: Scene, who: str) -> None:
    scene.about(NO_TASK)
    scene.act(who, DELETE, scene.tasks.unknown_id())


@when(phrase('{who} toggles the task "{title}"'))
def toggle(scene: Scene, who: str, title: str) -> None:
    scene.act(who, TOGGLE, scene.tasks[title].id)


@when(phrase('{who} toggles {other}\'s task "{title}" under her own URL'))
def toggle_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    scene.about(FOREIGN_TASK)
    expect_equal(scene.tasks[title].owner, other, "the task is another user's")
    scene.act(who, TOGGLE, scene.tasks[title].id)


@when(phrase("{who} toggles a task that does not exist"))
def toggle_missing(scene: Scene, who: str) -> None:
    scene.about(NO_TASK)
    scene.act(who, TOGGLE, scene.tasks.unknown_id())


@when(
    phrase(
        '{who} toggles the task "{title}" and changes it with a body that also sets both timestamps'
    )
)
def toggle_and_change(scene: Scene, who: str, title: str) -> None:
    identity = scene.tasks[title].id
    scene.task_before = scene.tasks.read(who, identity)
    body = {"title": title, "created_at": LONG_AGO, "updated_at": LONG_AGO}
    scene.answers = [
        scene.users.send(who, TOGGLE, identity),
        scene.users.send(who, UPDATE, identity, json_body=body),
    ]
    if scene.answer.status in {400, 422}:  # a server may refuse to be told a time
        scene.answers[-1] = scene.users.send(who, READ, identity)


@when(phrase('{who} {change:Change} the task "{title}"'))
def modify(scene: Scene, who: str, change: str, title: str) -> None:
    identity = scene.tasks[title].id
    before = scene.tasks.read(who, identity)
    same = {"title": shown(before, "title"), "description": before.get("description")}
    requests: dict[str, list[tuple[Operation, dict[str, Any]]]] = {
        "renames": [(UPDATE, {"json_body": {"title": "renamed"}})],
        "replaces with the same": [(UPDATE, {"json_body": same})],
        "completes": [(TOGGLE, {})],
        "completes and reopens": [(TOGGLE, {}), (TOGGLE, {})],
    }
    for operation, request in requests[change]:
        # The last step is compared with the one before: an earlier one may hide what it leaves out.
        scene.task_before = scene.tasks.read(who, identity)
        scene.clock.let_pass(scene.task_before, "updated_at")
        scene.act(who, operation, identity, **request)


@when(phrase("{who} reads, changes, deletes and toggles a task whose id is {kind}"))
def use_malformed_id(scene: Scene, who: str, kind: str) -> None:
    scene.about(MALFORMED_ID)
    identity = malformed(kind, scene.tasks.sample_id())
    offered = scene.client.layout.offered(ON_A_TASK)
    scene.answers = [scene.users.send(who, operation, identity) for operation in offered]


@when(
    phrase(
        "{who} creates a task with {text} as title and description, changes it to the same "
        "and reads it"
    )
)
def round_trip(scene: Scene, who: str, text: str) -> None:
    if scene.target.shared and HARMFUL_SQL.search(text):
        cannot("harm")
    body = {"title": text, "description": text}
    created = scene.users.send(who, CREATE, json_body=body)
    expect_success(created)  # it is the action already: its answer is judged, and no set-up
    found = find_id(find_task(created.json) or {})
    identity = found or task_id(scene.tasks.titled(who, text))
    changed = scene.users.send(who, UPDATE, identity, json_body=body)
    scene.answers = [created, changed, scene.users.send(who, READ, identity)]
