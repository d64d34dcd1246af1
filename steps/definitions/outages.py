"""When: servers, databases and users come and go."""

from __future__ import annotations

import secrets

import psycopg
from pytest_bdd import then, when

from steps.http.answer import Answer
from steps.http.client import Client
from steps.http.lenient import task_id, task_in
from steps.http.operations import CREATE, LIST, READ, TOGGLE, UPDATE
from steps.scenario.phrases import phrase
from steps.scenario.scene import UNKNOWN_ID, Scene
from steps.target.abilities import cannot

REFUSED_SETTINGS: dict[str, dict[str, str | None]] = {
    "a JWT secret that is missing": {"jwt_secret": None},
    "a JWT secret that is empty": {"jwt_secret": ""},
    "a JWT secret that is 31 bytes long": {"jwt_secret": "s" * 31},
    "a database URL that is missing": {"database_url": None},
    "a database URL that is empty": {"database_url": ""},
    "a database URL that is not a URL": {"database_url": "the database next door"},
    "a CORS origin that is missing": {"cors_origin": None},
    "a CORS origin that is any origin, as *": {"cors_origin": "*"},
}
PLACEHOLDERS = {
    "JWT secret": "jwt_secret",
    "database URL": "database_url",
    "CORS origin": "cors_origin",
}


# The database


@when(phrase("{who} requests every operation while the database is stopped"))
def every_operation_in_outage(scene: Scene, who: str) -> None:
    with scene.outage():
        scene.answers = scene.every_operation(who)


@when(phrase("{who} asks for her list while the database is stopped"))
def list_in_outage(scene: Scene, who: str) -> None:
    with scene.outage():
        scene.answers = [scene.send(who, LIST)]


@when(phrase("PostgreSQL is restarted and {who} asks for her list"))
def restart_and_list(scene: Scene, who: str) -> None:
    with scene.outage():
        pass
    scene.act(who, LIST)


@when(phrase('{who} renames the task "{title}", PostgreSQL is restarted, and {other} completes it'))
def restart_between_writes(scene: Scene, who: str, title: str, other: str) -> None:
    identity = scene.tasks[title].id
    renamed = scene.send(who, UPDATE, identity, json_body={"title": "renamed"})
    with scene.outage():
        pass
    scene.answers = [renamed, scene.send(other, TOGGLE, identity)]


@when(phrase("the server is started while the database is stopped, and {who} asks for her list"))
def start_in_outage(scene: Scene, who: str) -> None:
    user = scene.user(who)
    scene.target.kill()
    with scene.outage():
        scene.target.start()
        url = LIST.url(user.id, UNKNOWN_ID)
        scene.answers = [scene.client.send("GET", url, token=user.token)]


# The server


@when(phrase("the server is killed and started again, and {who} asks for her list"))
def kill_and_list(scene: Scene, who: str) -> None:
    scene.target.kill()
    scene.target.start()
    scene.act(who, LIST)


@when(phrase('{who} creates a task titled "{title}", the server is killed and started again'))
def create_and_kill(scene: Scene, who: str, title: str) -> None:
    scene.act(who, CREATE, json_body={"title": title})
    scene.target.kill()
    scene.target.start()


@when("another server is started with another JWT secret")
def another_secret(scene: Scene) -> None:
    user, url = scene.user("Alice"), LIST.url(scene.user("Alice").id, UNKNOWN_ID)
    _require_variable(scene, "jwt_secret")
    issuer = scene.target.issuer.with_unknown_key()
    with scene.target.second_server({}, jwt_secret=issuer.secret) as base_url:
        client = Client(base_url, scene.recorder)
        scene.answers = [
            client.send("GET", url, token=user.token),
            client.send("GET", url, token=issuer.token(user.id)),
        ]
        client.close()


@when("the server is started on another port")
def another_port(scene: Scene) -> None:
    if scene.target.description.server.port is not None:
        cannot("port")
    scene.start_up = scene.target.try_start({})


