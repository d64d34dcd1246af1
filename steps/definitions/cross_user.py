"""When: requests for what belongs to another user."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from pytest_bdd import when

from steps.http.answer import Answer, Headers, UnansweredError
from steps.http.operations import CREATE, EVERY, LIST, ON_A_TASK, READ, UPDATE
from steps.scenario.acting_users import FOREIGN_TASK, FOREIGN_URL, UNKNOWN_USER
from steps.scenario.bodies import INVALID_BODIES
from steps.scenario.identities import TEXT, kind_of, one_character_apart
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.scenario.token_defects import headers_with
from steps.target.capabilities import cannot

IDENTITY_HEADERS = (
    "X-User-Id",
    "X-User",
    "X-Auth-User",
    "X-Auth-User-Id",
    "X-Authenticated-User",
    "X-Authenticated-User-Id",
    "X-Authenticated-Userid",
    "X-Remote-User",
    "Remote-User",
    "X-Forwarded-User",
    "X-Impersonate-User",
)
"""Headers by which proxies and gateways tell a server behind them who the user is."""
OWNER_FIELDS = (
    "user_id",
    "userId",
    "uid",
    "sub",
    "owner",
    "owner_id",
    "ownerId",
    "created_by",
)
"""What bodies and queries call the user whose task it is."""
INJECTIONS = ("' OR '1'='1", "'; DROP TABLE tasks; --", "1 UNION SELECT 1", '" OR ""="', "%' --")


@when(phrase("{who} requests every operation"))
def every_operation(scene: Scene, who: str) -> None:
    scene.answers = scene.send_every_operation(who)


@when(phrase("{who} requests every operation under {other}'s URL"))
def under_foreign_url(scene: Scene, who: str, other: str) -> None:
    scene.about(FOREIGN_URL)
    scene.answers = scene.send_every_operation(who, url_user=scene.users.named(other).id)


@when(phrase("an unknown user requests every operation under {other}'s URL"))
def unknown_user_under_foreign_url(scene: Scene, other: str) -> None:
    scene.about(UNKNOWN_USER)
    headers = headers_with("the token of an unknown user", scene)
    scene.answers = scene.send_every_operation(other, auth=headers)


@when(phrase("{who} requests every operation under the URL of nobody"))
def under_unknown_url(scene: Scene, who: str) -> None:
    scene.about("under the URL of nobody")
    scene.users.named(who)
    scene.answers = scene.send_every_operation(who, url_user=scene.users.unknown_id())


@when(phrase("{who} requests every operation under {attack:Attack}"))
def attack(scene: Scene, who: str, attack: str) -> None:
    scene.about(_case_of_attack(attack))
    own_id, foreign_id = scene.users.named(who).id, scene.users.named("Bob").id
    if attack == "her own id in upper case":
        other_case = own_id.swapcase() if own_id.upper() == own_id else own_id.upper()
        if kind_of(own_id) != TEXT or other_case == own_id:
            cannot("letters")  # a UUID in upper case is the same id (RFC 9562, section 4)
    his, hers = scene.tasks.first_id_of("Bob"), scene.tasks.first_id_of(who)
    body = {"title": "taken over", "user_id": foreign_id}
    if attack == "her own URL, on Bob's task":
        # Creating and listing take no task id: under her own URL they attack nothing of Bob's.
        offered = scene.client.layout.offered(ON_A_TASK)
        scene.answers = [scene.users.send(who, operation, his) for operation in offered]
        return
    attacks: dict[str, tuple[str, str, dict[str, Any]]] = {
        "Bob's URL, on his task": (foreign_id, his, {}),
        "Bob's URL, on her own task": (foreign_id, hers, {}),
        "Bob's URL, on a task that does not exist": (foreign_id, scene.tasks.unknown_id(), {}),
        "an id that is hers but for one character": (one_character_apart(own_id), hers, {}),
        "her own id in upper case": (own_id.upper(), hers, {}),
        "her own id followed by %00": (own_id + "\u0000", hers, {}),
        "Bob's URL, with his id as user_id in the body": (foreign_id, his, {"json_body": body}),
    }
    url_user, task, request = attacks[attack]
    scene.answers = [
        # Only an operation that has a body gets one: a GET with a body may be refused for that.
        scene.users.send(
            who, operation, task, url_user=url_user, **(request if operation.has_body else {})
        )
        for operation in EVERY
    ]


def _case_of_attack(attack: str) -> str:
    if attack == "her own URL, on Bob's task":
        return FOREIGN_TASK
    return FOREIGN_URL if attack.startswith("Bob's URL") else f"under {attack}"


@when(phrase("{who} sends to {other}'s URL {flaw}"))
def invalid_request_to_foreign_url(scene: Scene, who: str, other: str, flaw: str) -> None:
    scene.about(f"{FOREIGN_URL} with {flaw}")
    headers = [("Authorization", f"Bearer {scene.users.named(who).token}")]
    scene.client.layout.require_user_in_path((CREATE, UPDATE))
    scene.answers = _send_invalid(scene, scene.users.named(other).id, headers, flaw)


@when(phrase("somebody without a token sends to {other}'s URL {flaw}"))
def invalid_request_without_token(scene: Scene, other: str, flaw: str) -> None:
    scene.answers = _send_invalid(scene, scene.users.named(other).id, [], flaw)


@when(phrase("an unknown user sends to the own URL {flaw}"))
def invalid_request_of_unknown_user(scene: Scene, flaw: str) -> None:
    scene.about(f"{UNKNOWN_USER} and {flaw}")
    headers = headers_with("the token of an unknown user", scene)
    scene.answers = _send_invalid(scene, scene.users.unknown_id(), headers, flaw)


def _send_invalid(scene: Scene, user_id: str, headers: Headers, flaw: str) -> list[Answer]:
    """Send an invalid body to both operations that take one, or a malformed id to the others."""
    client = scene.client
    if flaw == "a malformed task id":
        return [
            client.send(op.method, op.url(user_id, "milk"), headers=headers)
            for op in client.layout.offered(ON_A_TASK)
        ]
    task = scene.tasks.unknown_id()
    with_body = client.layout.offered((CREATE, UPDATE))
    urls = [(op.method, op.url(user_id, task)) for op in with_body]
    if flaw == "a body that never comes":
        announced = dict(headers) | {"Content-Type": "application/json", "Content-Length": "100"}
        return [client.send_unfinished(method, url, announced) for method, url in urls]
    return [
        client.send(method, url, headers=headers, body=INVALID_BODIES[flaw]) for method, url in urls
    ]


@when(phrase("{who} and {other} each request every operation on each of the six tasks"))
@when(phrase("{who} and {other} each request every operation on each of their tasks"))
def every_operation_on_every_task(scene: Scene, who: str, other: str) -> None:
    """Send one operation for all pairs of user and task, then the next: deletions come last."""
    scene.answers = []
    for operation in scene.client.layout.offered(EVERY):
        pairs = [(user, task) for user in (who, other) for task in scene.tasks.all()]
        # The other user's request comes first: a task that its owner deleted cannot be attacked.
        for user, task in sorted(pairs, key=lambda pair: pair[0] == pair[1].owner):
            own = task.owner == user
            body = {"title": task.title if own else "taken over"}
            request: dict[str, Any] = {"json_body": body} if operation.has_body else {}
            try:
                answer = scene.users.send(user, operation, task.id, **request)
            except UnansweredError as error:  # what was answered before is judged
                scene.answers.append(error.answer)
                return
            scene.answers.append(replace(answer, own=own or operation not in ON_A_TASK))


@when(phrase("{owner} and {who} read {other}'s task in turn, twice, {same} under her own URL"))
def read_in_turn(scene: Scene, owner: str, who: str) -> None:
    """Let the owner read first: a server that keeps what it has read may hand it to anybody."""
    scene.about(FOREIGN_TASK)
    task = scene.tasks.first_id_of(owner)
    scene.answers = [scene.users.send(user, READ, task) for user in (owner, who) * 2]


@when(phrase("{owner} and {who} read {other}'s task in turn, twice, {same} under {url}'s URL"))
def read_in_turn_under_foreign_url(scene: Scene, owner: str, who: str) -> None:
    scene.about(FOREIGN_URL)
    task, own = scene.tasks.first_id_of(owner), scene.users.named(owner).id
    scene.answers = [scene.users.send(user, READ, task, url_user=own) for user in (owner, who) * 2]


@when(phrase("{who} requests every operation while {place} names {other}"))
def every_operation_naming_other_user(scene: Scene, who: str, place: str, other: str) -> None:
    scene.about(f"while {place} names another user")
    identity = scene.users.named(other).id
    requests: dict[str, dict[str, Any]] = {
        "the body": {"json_body": {"title": "Buy milk", **dict.fromkeys(OWNER_FIELDS, identity)}},
        "the query": {"query": "?" + "&".join(f"{name}={identity}" for name in OWNER_FIELDS)},
        "a header": {"headers": [(name, identity) for name in IDENTITY_HEADERS]},
        "a cookie": {"headers": [("Cookie", f"user_id={identity}; session={identity}")]},
    }
    scene.answers = scene.send_every_operation(who, **requests[place])


@when(phrase("{who} puts the usual injections into the {place}"))
def send_injections(scene: Scene, who: str, place: str) -> None:
    scene.about(f"with an injection as {place}")
    user, task = scene.users.named(who), scene.tasks.first_id_of(who)
    scene.answers = []
    # On a server that others use, an injection that works must not change their tasks.
    operations = scene.client.layout.offered((LIST, READ) if scene.target.shared else EVERY)
    for text in INJECTIONS:
        for operation in operations:
            if place == "task id" and operation in ON_A_TASK:
                scene.answers.append(scene.users.send(who, operation, quote(text, safe="")))
            elif place == "URL's user id":
                url_user = f"{user.id}{text}"
                scene.answers.append(scene.users.send(who, operation, task, url_user=url_user))
            elif place == "token's subject":
                token = scene.target.issuer.token(f"{user.id}{text}")
                scene.answers.append(scene.users.send(who, operation, task, token=token))
