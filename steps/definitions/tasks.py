"""When: what a user does with tasks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from pytest_bdd import when

from steps.http.lenient import completed, task_id, task_in
from steps.http.operations import CREATE, DELETE, LIST, ON_A_TASK, READ, TOGGLE, UPDATE, Operation
from steps.scenario.bodies import CONTENT_TYPES, RAW, described
from steps.scenario.phrases import phrase
from steps.scenario.scene import UNKNOWN_ID, Scene
from steps.target.abilities import cannot

HARMFUL = re.compile("drop|delete|sleep", re.IGNORECASE)
LONG_AGO = "2001-02-03T04:05:06Z"


@when(phrase('{who} creates a task titled "{title}"'))
def create(scene: Scene, who: str, title: str) -> None:
    scene.act(who, CREATE, json_body={"title": title})


@when(phrase('{who} creates a task titled "{title}" with the description "{description}"'))
def create_described(scene: Scene, who: str, title: str, description: str) -> None:
    scene.act(who, CREATE, json_body={"title": title, "description": description})


@when(phrase("{who} creates a task without a title"))
def create_untitled(scene: Scene, who: str) -> None:
    scene.act(who, CREATE, json_body={"description": "no title"})


@when(phrase('that user creates a task titled "{title}" and reads it again'))
def create_and_read(scene: Scene, title: str) -> None:
    created = scene.act("Alice", CREATE, json_body={"title": title})
    scene.answers = [created, scene.send("Alice", READ, task_id(task_in(created)))]


@when(
    phrase(
        "{who} creates a task whose body also sets user_id to {other}'s, id, is_completed "
        "and both timestamps"
    )
)
def create_with_everything(scene: Scene, who: str, other: str) -> None:
    body = {
        "title": "Buy milk",
        "user_id": scene.user(other).id,
        "id": UNKNOWN_ID,
        "is_completed": True,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    scene.act(who, CREATE, json_body=body)


@when(phrase("a task is created with no token and a body that names {who} as the user"))
def create_without_token(scene: Scene, who: str) -> None:
    user = scene.user(who)
    body = {"title": "Buy milk", "user_id": user.id}
    url = CREATE.url(user.id, UNKNOWN_ID)
    scene.answers = [scene.client.send("POST", url, json_body=body)]


@when(phrase("{who} creates a task with fields that the API does not know"))
def create_with_unknown(scene: Scene, who: str) -> None:
    scene.act(who, CREATE, json_body={"title": "Buy milk", "priority": 1, "tags": ["x"], "": {}})


@when(phrase("{who} creates a task with a body of {size:Number} bytes"))
def create_large(scene: Scene, who: str, size: int) -> None:
    body = b'{"title": "Buy milk", "padding": "' + b"x" * (size - 36) + b'"}'
    scene.act(who, CREATE, body=body)


@when(phrase("{who} creates a task with a body of {size:Number} bytes sent in chunks"))
def create_chunked(scene: Scene, who: str, size: int) -> None:
    user = scene.user(who)
    chunks = [b'{"title": "Buy milk", "padding": "', *[b"x" * 1000] * (size // 1000), b'"}']
    url = CREATE.url(user.id, UNKNOWN_ID)
    scene.answers = [scene.client.send_chunked("POST", url, user.token, chunks)]


@when(phrase("{who} creates a task with null for a title and a list for a description"))
def create_twice_wrong(scene: Scene, who: str) -> None:
    scene.act(who, CREATE, json_body={"title": None, "description": ["text"]})


@when(phrase("{who} creates and updates a task with {body} for a body"))
def create_and_update_raw(scene: Scene, who: str, body: str) -> None:
    request: dict[str, Any] = {
        "body": RAW[body](),
        "headers": [("Content-Type", CONTENT_TYPES.get(body, "application/json"))],
    }
    scene.answers = [
        scene.send(who, CREATE, **request),
        scene.send(who, UPDATE, scene.some_task(who), **request),
    ]


@when(phrase("{who} creates and updates a task with {kind:Described}"))
def create_and_update(scene: Scene, who: str, kind: str) -> None:
    body = described(kind)
    scene.first = body
    scene.answers = [
        scene.send(who, CREATE, json_body=body),
        scene.send(who, UPDATE, scene.some_task(who), json_body=body),
    ]


@when(phrase("{who} asks for her list"))
def ask_for_list(scene: Scene, who: str) -> None:
    scene.act(who, LIST)


@when(phrase("{who} asks for her list with the query {query}"))
def ask_with_query(scene: Scene, who: str, query: str) -> None:
    scene.act(who, LIST, query=f"?{query}")


@when(phrase("{who} asks for {other}'s list"))
def ask_for_other_list(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST, url_user=scene.user(other).id)


@when(phrase("{who} asks for her list with a token that also claims {other}'s id as {names}"))
def ask_with_more_claims(scene: Scene, who: str, other: str, names: str) -> None:
    issuer, user = scene.target.issuer, scene.user(who)
    claims = dict.fromkeys(names.replace(" and ", ", ").split(", "), scene.user(other).id)
    token = issuer.sign(issuer.header(), issuer.payload(user.id) | claims)
    scene.act(who, LIST, token=token)


@when(phrase("{who} asks for her list with a token that holds only sub and exp"))
def ask_with_bare_token(scene: Scene, who: str) -> None:
    issuer = scene.target.issuer
    needed = {"sub", "exp", *issuer.claims}
    payload = {k: v for k, v in issuer.payload(scene.user(who).id).items() if k in needed}
    scene.act(who, LIST, token=issuer.sign(issuer.header(), payload))


@when(phrase("{who} asks for her list with a token that expires in a minute"))
def ask_before_expiry(scene: Scene, who: str) -> None:
    issuer = scene.target.issuer
    payload = issuer.payload(scene.user(who).id)
    payload["exp"] = int(datetime.now(UTC).timestamp()) + 60
    scene.act(who, LIST, token=issuer.sign(issuer.header(), payload))


@when(phrase('{who} reads the task "{title}"'))
def read(scene: Scene, who: str, title: str) -> None:
    scene.act(who, READ, scene.tasks[title].id)


@when(phrase('{who} reads {other}\'s task "{title}" under her own URL'))
def read_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    assert scene.tasks[title].owner == other
    scene.act(who, READ, scene.tasks[title].id)


@when(phrase("{who} reads a task that does not exist"))
def read_missing(scene: Scene, who: str) -> None:
    scene.act(who, READ, scene.unknown_task())


@when(phrase('{who} reads the task "{title}" and then asks for her list'))
def read_and_list(scene: Scene, who: str, title: str) -> None:
    scene.first = scene.task_of(who, scene.tasks[title].id)
    scene.send(who, LIST)
    scene.act(who, READ, scene.tasks[title].id)


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
        scene.send(who, UPDATE, identity, json_body={"title": new}) for new in (text, last)
    ]


@when(
    phrase(
        '{who} changes the task "{title}" with a body that also sets is_completed to the opposite'
    )
)
def change_with_completion(scene: Scene, who: str, title: str) -> None:
    task = scene.task_of(who, scene.tasks[title].id)
    body = {"title": title, "is_completed": not completed(task)}
    scene.act(who, UPDATE, scene.tasks[title].id, json_body=body)


@when(phrase('{who} changes the task "{title}" with a body that also sets user_id to {other}\'s'))
def change_with_owner(scene: Scene, who: str, title: str, other: str) -> None:
    body = {"title": title, "user_id": scene.user(other).id}
    scene.act(who, UPDATE, scene.tasks[title].id, json_body=body)


@when(phrase('{who} changes {other}\'s task "{title}" under her own URL'))
def change_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    assert scene.tasks[title].owner == other
    scene.act(who, UPDATE, scene.tasks[title].id, json_body={"title": "taken over"})


@when(phrase('{who} changes {other}\'s task "{title}" under her own URL with an empty title'))
def change_foreign_invalid(scene: Scene, who: str, other: str, title: str) -> None:
    assert scene.tasks[title].owner == other
    scene.act(who, UPDATE, scene.tasks[title].id, json_body={"title": ""})


@when(phrase("{who} changes a task that does not exist"))
def change_missing(scene: Scene, who: str) -> None:
    scene.act(who, UPDATE, scene.unknown_task())


@when(phrase('{who} changes the task "{title}" and reads it, {count:Number} times in turn'))
def change_and_read(scene: Scene, who: str, title: str, count: int) -> None:
    identity = scene.tasks[title].id
    scene.answers = []
    for number in range(count):
        scene.send(who, UPDATE, identity, json_body={"title": f"change {number}"})
        scene.answers.append(scene.send(who, READ, identity))


@when(
    phrase(
        '{who} reads the task "{title}", changes it and reads it with the caching headers of the '
        "first answer"
    )
)
def read_conditionally(scene: Scene, who: str, title: str) -> None:
    identity = scene.tasks[title].id
    first = scene.send(who, READ, identity)
    scene.send(who, UPDATE, identity, json_body={"title": "changed"})
    conditions = [
        ("If-None-Match", first.header("etag") or "*"),
        ("If-Modified-Since", first.header("last-modified") or "Fri, 01 Jan 2100 00:00:00 GMT"),
    ]
    scene.act(who, READ, identity, headers=conditions)


@when(phrase('{who} deletes the task "{title}"'))
def delete(scene: Scene, who: str, title: str) -> None:
    scene.act(who, DELETE, scene.tasks[title].id)


@when(phrase('{who} deletes {other}\'s task "{title}" under her own URL'))
def delete_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    assert scene.tasks[title].owner == other
    scene.act(who, DELETE, scene.tasks[title].id)


@when(phrase("{who} deletes a task that does not exist"))
def delete_missing(scene: Scene, who: str) -> None:
    scene.act(who, DELETE, scene.unknown_task())


@when(phrase('{who} toggles the task "{title}"'))
def toggle(scene: Scene, who: str, title: str) -> None:
    scene.act(who, TOGGLE, scene.tasks[title].id)


@when(phrase('{who} toggles {other}\'s task "{title}" under her own URL'))
def toggle_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    assert scene.tasks[title].owner == other
    scene.act(who, TOGGLE, scene.tasks[title].id)


@when(phrase("{who} toggles a task that does not exist"))
def toggle_missing(scene: Scene, who: str) -> None:
    scene.act(who, TOGGLE, scene.unknown_task())


@when(
    phrase(
        '{who} toggles the task "{title}" and changes it with a body that also sets both timestamps'
    )
)
def toggle_and_change(scene: Scene, who: str, title: str) -> None:
    identity = scene.tasks[title].id
    scene.first = scene.task_of(who, identity)
    body = {"title": title, "created_at": LONG_AGO, "updated_at": LONG_AGO}
    scene.answers = [
        scene.send(who, TOGGLE, identity),
        scene.send(who, UPDATE, identity, json_body=body),
    ]


@when(phrase('{who} {change:Change} the task "{title}"'))
def modify(scene: Scene, who: str, change: str, title: str) -> None:
    identity = scene.tasks[title].id
    scene.first = before = scene.task_of(who, identity)
    same = {"title": before["title"], "description": before.get("description")}
    requests: dict[str, list[tuple[Operation, dict[str, Any]]]] = {
        "renames": [(UPDATE, {"json_body": {"title": "renamed"}})],
        "replaces with the same": [(UPDATE, {"json_body": same})],
        "completes": [(TOGGLE, {})],
        "completes and reopens": [(TOGGLE, {}), (TOGGLE, {})],
    }
    for operation, request in requests[change]:
        scene.act(who, operation, identity, **request)


@when(phrase("{who} reads, changes, deletes and toggles the task {identity}"))
def use_malformed_id(scene: Scene, who: str, identity: str) -> None:
    identity = "x" * 10_000 if identity == "{10000}" else identity
    scene.answers = [scene.send(who, operation, identity) for operation in ON_A_TASK]


@when(
    phrase(
        "{who} creates a task with {text} as title and description, changes it to the same "
        "and reads it"
    )
)
def round_trip(scene: Scene, who: str, text: str) -> None:
    if scene.target.shared and HARMFUL.search(text):
        cannot("harm")
    body = {"title": text, "description": text}
    created = scene.send(who, CREATE, json_body=body)
    identity = task_id(task_in(created))
    changed = scene.send(who, UPDATE, identity, json_body=body)
    scene.answers = [created, changed, scene.send(who, READ, identity)]
