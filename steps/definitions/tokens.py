"""When: requests with a wrong token, a token in another place, or one with unusual claims."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from pytest_bdd import given, when

from steps.http.answer import Answer, Headers
from steps.http.expectations import WITHOUT_HEADER
from steps.http.operations import CREATE, LIST
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.scenario.token_defects import bearer, headers_with, own_id_of, with_defect
from traceability.evidence.recording.not_run import NotRun

LIFETIMES = (3, 12, 48)
"""Seconds that a token is good for: longer ones for a server that does not answer in time."""
SURELY_EXPIRED = 2
"""Seconds after its expiry when the server's clock, too, is past it: clocks are apart a little."""


@when(phrase("every operation is requested with {defect}"))
def every_operation_with_defect(scene: Scene, defect: str) -> None:
    scene.about(with_defect(defect))
    headers = headers_with(defect, scene)
    own = own_id_of(defect, scene)
    scene.answers = scene.send_every_operation("Alice", auth=headers, url_user=own)


@when(phrase("{who}'s list is requested with {defect}"))
def list_with_defect(scene: Scene, who: str, defect: str) -> None:
    scene.about(with_defect(defect))
    scene.answers = [_request_list(scene, who, headers_with(defect, scene))]


@when(phrase("while the database is stopped, {who}'s list is requested with {defect}"))
def list_with_defect_in_outage(scene: Scene, who: str, defect: str) -> None:
    scene.about(with_defect(defect))
    headers = headers_with(defect, scene)
    with scene.database_stopped():
        scene.answers = [_request_list(scene, who, headers)]


def _request_list(scene: Scene, who: str, headers: Headers) -> Answer:
    url = LIST.url(scene.users.named(who).id, UNKNOWN_ID)
    scene.log.mark_end()
    return scene.client.send("GET", url, headers=headers)


@when(phrase('{who} asks for her list with the scheme written "{text}"'))
def list_with_scheme(scene: Scene, who: str, text: str) -> None:
    scene.about(f"with the scheme written {text}")
    headers = [("Authorization", f"{text} {scene.users.named(who).token}")]
    scene.answers = [_request_list(scene, who, headers)]


@when(phrase("{who} asks for her list with the token {elsewhere}"))
def list_with_token_elsewhere(scene: Scene, who: str, elsewhere: str) -> None:
    scene.about(f"with the token {elsewhere}")
    token = scene.users.named(who).token
    url = LIST.url(scene.users.named(who).id, UNKNOWN_ID)
    headers: dict[str, list[tuple[str, str]]] = {
        "in the query string": [],
        "in a cookie": [("Cookie", f"token={token}; access_token={token}; session={token}")],
        "in an X-Auth-Token header": [("X-Auth-Token", token), ("X-Access-Token", token)],
        "without a scheme": [("Authorization", token)],
    }
    query = f"?token={token}&access_token={token}" if "query" in elsewhere else ""
    scene.log.mark_end()
    scene.answers = [scene.client.send("GET", url + query, headers=headers[elsewhere])]


@when(phrase("a task is created with no token and a body that names {who} as the user"))
def create_without_token(scene: Scene, who: str) -> None:
    scene.about(WITHOUT_HEADER)
    user = scene.users.named(who)
    body = {"title": "Buy milk", "user_id": user.id}
    url = CREATE.url(user.id, UNKNOWN_ID)
    scene.answers = [scene.client.send("POST", url, json_body=body)]


@when(phrase("{who} asks for her list with a token that also claims {other}'s id as {names}"))
def list_with_more_claims(scene: Scene, who: str, other: str, names: str) -> None:
    scene.about("with a token that claims another id, too")
    issuer, user = scene.target.issuer, scene.users.named(who)
    claims = dict.fromkeys(names.replace(" and ", ", ").split(", "), scene.users.named(other).id)
    token = issuer.sign(issuer.header(), issuer.payload(user.id) | claims)
    scene.act(who, LIST, token=token)


@when(phrase("{who} asks for her list with a token that holds only sub and exp"))
def list_with_minimal_token(scene: Scene, who: str) -> None:
    """Issuer and audience come along where the target file has them: they are configured then."""
    scene.about("with a token of the needed claims only")
    issuer = scene.target.issuer
    needed = {"sub", "exp"} | ({"iss", "aud"} & issuer.claims.keys())
    payload = {k: v for k, v in issuer.payload(scene.users.named(who).id).items() if k in needed}
    scene.act(who, LIST, token=issuer.sign(issuer.header(), payload))


@when(phrase("{who} asks for her list with a token that expires in a minute"))
def list_with_expiring_token(scene: Scene, who: str) -> None:
    scene.about("with a token that expires in a minute")
    issuer = scene.target.issuer
    payload = issuer.payload(scene.users.named(who).id)
    payload["exp"] = int(datetime.now(UTC).timestamp()) + 60
    scene.act(who, LIST, token=issuer.sign(issuer.header(), payload))


@given(phrase("a token of {who}'s was served and has expired since"), target_fixture="expired")
def expired_since(scene: Scene, who: str) -> str:
    """Let a token open the list, and wait until it is good no more.

    A server that keeps what it has verified would go on serving it.
    """
    for seconds in LIFETIMES:
        issuer, payload = (
            scene.target.issuer,
            scene.target.issuer.payload(scene.users.named(who).id),
        )
        payload["exp"] = int(time.time()) + seconds
        token = issuer.sign(issuer.header(), payload)
        answer = scene.users.send(who, LIST, token=token)
        if answer.status == 200:
            left = payload["exp"] + SURELY_EXPIRED - time.time()
            time.sleep(max(0.0, left))
            return token
    raise NotRun("target cannot serve a token that expires soon: its list was not answered 200")


@when("that token is sent with every operation")
def every_operation_with_expired(scene: Scene, expired: str) -> None:
    scene.about("with a token that was served before it expired")
    scene.answers = scene.send_every_operation("Alice", auth=bearer(expired))
