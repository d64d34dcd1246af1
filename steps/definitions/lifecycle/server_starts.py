"""The server is started again or with other settings, or refuses to start and says why."""

from __future__ import annotations

import secrets

from pytest_bdd import then, when

from steps.http.client import Client
from steps.http.expectations import expect, expect_equal
from steps.http.operations import CREATE, LIST, READ
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.target.capabilities import cannot
from steps.target.description.placeholders import DATABASE_URLS, placeholder_names

INVALID_SETTINGS: dict[str, dict[str, str | None]] = {
    "a JWT secret that is missing": {"jwt_secret": None},
    "a JWT secret that is empty": {"jwt_secret": ""},
    "a JWT secret that is 31 bytes long": {"jwt_secret": "s" * 31},
    "a database URL that is missing": {"database_url": None},
    "a database URL that is empty": {"database_url": ""},
    "a database URL that is not a URL": {"database_url": "the database next door"},
    "a CORS origin that is missing": {"cors_origin": None},
    "a CORS origin that is any origin, as *": {"cors_origin": "*"},
}
ANOTHER_ORIGIN = "https://another.example.test"
PLACEHOLDERS = {
    "JWT secret": "jwt_secret",
    "database URL": "database_url",
    "CORS origin": "cors_origin",
}


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
    user, url = scene.users.named("Alice"), LIST.url(scene.users.named("Alice").id, UNKNOWN_ID)
    _require_variable(scene, "jwt_secret")
    issuer = scene.target.issuer.with_unknown_key()
    with scene.target.second_server({}, jwt_secret=issuer.secret) as base_url:
        client = scene.client.at(base_url)
        scene.answers = [
            client.send("GET", url, token=user.token),
            client.send("GET", url, token=issuer.token(user.id)),
        ]
        client.close()


@when(
    phrase(
        "another server is started with another allowed origin, and a page of that origin asks it "
        "for {who}'s list"
    )
)
def another_origin(scene: Scene, who: str) -> None:
    fixed = scene.target.description.server.cors_origin
    expect(
        not fixed,
        "the allowed origin is fixed in the server's code: no variable tells it another",
        actual=fixed,
    )
    _require_variable(scene, "cors_origin")
    user = scene.users.named(who)
    with scene.target.second_server({}, cors_origin=ANOTHER_ORIGIN) as base_url:
        client = scene.client.at(base_url)
        path, headers = LIST.url(user.id, UNKNOWN_ID), [("Origin", ANOTHER_ORIGIN)]
        scene.answers = [client.send("GET", path, token=user.token, headers=headers)]
        client.close()


@then("the answer allows that other origin")
def other_origin_allowed(scene: Scene) -> None:
    allowed = scene.answer.header("access-control-allow-origin") or "none"
    expect_equal(allowed, ANOTHER_ORIGIN, "another origin is allowed", scene.answer)


@when("the server is started on another port")
def another_port(scene: Scene) -> None:
    if scene.target.description.server.port is not None:
        cannot("port")
    scene.start_result = scene.target.try_start({})


@then("it serves on that port")
@then("it starts")
def it_starts(scene: Scene) -> None:
    status, output = scene.started
    shown = f"status {status}: {output}"
    expect(status is None, "the server does not start", expected="it serves", actual=shown)


@when(phrase("the server is started with a JWT secret that is 32 bytes long"))
def start_with_shortest_secret(scene: Scene) -> None:
    _require_variable(scene, "jwt_secret")
    scene.start_result = scene.target.try_start({"jwt_secret": secrets.token_hex(16)})


@when(phrase("the server is started with {state:State}"))
def start_with_invalid_setting(scene: Scene, state: str) -> None:
    changes = INVALID_SETTINGS[state]
    for placeholder in changes:
        _require_variable(scene, placeholder)
    if state == "a database URL that is not a URL" and not _told_url_or_port(scene):
        cannot("no-url")
    scene.start_result = scene.target.try_start(changes)
    scene.answers = []
    if scene.start_result[0] is None:  # it serves: what it then says decides
        user, task = scene.users.named("Alice"), scene.tasks.unknown_id()
        with scene.target.second_server({}, **changes) as base_url:
            client = Client(base_url, scene.recorder)
            for operation in (LIST, READ):
                url = operation.url(user.id, task)
                scene.answers.append(client.send(operation.method, url, token=user.token))
            client.close()


def _require_variable(scene: Scene, placeholder: str) -> None:
    """Assert that a variable carries the setting: else a changed value never reaches the server."""
    if placeholder == "jwt_secret" and not scene.target.issuer.secret:
        cannot("secret")
    if placeholder == "cors_origin" and scene.target.description.server.cors_origin:
        cannot("another-origin")
    carried = "restart" not in scene.target.capabilities or scene.target.variables(placeholder)
    sentence = f"no variable in [server.env] of the target file carries {{{placeholder}}}"
    expect(carried, sentence)


@then("it refuses to start")
def refuses_to_start(scene: Scene) -> None:
    status, _ = scene.started
    started = "the server starts all the same"
    expect(status is not None, started, expected="a refusal to start", actual="it serves")


@then("it refuses to start, or serves nobody")
def refuses_or_serves_nobody(scene: Scene) -> None:
    """A server that reads a setting only when it needs it starts, and every request is a 5xx.

    How a start is refused is the server's affair: by a sentence, by a traceback, by any status.
    """
    status, _ = scene.started
    if status is None:
        scene.assert_every_answer(
            "a refusal to start, or a failure of every request",
            lambda one: (one.status or 500) >= 500,
            "the server serves, although a setting is missing or wrong",
        )


def _told_url_or_port(scene: Scene) -> bool:
    """Whether a variable holds the database's URL or port: any text can be a host or a name."""
    texts = scene.target.description.server.env.values()
    held = {name for text in texts for name in placeholder_names(text)}
    return bool(held & (DATABASE_URLS | {"database_port"}))


@then(phrase("it refuses to start and names the variable of the {what}"))
def refuses(scene: Scene, what: str) -> None:
    status, output = scene.started
    variables = scene.target.variables(PLACEHOLDERS[what])
    refused = "a refusal to start"
    served = f"the server starts with a {what} that it must refuse"
    expect(status is not None, served, expected=refused, actual="it serves")
    expect(status != 0, served, expected=refused, actual="it ended with status 0")
    expect(
        any(name in output for name in variables),
        f"a refusal to start does not name the variable of the {what}",
        expected=" or ".join(variables),
        actual=output or "no output",
    )


@then("it says so without a traceback")
def no_traceback(scene: Scene) -> None:
    _, output = scene.started
    sentence = "a refusal to start is a traceback"
    expect("Traceback" not in output, sentence, expected="one sentence", actual=output)
