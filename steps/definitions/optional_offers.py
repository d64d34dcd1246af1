"""What servers offer beyond the spec: published keys, row-level security, a contract."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import psycopg
import pytest
from pytest_bdd import then, when

from steps.http.client import Client
from steps.http.lenient import task_id, tasks_in
from steps.http.operations import LIST
from steps.process.ports import free_port
from steps.scenario.phrases import phrase
from steps.scenario.scene import UNKNOWN_ID, Scene
from steps.target.keys import KeySet, PrivateKey
from steps.target.target import Target
from steps.target.tokens import Issuer, decode, sign

T = TypeVar("T")

DEFECTS: dict[str, dict[str, Any]] = {
    "a token of such a key": {},
    "a token of a key that is not published": {"published": False},
    "a token of another key under a published name": {"stolen_name": True},
    "a token signed with the public key as a secret": {"confused": True},
    "a token for another audience": {"aud": "https://other.example.test"},
    "a token of another issuer": {"iss": "https://other.example.test"},
    "a token without issuer and audience": {"iss": ..., "aud": ...},
}


class IdentityProvider(KeySet):
    """An identity provider that signs with Ed25519 (RFC 8037)."""

    def publish(self, name: str) -> None:
        """Add a new key to the set."""
        self.keys.append(PrivateKey("EdDSA", name))

    def token(self, subject: str, name: str, **changes: Any) -> str:
        """Return a token signed with the named key; `changes` make it wrong (`DEFECTS`)."""
        key = next(one for one in self.keys if one.name == name)
        claims: dict[str, Any] = {"iss": self.issuer, "aud": self.issuer}
        if changes.pop("confused", False):
            public = key.published()["x"]
            payload = Issuer(key, claims, 900).payload(subject)
            return sign({"alg": "HS256", "kid": name}, payload, decode(public).hex())
        if not changes.pop("published", True):
            key = PrivateKey("EdDSA", "unpublished")
        if changes.pop("stolen_name", False):
            key = key.another()
        claims = {k: v for k, v in (claims | changes).items() if v is not ...}
        return Issuer(key, claims, 900).token(subject)


def _offered(value: T | None) -> T:
    """Return what the target offers: a scenario's tag has asked for it already."""
    assert value is not None
    return value


class TrustingServer:
    """A provider, and a server beside the target that trusts its keys: started when first asked."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._pair: tuple[IdentityProvider, Client] | None = None

    def pair(self, scene: Scene) -> tuple[IdentityProvider, Client]:
        """Return the provider and a client of the server."""
        if self._pair is None:
            provider = IdentityProvider()
            self._stack.callback(provider.close)
            provider.publish("first")
            env = _offered(scene.target.description.offers.published_keys)
            serving = scene.target.second_server(env, jwks_url=provider.url, issuer=provider.issuer)
            client = Client(self._stack.enter_context(serving), scene.recorder)
            self._stack.callback(client.close)
            self._pair = provider, client
        return self._pair

    def close(self) -> None:
        """Stop both."""
        self._stack.close()


@pytest.fixture(scope="session")
def trust(target: Target) -> Iterator[TrustingServer]:
    """One such pair for the whole run."""
    trust = TrustingServer()
    yield trust
    trust.close()


@when(phrase("{who} asks a server that trusts published keys for her list, with {defect}"))
def ask_with_published_key(scene: Scene, trust: TrustingServer, who: str, defect: str) -> None:
    user = scene.user(who)
    provider, client = trust.pair(scene)
    token = provider.token(user.id, "first", **DEFECTS[defect])
    scene.answers = [client.send("GET", LIST.url(user.id, UNKNOWN_ID), token=token)]


@when(phrase("the provider publishes a new key and {who} asks with a token of that key"))
def ask_with_rotated_key(scene: Scene, trust: TrustingServer, who: str) -> None:
    user, url = scene.user(who), LIST.url(scene.user(who).id, UNKNOWN_ID)
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
    provider = IdentityProvider()
    provider.publish("first")
    token = provider.token(user.id, "first")
    provider.close()
    env = _offered(scene.target.description.offers.published_keys)
    with scene.target.second_server(env, jwks_url=nowhere, issuer=nowhere) as base_url:
        client = Client(base_url, scene.recorder)
        scene.answers = [client.send("GET", LIST.url(user.id, UNKNOWN_ID), token=token)]
        client.close()


# Row-level security


@when(
    phrase(
        "{who} asks for her list, and the server's login then selects all tasks in {other}'s name"
    )
)
def select_everything(scene: Scene, who: str, other: str) -> None:
    scene.act(who, LIST)
    everything = scene.target.database.statement("SELECT id FROM {tasks}")
    with psycopg.connect(scene.target.database.server_url) as login:
        scene.first["nobody"] = login.execute(everything).fetchall()
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.user(other).id])
        scene.first["own"] = login.execute(everything).fetchall()


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
        login.execute(scene.target.database.statement("UPDATE {tasks} SET title = 'taken over'"))
        login.execute(scene.target.database.statement("DELETE FROM {tasks}"))


@then(phrase("in {who}'s name it cannot store a task of {other}'s"))
def cannot_store(scene: Scene, who: str, other: str) -> None:
    with psycopg.connect(scene.target.database.server_url) as login:
        login.execute("SELECT set_config('app.user_id', %s, true)", [scene.user(who).id])
        smuggled = "INSERT INTO {tasks} (user_id, title) VALUES (%s, 'smuggled in')"
        statement, values = scene.target.database.statement(smuggled), [scene.user(other).id]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            login.execute(statement, values)


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
    scene.start_up = scene.target.try_start(
        {}, _offered(scene.target.description.offers.row_security)
    )


# The contract


@when("the server compares itself with the committed contract")
def compare_contract(scene: Scene) -> None:
    command = _offered(scene.target.description.offers.contract)
    scene.start_up = scene.target.run_measured(command)


@when("the server compares itself with a contract that lacks an operation")
def compare_poorer_contract(scene: Scene) -> None:
    *command, file = _offered(scene.target.description.offers.contract)
    contract = json.loads((scene.target.description.folder / file).read_text("utf-8"))
    contract["paths"].popitem()
    assert scene.target.log is not None
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
