"""Requests of one operation in one case of the tables of status codes."""

from __future__ import annotations

from steps.http.answer import Answer, Headers
from steps.http.operations import Operation
from steps.scenario.bodies import INVALID_BODIES
from steps.scenario.identities import malformed
from steps.scenario.scene import Scene

CASES = (
    "all is well",
    "no token is sent",
    "the URL is Bob's",
    "the task is Bob's",
    "the task does not exist",
    "the task id is no id",
    "the body is invalid",
    "the body is broken JSON",
    "the body is too large",
    "the path is unknown",
    "the method is wrong",
)


def request_in_case(
    scene: Scene, who: str, operation: Operation, case: str, headers: Headers = ()
) -> Answer:
    """Request an operation in one of the `CASES`; all else about the request is valid."""
    assert case in CASES, f"unknown situation: {case}"
    user = scene.users.named(who)
    token: str | None = user.token
    task, url_user, method, body = scene.tasks.first_id_of(who), user.id, operation.method, b""
    if operation.has_body:
        body = b'{"title": "from an operation"}'
    match case:
        case "no token is sent":
            token = None
        case "the URL is Bob's":
            scene.client.layout.require_user_in_path([operation])
            url_user, task = scene.users.named("Bob").id, scene.tasks.first_id_of("Bob")
        case "the task is Bob's":
            task = scene.tasks.first_id_of("Bob")
        case "the task does not exist":
            task = scene.tasks.unknown_id()
        case "the task id is no id":
            task = malformed("a word", scene.tasks.sample_id())
        case "the body is invalid":
            body = b'{"title": ""}'
        case "the body is broken JSON":
            body = INVALID_BODIES["broken JSON"]
        case "the body is too large":
            body = INVALID_BODIES["a body of 70,000 bytes"]
        case "the method is wrong":
            method = "POST"
    url = operation.url(url_user, task)
    if case == "the path is unknown":
        url += "/unknown"
    return scene.client.send(method, url, token=token, body=body or None, headers=headers)
