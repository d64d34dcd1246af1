"""When: a user creates, lists and reads tasks."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.expectations import expect_equal
from steps.http.lenient import task_id, task_in
from steps.http.operations import CREATE, LIST, READ, UPDATE
from steps.scenario.acting_users import FOREIGN_TASK, FOREIGN_URL, NO_TASK, UNKNOWN_ID
from steps.scenario.bodies import LONG_AGO
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@when(phrase('{who} creates a task titled "{title}"'))
def create(scene: Scene, who: str, title: str) -> None:
    scene.act(who, CREATE, json_body={"title": title})


@when(phrase('{who} creates a task titled "{title}" with the description "{description}"'))
def create_described(scene: Scene, who: str, title: str, description: str) -> None:
    scene.act(who, CREATE, json_body={"title": title, "description": description})


@when(phrase("{who} creates a task without a title"))
def create_untitled(scene: Scene, who: str) -> None:
    scene.act(who, CREATE, json_body={})  # names no field: frameworks repeat what was sent


@when(phrase('that user creates a task titled "{title}" and reads it again'))
def create_and_read(scene: Scene, title: str) -> None:
    created = scene.act("Alice", CREATE, json_body={"title": title})
    scene.answers = [created, scene.users.send("Alice", READ, task_id(task_in(created)))]


@when(
    phrase(
        "{who} creates a task whose body also sets user_id to {other}'s, id, is_completed "
        "and both timestamps"
    )
)
def create_with_fields_of_the_server(scene: Scene, who: str, other: str) -> None:
    body = {
        "title": "Buy milk",
        "user_id": scene.users.named(other).id,
        "id": scene.tasks.unknown_id(),
        "is_completed": True,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    scene.sent_fields = body
    scene.act(who, CREATE, json_body=body)


@when(phrase("{who} creates a task whose body also sets user_id to {other}'s"))
def create_for_other(scene: Scene, who: str, other: str) -> None:
    scene.act(who, CREATE, json_body={"title": "Buy milk", "user_id": scene.users.named(other).id})


@when(phrase("{who} creates a task with fields that the API does not know"))
def create_with_unknown(scene: Scene, who: str) -> None:
    scene.act(who, CREATE, json_body={"title": "Buy milk", "priority": 1, "tags": ["x"], "": {}})


@when(phrase("{who} creates a task with a body of {size:Number} bytes"))
def create_large(scene: Scene, who: str, size: int) -> None:
    start = b'{"title": "Buy milk"'  # white space is no field: a server may refuse unknown ones
    body = start.ljust(size - 1) + b"}"
    scene.act(who, CREATE, body=body)


@when(phrase("{who} creates a task with a body of {size:Number} bytes sent in chunks"))
def create_chunked(scene: Scene, who: str, size: int) -> None:
    user = scene.users.named(who)
    chunks = [b'{"title": "Buy milk"', *[b" " * 1000] * (size // 1000), b"}"]
    url = CREATE.url(user.id, UNKNOWN_ID)
    scene.answers = [scene.client.send_chunked("POST", url, user.token, chunks)]


@when(phrase("{who} creates a task with null for a title and a list for a description"))
def create_with_two_invalid_fields(scene: Scene, who: str) -> None:
    scene.act(who, CREATE, json_body={"title": None, "description": ["text"]})


@when(phrase("{who} asks for her list"))
def list_tasks(scene: Scene, who: str) -> None:
    scene.act(who, LIST)


@when(phrase("{who} asks for her list with the query {query}"))
def list_with_query(scene: Scene, who: str, query: str) -> None:
    scene.act(who, LIST, query=f"?{query}")


@when(phrase("{who} asks for {other}'s list"))
def list_under_foreign_url(scene: Scene, who: str, other: str) -> None:
    scene.about(FOREIGN_URL)
    scene.act(who, LIST, url_user=scene.users.named(other).id)


@when(phrase('{who} reads the task "{title}"'))
def read(scene: Scene, who: str, title: str) -> None:
    scene.act(who, READ, scene.tasks[title].id)


@when(phrase('{who} reads {other}\'s task "{title}" under her own URL'))
def read_foreign(scene: Scene, who: str, other: str, title: str) -> None:
    scene.about(FOREIGN_TASK)
    expect_equal(scene.tasks[title].owner, other, "the task is another user's")
    scene.act(who, READ, scene.tasks[title].id)


@when(phrase("{who} reads a task that does not exist"))
def read_missing(scene: Scene, who: str) -> None:
    scene.about(NO_TASK)
    scene.act(who, READ, scene.tasks.unknown_id())


@when(phrase('{who} reads the task "{title}" and then asks for her list'))
def read_and_list(scene: Scene, who: str, title: str) -> None:
    scene.task_before = scene.tasks.read(who, scene.tasks[title].id)
    scene.users.send(who, LIST)
    scene.act(who, READ, scene.tasks[title].id)


@when(
    phrase(
        '{who} reads the task "{title}", changes it and reads it with the caching headers of the '
        "first answer"
    )
)
def read_conditionally(scene: Scene, who: str, title: str) -> None:
    identity = scene.tasks[title].id
    first = scene.users.send(who, READ, identity)
    scene.users.send(who, UPDATE, identity, json_body={"title": "changed"})
    conditions = [
        ("If-None-Match", first.header("etag") or "*"),
        ("If-Modified-Since", first.header("last-modified") or "Fri, 01 Jan 2100 00:00:00 GMT"),
    ]
    scene.act(who, READ, identity, headers=conditions)