@then("it serves on that port")
@then("it starts")
def it_starts(scene: Scene) -> None:
    assert scene.start_up is not None
    status, output = scene.start_up
    assert status is None, f"it ended with status {status}:\n{output}"


@when(phrase("the server is started with a JWT secret that is 32 bytes long"))
def just_long_enough(scene: Scene) -> None:
    _require_variable(scene, "jwt_secret")
    scene.start_up = scene.target.try_start({"jwt_secret": secrets.token_hex(16)})


@when(phrase("the server is started with {state:State}"))
def start_with(scene: Scene, state: str) -> None:
    changes = REFUSED_SETTINGS[state]
    for placeholder in changes:
        _require_variable(scene, placeholder)
    scene.start_up = scene.target.try_start(changes)


def _require_variable(scene: Scene, placeholder: str) -> None:
    """Make sure that a change of what the environment says can reach the server."""
    if placeholder == "jwt_secret" and not scene.target.issuer.secret:
        cannot("secret")
    told = "restart" not in scene.target.capabilities or scene.target.variables(placeholder)
    assert told, f"no variable in [server.env] of the target file carries {{{placeholder}}}"


@then(phrase("it refuses to start and names the variable of the {what}"))
def refuses(scene: Scene, what: str) -> None:
    assert scene.start_up is not None
    status, output = scene.start_up
    variables = scene.target.variables(PLACEHOLDERS[what])
    assert status is not None, "it started all the same"
    assert status != 0, "it ended with status 0, as if nothing were wrong"
    assert any(name in output for name in variables), f"{variables} is not named in:\n{output}"


@then("it says so without a traceback")
def no_traceback(scene: Scene) -> None:
    assert scene.start_up is not None
    assert "Traceback" not in scene.start_up[1], f"a traceback:\n{scene.start_up[1]}"


# The users


@when(phrase("the identity provider deletes {who} and every operation is requested"))
def delete_and_request(scene: Scene, who: str) -> None:
    # Whether the tasks go along by themselves is judged elsewhere.
    identity = {"id": scene.users[who].id}
    scene.target.database.ask("DELETE FROM {tasks} WHERE user_id::text = %(id)s", identity)
    _delete_user(scene, who)
    scene.answers = scene.every_operation(who)


@when(phrase("{who} asks for her list and then the identity provider deletes {other}"))
def list_and_delete(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST)
    _delete_user(scene, other)


def _delete_user(scene: Scene, who: str) -> None:
    scene.target.delete_user(scene.users[who])


@when(
    phrase(
        "{who} creates {count:Number} tasks at the same time while the identity provider "
        "deletes {other}"
    )
)
def create_while_deleted(scene: Scene, who: str, count: int, other: str) -> None:
    """Let the deletion hold its lock until the creations stand in line behind it."""
    user = scene.user(other)
    with psycopg.connect(scene.target.database.owner_url) as connection:

        def create() -> Answer:
            return scene.send(who, CREATE, record=False)

        def commit() -> None:
            scene.wait_for_blocked_sessions()
            connection.commit()

        deletion = scene.target.database.statement("DELETE FROM {users} WHERE id::text = %s")
        connection.execute(deletion, [user.id])
        scene.answers = scene.at_once([create] * count, meanwhile=commit)


@when(
    phrase(
        '{who} reads the task "{title}" and the operator tries to hand it to a user who does '
        "not exist"
    )
)
def orphan(scene: Scene, who: str, title: str) -> None:
    scene.act(who, READ, scene.tasks[title].id)
    identity = task_id(task_in(scene.answer))
    try:
        scene.target.database.ask(
            "UPDATE {tasks} SET user_id = %(nobody)s WHERE id::text = %(id)s",
            {"nobody": str(10**9) if scene.user(who).id.isdigit() else UNKNOWN_ID, "id": identity},
        )
    except psycopg.Error as error:
        scene.refused = error


@then("the database refuses because of a foreign key")
def foreign_key_refused(scene: Scene) -> None:
    kind = type(scene.refused).__name__
    assert kind == "ForeignKeyViolation", f"expected a ForeignKeyViolation, got {kind}"
