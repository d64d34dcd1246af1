"""Tokens that are verified by keys that an identity provider publishes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from pytest_bdd import when

from steps.http.expectations import expect_status
from steps.http.operations import LIST
from steps.process.ports import free_port
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.identity_provider import PUBLISHED_KEY_DEFECTS, IdentityProvider, TrustingServer
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.target.capabilities import offered
from steps.target.target import Target


@pytest.fixture(scope="session")
def trusting_server(target: Target) -> Iterator[TrustingServer]:
    """One provider and one such server for the whole run."""
    server = TrustingServer()
    yield server
    server.close()


@when(phrase("{who} asks a server that trusts published keys for her list, with {defect}"))
def ask_with_published_key(
    scene: Scene, trusting_server: TrustingServer, who: str, defect: str
) -> None:
    user = scene.users.named(who)
    provider, client = trusting_server.provider_and_client(scene)
    token = provider.token(user.id, "first", **PUBLISHED_KEY_DEFECTS[defect])
    scene.answers = [client.send("GET", LIST.url(user.id, UNKNOWN_ID), token=token)]


@when(phrase("the provider publishes a new key and {who} asks with a token of that key"))
def ask_with_rotated_key(scene: Scene, trusting_server: TrustingServer, who: str) -> None:
    user, url = scene.users.named(who), LIST.url(scene.users.named(who).id, UNKNOWN_ID)
    provider, client = trusting_server.provider_and_client(scene)
    before = client.send("GET", url, token=provider.token(user.id, "first"))
    expect_status(before, 200)
    provider.publish("second")
    token = provider.token(user.id, "second")
    deadline = time.monotonic() + 5
    scene.answers = [client.send("GET", url, token=token)]
    while scene.answer.status == 401 and time.monotonic() < deadline:
        time.sleep(0.1)  # a server may wait before it fetches the key set again
        scene.answers.append(client.send("GET", url, token=token))


@when(phrase("{who} asks a server whose provider cannot be reached for her list"))
def ask_without_provider(scene: Scene, who: str) -> None:
    user, closed_url = scene.users.named(who), f"http://127.0.0.1:{free_port()}"
    provider = IdentityProvider()
    provider.publish("first")
    token = provider.token(user.id, "first")
    provider.close()
    env = offered(scene.target.description.offers.published_keys)
    with scene.target.second_server(env, jwks_url=closed_url, issuer=closed_url) as base_url:
        client = scene.client.at(base_url)
        scene.answers = [client.send("GET", LIST.url(user.id, UNKNOWN_ID), token=token)]
        client.close()
