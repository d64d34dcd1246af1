"""When: PostgreSQL is stopped or restarted."""

from __future__ import annotations

from pytest_bdd import when

from steps.http.operations import LIST, TOGGLE, UPDATE
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene


@when(phrase("{who} requests every operation while the database is stopped"))
def every_operation_in_outage(scene: Scene, who: str) -> None:
    scene.about("while the database is stopped")
    with scene.database_stopped():
        scene.answers = scene.send_every_operation(who)


@when(phrase("{who} asks for her list while the database is stopped"))
def list_in_outage(scene: Scene, who: str) -> None:
    scene.about("while the database is stopped")
    with scene.database_stopped():
        scene.answers = [scene.users.send(who, LIST)]


@when(phrase("PostgreSQL is restarted and {who} asks for her list"))
def restart_and_list(scene: Scene, who: str) -> None:
    scene.about("after a restart of the database")
    with scene.database_stopped():
        pass
    scene.act(who, LIST)


@when(phrase('{who} renames the task "{title}", PostgreSQL is restarted, and {other} completes it'))
def restart_between_writes(scene: Scene, who: str, title: str, other: str) -> None:
    identity = scene.tasks[title].id
    renamed = scene.users.send(who, UPDATE, identity, json_body={"title": "renamed"})
    with scene.database_stopped():
        pass
    scene.answers = [renamed, scene.users.send(other, TOGGLE, identity)]


@when(phrase("the server is started while the database is stopped, and {who} asks for her list"))
def start_in_outage(scene: Scene, who: str) -> None:
    scene.about("after a start without the database")
    user = scene.users.named(who)
    scene.target.kill()
    with scene.database_stopped():
        scene.target.start()
        url = LIST.url(user.id, UNKNOWN_ID)
        scene.answers = [scene.client.send("GET", url, token=user.token)]
