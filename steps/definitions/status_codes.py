"""When: one operation in one situation, for the tables of status codes."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.answer import Answer, Headers
from steps.http.operations import NAMED
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.scenario.situations import SITUATIONS, request_in_situation


@when(phrase('{who} requests the operation "{operation}" when {situation}'))
def in_situation(scene: Scene, who: str, operation: str, situation: str) -> None:
    scene.answers = [request_in_situation(scene, who, NAMED[operation], situation)]


@when(phrase('the frontend requests the operation "{operation}" for {who} when {situation}'))
def frontend_in_situation(scene: Scene, operation: str, who: str, situation: str) -> None:
    origin = [("Origin", scene.target.cors_origin)]
    scene.answers = [request_in_situation(scene, who, NAMED[operation], situation, origin)]


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
        for op in NAMED.values()
    ]
    scene.answers.append(scene.client.send("GET", "/nowhere", headers=headers))


def _provoke_every_error(scene: Scene, headers: Headers = ()) -> list[Answer]:
    """Provoke each error on an operation where it can occur."""
    on_create = {"the body is invalid", "the body is broken JSON", "the body is too large"}
    return [
        request_in_situation(
            scene, "Alice", NAMED["create" if s in on_create else "read"], s, headers
        )
        for s in SITUATIONS[1:]
    ]
