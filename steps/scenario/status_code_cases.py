"""Requests of one operation in one case of the tables of status codes."""

from __future__ import annotations

from steps.http.answer import Answer, Headers
from steps.http.expectations import WITHOUT_HEADER, expect
from steps.http.operations import Operation
from steps.scenario.acting_users import FOREIGN_TASK, FOREIGN_URL, MALFORMED_ID, NO_TASK
from steps.scenario.bodies import INVALID_BODIES
from steps.scenario.identities import malformed
from steps.scenario.scene import Scene

CASE_WORDS = {
    "all is well": "",
    "no token is sent": WITHOUT_HEADER,
    "the URL is Bob's": FOREIGN_URL,
    "the task is Bob's": FOREIGN_TASK,
    "the task does not exist": NO_TASK,
    "the task id is no id": MALFORMED_ID,
    "the body is invalid": "with an empty title",
    "the body is broken JSON": "with broken JSON",
    "the body is too large": "with a body of 70,000 bytes",
    "the path is unknown": "on an unknown path",
    "the method is wrong": "with a wrong method",
}
"""Each case as the features name it, and in words for the report."""
CASES = tuple(CASE_WORDS)


def request_in_case(
    scene: Scene, who: str, operation: Operation, case: str, headers: Headers = ()
) -> Answer:
    """Request an operation in one of the `CASES`; all else about the request is valid."""
    expect(case in CASES, f"unknown situation: {case}")
    scene.about(CASE_WORDS[case])
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
