"""An identity provider that publishes its keys (RFC 7517), and servers that offer more."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_bdd import then, when

from steps.client import Client
from steps.operations import LIST
from steps.phrases import phrase
from steps.reading import task_id, tasks_in
from steps.scene import NOBODY, Scene
from steps.target.process import free_port
from steps.target.target import Target
from steps.target.tokens import encode, segment, sign

DEFECTS: dict[str, dict[str, Any]] = {
    "a token of such a key": {},
    "a token of a key that is not published": {"published": False},
    "a token of another key under a published name": {"stolen_name": True},
    "a token signed with the public key as a secret": {"confused": True},
    "a token for another audience": {"aud": "https://other.example.test"},
    "a token of another issuer": {"iss": "https://other.example.test"},
    "a token without issuer and audience": {"iss": ..., "aud": ...},
}


class Provider:
    """Serves a key set on loopback, and signs with Ed25519 (RFC 8037)."""

    def __init__(self) -> None:
        self.keys: dict[str, Ed25519PrivateKey] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"keys": provider.published()}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.issuer}/jwks"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def publish(self, name: str) -> None:
        """Add a new key to the set."""
        self.keys[name] = Ed25519PrivateKey.generate()

    def published(self) -> list[dict[str, str]]:
        """Return the public keys as JWKs."""
        return [
            {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": name, "x": encode(_raw(key))}
            for name, key in self.keys.items()
        ]

    def token(self, subject: str, name: str, **changes: Any) -> str:
        """Return a token signed with the named key; `changes` make it wrong (`DEFECTS`)."""
        key = self.keys[name]
        claims: dict[str, Any] = {"sub": subject, "iss": self.issuer, "aud": self.issuer}
        claims["exp"] = int(time.time()) + 900
        if changes.pop("confused", False):
            return sign({"alg": "HS256", "kid": name}, claims, _raw(key).hex())
        if not changes.pop("published", True):
            key, name = Ed25519PrivateKey.generate(), "unpublished"
        if changes.pop("stolen_name", False):
            key = Ed25519PrivateKey.generate()
        claims = {k: v for k, v in (claims | changes).items() if v is not ...}
        text = f"{segment({'alg': 'EdDSA', 'kid': name})}.{segment(claims)}"
        return f"{text}.{encode(key.sign(text.encode()))}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


class Trust:
    """A provider, and a server beside the target that trusts its keys: started when first asked."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._pair: tuple[Provider, Client] | None = None

    def pair(self, scene: Scene) -> tuple[Provider, Client]:
        """Return the provider and a client of the server."""
        if self._pair is None:
            provider = Provider()
            self._stack.callback(provider.close)
            provider.publish("first")
            env = scene.target.description.offers["published_keys"]
            serving = scene.target.beside(env, jwks_url=provider.url, issuer=provider.issuer)
            client = Client(self._stack.enter_context(serving), scene.recorder)
            self._stack.callback(client.close)
            self._pair = provider, client
        return self._pair

    def close(self) -> None:
        """Stop both."""
        self._stack.close()


@pytest.fixture(scope="session")
def trust(target: Target) -> Iterator[Trust]:
    """One such pair for the whole run."""
    trust = Trust()
    yield trust
    trust.close()


@when(phrase("{who} asks a server that trusts published keys for her list, with {defect}"))
def ask_with_published_key(scene: Scene, trust: Trust, who: str, defect: str) -> None:
    user = scene.user(who)
    provider, client = trust.pair(scene)
    token = provider.token(user.id, "first", **DEFECTS[defect])
    scene.answers = [client.send("GET", LIST.url(user.id, NOBODY), token=token)]


@when(phrase("the provider publishes a new key and {who} asks with a token of that key"))
def ask_with_rotated_key(scene: Scene, trust: Trust, who: str) -> None:
    user, url = scene.user(who), LIST.url(scene.user(who).id, NOBODY)
    provider, client = trust.pair(scene)
    before = client.send("GET", url, token=provider.token(user.id, "first"))
    assert before.status == 200, f"the first key is not trusted: {before}"
    provider.publish("second")
    token = provider.token(user.id, "second")
    deadline = time.monotonic() + 5
    scene.answers = [client.send("GET", url, token=token)]
    while scene.answer.status == 401 and time.monotonic() < deadline:
        time.sleep(0.1)  # a server may pause between two looks at the key set
        scene.answers.append(client.send("GET", url, token=token))


