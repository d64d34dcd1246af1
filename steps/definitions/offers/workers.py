"""Several processes of the server on one port."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.operations import CREATE, LIST
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.target.capabilities import offered


@when(
    phrase(
        'a server of several workers gets "{title}" from {who}, is stopped and started again, and '
        "is asked for her list"
    )
)
def create_and_restart(scene: Scene, title: str, who: str) -> None:
    user, env = scene.users.named(who), offered(scene.target.description.offers.workers)
    sent = [(CREATE, {"title": title}), (LIST, ...)]
    scene.answers = []
    for operation, body in sent:
        with scene.target.second_server(env) as base_url:
            client = scene.client.at(base_url)
            path = operation.url(user.id, UNKNOWN_ID)
            answer = client.send(operation.method, path, token=user.token, json_body=body)
            scene.answers.append(answer)
            client.close()
