"""When: requests with the headers of a plain HTTP client such as curl."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.lenient import task_id, task_in
from steps.http.operations import CREATE, DELETE, LIST, READ, TOGGLE, UPDATE
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

CURL_HEADERS = [("User-Agent", "curl/8.0"), ("Accept", "*/*")]


@when(
    phrase(
        "a plain HTTP client creates, lists, reads, updates, toggles and deletes a task "
        "with {who}'s token"
    )
)
def plain_client_uses_every_operation(scene: Scene, who: str) -> None:
    created = scene.users.send(who, CREATE, headers=CURL_HEADERS)
    identity = task_id(task_in(created))
    others = (LIST, READ, UPDATE, TOGGLE, DELETE)
    scene.answers = [created] + [
        scene.users.send(who, op, identity, headers=CURL_HEADERS) for op in others
    ]


@when(phrase("a plain HTTP client asks for {who}'s list"))
def plain_client_lists(scene: Scene, who: str) -> None:
    scene.act(who, LIST, headers=CURL_HEADERS)