@when(phrase("{who} asks a server whose provider cannot be reached for her list"))
def ask_without_provider(scene: Scene, who: str) -> None:
    user, nowhere = scene.user(who), f"http://127.0.0.1:{free_port()}"
    provider = Provider()
    provider.publish("first")
    token = provider.token(user.id, "first")
    provider.close()
    env = scene.target.description.offers["published_keys"]
    with scene.target.beside(env, jwks_url=nowhere, issuer=nowhere) as base_url:
        client = Client(base_url, scene.recorder)
        scene.answers = [client.send("GET", LIST.url(user.id, NOBODY), token=token)]
        client.close()


# Row-level security


@when(
    phrase(
        "{who} asks for her list, and the server's login then selects all tasks in {other}'s name"
    )
)
def select_everything(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST)
    with psycopg.connect(scene.target.database.server_url) as login:
        scene.first["nobody"] = login.execute("SELECT id FROM tasks").fetchall()
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.user(other).id])
        scene.first["own"] = login.execute("SELECT id FROM tasks").fetchall()


@when(
    phrase(
        "{who} asks for her list, and the server's login then renames and deletes all tasks in "
        "{other}'s name"
    )
)
def change_everything(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST)
    with psycopg.connect(scene.target.database.server_url) as login:
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.user(other).id])
        login.execute("UPDATE tasks SET title = 'taken over'")
        login.execute("DELETE FROM tasks")


@then(phrase("in {who}'s name it cannot store a task of {other}'s"))
def cannot_store(scene: Scene, who: str, other: str) -> None:
    with psycopg.connect(scene.target.database.server_url) as login:
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.user(who).id])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(
                "INSERT INTO tasks (user_id, title) VALUES (%s, 'smuggled in')",
                [scene.user(other).id],
            )


@then(phrase("it sees exactly {who}'s tasks"))
def sees_own(scene: Scene, who: str) -> None:
    seen = sorted(str(row[0]) for row in scene.first["own"])
    own = sorted(task.id for task in scene.tasks.values() if task.owner == who)
    assert seen == own == sorted(task_id(task) for task in tasks_in(scene.answer))


@then("in nobody's name it sees none")
def sees_nothing(scene: Scene) -> None:
    assert scene.first["nobody"] == [], f"it sees {len(scene.first['nobody'])} tasks"


@when("the server is started with a login that could see every row")
def start_with_owner(scene: Scene) -> None:
    scene.start_up = scene.target.refusal({}, scene.target.description.offers["row_security"])


# The contract


@when("the server compares itself with the committed contract")
def compare_contract(scene: Scene) -> None:
    command = scene.target.description.offers["contract"]
    scene.start_up = scene.target.run_measured(command)


@when("the server compares itself with a contract that lacks an operation")
def compare_poorer_contract(scene: Scene) -> None:
    *command, file = scene.target.description.offers["contract"]
    contract = json.loads((scene.target.description.server.folder / file).read_text("utf-8"))
    contract["paths"].popitem()
    poorer = scene.target.log.with_name("poorer.json")
    poorer.write_text(json.dumps(contract, indent=2), "utf-8")
    scene.start_up = scene.target.run_measured([*command, str(poorer)])


@then("it finds no difference")
def no_difference(scene: Scene) -> None:
    assert scene.start_up is not None
    assert scene.start_up[0] == 0, f"it differs:\n{scene.start_up[1]}"


@then("it says what differs")
def says_difference(scene: Scene) -> None:
    assert scene.start_up is not None
    status, output = scene.start_up
    assert status not in {0, None}, "it found no difference"
    assert "complete" in output, f"the operation is not named:\n{output}"
