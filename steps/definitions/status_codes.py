"""When: one operation in one case of the tables of status codes."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.answer import Answer, Headers
from steps.http.operations import CREATE, DELETE, EVERY, LIST, NAMED, ON_A_TASK, UPDATE
from steps.scenario.bodies import CONTENT_TYPES, INVALID_TASKS, RAW_BODIES, task_body
from steps.scenario.identities import MALFORMED, malformed
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.scenario.status_code_cases import CASES, request_in_case
from steps.scenario.token_defects import DEFECTS, headers_with, own_id_of

LARGE = "a token of 100,000 characters"
"""A head that the web server itself may refuse, before the application sees it."""
TOKEN_DEFECTS = [defect for defect in DEFECTS if defect not in {LARGE, "two Authorization headers"}]


@when(phrase('{who} requests the operation "{operation}" when {case}'))
def in_case(scene: Scene, who: str, operation: str, case: str) -> None:
    scene.answers = [request_in_case(scene, who, NAMED[operation], case)]


@when(phrase('the frontend requests the operation "{operation}" for {who} when {case}'))
def frontend_in_case(scene: Scene, operation: str, who: str, case: str) -> None:
    origin = [("Origin", scene.target.cors_origin)]
    scene.answers = [request_in_case(scene, who, NAMED[operation], case, origin)]


@when("every kind of error but 500 is provoked")
def every_error(scene: Scene) -> None:
    scene.answers = _provoke_every_error(scene)


@when(
    phrase("{who} requests every operation and every kind of error with the Accept header {accept}")
)
def everything_accepting(scene: Scene, who: str, accept: str) -> None:
    headers = [("Accept", accept)]
    scene.answers = _provoke_every_error(scene, headers)
    scene.answers += [
        scene.users.send(who, op, scene.tasks.first_id_of(who), headers=headers)
        for op in scene.client.layout.offered(EVERY)
    ]
    scene.answers.append(scene.client.send("GET", "/nowhere", headers=headers))


def _provoke_every_error(scene: Scene, headers: Headers = ()) -> list[Answer]:
    """Provoke each error on an operation where it can occur, if the server's layout lets it."""
    on_create = {"the body is invalid", "the body is broken JSON", "the body is too large"}
    layout = scene.client.layout
    on_a_task = layout.offered(ON_A_TASK)[0]
    left_out = set() if layout.names_user(on_a_task) else {"the URL is Bob's"}
    answers = [
        request_in_case(scene, "Alice", CREATE if case in on_create else on_a_task, case, headers)
        for case in CASES[1:]
        if case not in left_out
    ]
    scene.about("")  # what is sent after them is none of these cases
    return answers


@when(phrase("{who} provokes every error that the features know"))
def provoke_whatever_is_known(scene: Scene, who: str) -> None:
    """Send whatever any feature sends that a server may not expect: none may break its answers."""
    own, task = scene.users.named(who), scene.tasks.first_id_of(who)
    scene.answers = _provoke_every_error(scene)
    for defect in TOKEN_DEFECTS:
        url = LIST.url(own_id_of(defect, scene) or own.id, task)
        scene.answers.append(scene.client.send("GET", url, headers=headers_with(defect, scene)))
    for name, body in RAW_BODIES.items():
        headers = [("Content-Type", CONTENT_TYPES.get(name, "application/json"))]
        for operation in (CREATE, UPDATE):
            scene.answers.append(
                scene.users.send(who, operation, task, body=body(), headers=headers)
            )
    for kind in INVALID_TASKS:
        for operation in (CREATE, UPDATE):
            scene.answers.append(scene.users.send(who, operation, task, json_body=task_body(kind)))
    for kind in MALFORMED:
        identity = malformed(kind, scene.tasks.sample_id())
        scene.answers += [scene.users.send(who, one, identity) for one in ON_A_TASK]
    missing = scene.tasks.unknown_id()
    scene.answers += [scene.users.send(who, one, missing) for one in ON_A_TASK]
    scene.answers += [scene.users.send(who, DELETE, task) for _ in range(2)]
