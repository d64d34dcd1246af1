"""An identity provider that publishes its keys, and a server that trusts them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from steps.http.client import Client
from steps.scenario.scene import Scene
from steps.target.capabilities import offered
from steps.target.keys import KeySet, PrivateKey
from steps.target.tokens import Issuer, decode, sign

PUBLISHED_KEY_DEFECTS: dict[str, dict[str, Any]] = {
    "a token of such a key": {},
    "a token of a key that is not published": {"published": False},
    "a token of another key under a published name": {"claims_published_name": True},
    "a token signed with the public key as a secret": {"public_key_as_secret": True},
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
        """Return a token signed with the named key.

        `changes` make it wrong: they are values of `PUBLISHED_KEY_DEFECTS`.
        """
        key = next(one for one in self.keys if one.name == name)
        claims: dict[str, Any] = {"iss": self.issuer, "aud": self.issuer}
        if changes.pop("public_key_as_secret", False):
            public = key.published()["x"]
            payload = Issuer(key, claims, 900).payload(subject)
            return sign({"alg": "HS256", "kid": name}, payload, decode(public).hex())
        if not changes.pop("published", True):
            key = PrivateKey("EdDSA", "unpublished")
        if changes.pop("claims_published_name", False):
            key = key.another()
        claims = {k: v for k, v in (claims | changes).items() if v is not ...}
        return Issuer(key, claims, 900).token(subject)


class TrustingServer:
    """A provider, and a second server that trusts its keys; both start when first needed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._pair: tuple[IdentityProvider, Client] | None = None

    def provider_and_client(self, scene: Scene) -> tuple[IdentityProvider, Client]:
        """Return the provider and a client of the server."""
        if self._pair is None:
            provider = IdentityProvider()
            self._stack.callback(provider.close)
            provider.publish("first")
            env = offered(scene.target.description.offers.published_keys)
            serving = scene.target.second_server(env, jwks_url=provider.url, issuer=provider.issuer)
            client = scene.client.at(self._stack.enter_context(serving))
            self._stack.callback(client.close)
            self._pair = provider, client
        return self._pair

    def close(self) -> None:
        """Stop both."""
        self._stack.close()
