"""When: one operation in one situation, for the tables of status codes."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.answer import Answer, Headers
from steps.http.operations import NAMED, Operation
from steps.scenario.bodies import FLAWS
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene

SITUATIONS = (
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


def provoke(
    scene: Scene, who: str, operation: Operation, situation: str, headers: Headers = ()
) -> Answer:
    """Request an operation in a situation that its name describes; all else is valid."""
    assert situation in SITUATIONS, f"unknown situation: {situation}"
    user = scene.user(who)
    token: str | None = user.token
    task, url_user, method, body = scene.some_task(who), user.id, operation.method, b""
    if operation.has_body:
        body = b'{"title": "from an operation"}'
    match situation:
        case "no token is sent":
            token = None
        case "the URL is Bob's":
            url_user, task = scene.user("Bob").id, scene.some_task("Bob")
        case "the task is Bob's":
            task = scene.some_task("Bob")
        case "the task does not exist":
            task = scene.unknown_task()
        case "the task id is no id":
            task = "not-a-uuid"
        case "the body is invalid":
            body = b'{"title": ""}'
        case "the body is broken JSON":
            body = FLAWS["broken JSON"]
        case "the body is too large":
            body = FLAWS["a body of 70,000 bytes"]
        case "the method is wrong":
            method = "POST"
    url = operation.url(url_user, task)
    if situation == "the path is unknown":
        url += "/unknown"
    return scene.client.send(method, url, token=token, body=body or None, headers=headers)


@when(phrase('{who} requests the operation "{operation}" when {situation}'))
def in_situation(scene: Scene, who: str, operation: str, situation: str) -> None:
    scene.answers = [provoke(scene, who, NAMED[operation], situation)]


@when(phrase('the frontend requests the operation "{operation}" for {who} when {situation}'))
def frontend_in_situation(scene: Scene, operation: str, who: str, situation: str) -> None:
    origin = [("Origin", scene.target.cors_origin)]
    scene.answers = [provoke(scene, who, NAMED[operation], situation, origin)]


@when("every kind of error but 500 is provoked")
def every_error(scene: Scene) -> None:
    scene.answers = _every_error(scene)


@when(
    phrase("{who} requests every operation and every kind of error with the Accept header {accept}")
)
def everything_accepting(scene: Scene, who: str, accept: str) -> None:
    headers = [("Accept", accept)]
    scene.answers = _every_error(scene, headers)
    scene.answers += [
        scene.send(who, op, scene.some_task(who), headers=headers) for op in NAMED.values()
    ]
    scene.answers.append(scene.client.send("GET", "/nowhere", headers=headers))


def _every_error(scene: Scene, headers: Headers = ()) -> list[Answer]:
    """Provoke each error on an operation where it can occur."""
    on_create = {"the body is invalid", "the body is broken JSON", "the body is too large"}
    return [
        provoke(scene, "Alice", NAMED["create" if s in on_create else "read"], s, headers)
        for s in SITUATIONS[1:]
    ]
