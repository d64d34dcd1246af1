"""Where the server has each operation, beside the path that the spec names."""

from __future__ import annotations

from pytest_bdd import then, when

from steps.http.expectations import expect, expect_equal
from steps.http.operations import NAMED, Operation
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@when(
    phrase('{who} requests the operation "{operation}" where the server has it'),
    target_fixture="looked_for",
)
def request_operation(scene: Scene, who: str, operation: str) -> Operation:
    looked_for = NAMED[operation]
    if scene.client.layout.offers(looked_for):
        scene.answers = [scene.users.send(who, looked_for, scene.tasks.unknown_id())]
    return looked_for


@then(phrase("it is at {method:Method} {path:Word}"))
def is_at(scene: Scene, looked_for: Operation, method: str, path: str) -> None:
    layout = scene.client.layout
    there = f"{method} {path}"
    offered = layout.offers(looked_for)
    expect(offered, "the server does not offer the operation", expected=there, actual="nowhere")
    found = layout.route(looked_for)
    here = f"{found.method} {found.path}"
    expect_equal(here, there, "the operation is at another address", scene.answer)
