"""JSON Web Tokens as the identity provider issues them, and as attackers forge them (RFC 7519)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

Listener = Callable[[str], None]
_listeners: list[Listener] = []


def tell_each_token(listener: Listener) -> None:
    """Call `listener` with each token that this process makes or is given from now on.

    A report must not show a valid token, not even a piece of one: so the pieces must be known.
    """
    _listeners.append(listener)


def told(token: str) -> str:
    """Return a token of which all listeners have been told."""
    for listener in _listeners:
        listener(token)
    return token


HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encode(data: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes that a text in base64url without padding encodes."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def segment(value: Mapping[str, Any]) -> str:
    """Return a header or payload as a segment of a compact token (RFC 7515, section 3.1)."""
    return encode(json.dumps(value, separators=(",", ":")).encode())


def sign(header: Mapping[str, Any], payload: Mapping[str, Any], secret: str) -> str:
    """Return a compact token, signed with the HMAC that its header names (HS256 if none)."""
    text = f"{segment(header)}.{segment(payload)}"
    return told(f"{text}.{encode(Secret(secret).sign(text.encode(), str(header.get('alg'))))}")


def subject(token: str) -> str:
    """Return the `sub` of a token, unverified; empty where there is none."""
    try:
        payload = json.loads(decode(token.split(".")[1]))
        return str(payload["sub"])
    except (ValueError, LookupError, TypeError):
        return ""


class Key(Protocol):
    """Signs tokens: a shared secret or a private key."""

    @property
    def algorithm(self) -> str:
        """The `alg` of a valid token."""

    @property
    def name(self) -> str:
        """The `kid` of a valid token; empty: it has none."""

    def sign(self, message: bytes, algorithm: str) -> bytes:
        """Return the signature; `algorithm` is the `alg` of the token's header."""

    def another(self) -> Key:
        """Return a key of the same kind and name that the server does not know."""


@dataclass(frozen=True)
class Secret:
    """A secret that is shared with the server."""

    text: str = field(repr=False)
    algorithm: str = "HS256"
    name: str = ""

    def sign(self, message: bytes, algorithm: str) -> bytes:
        return hmac.digest(self.text.encode(), message, HASHES.get(algorithm, hashlib.sha256))

    def another(self) -> Secret:
        return replace(self, text=secrets.token_urlsafe(48))


@dataclass(frozen=True)
class Issuer:
    """Issues tokens for the target: a key, and claims that every token has."""

    key: Key
    claims: Mapping[str, Any] = field(default_factory=dict)
    lifetime: int = 3600
    """Seconds."""

    @property
    def secret(self) -> str:
        """The shared secret; empty where there is none."""
        return self.key.text if isinstance(self.key, Secret) else ""

    def header(self) -> dict[str, Any]:
        """Return the header of a valid token."""
        named = {"kid": self.key.name} if self.key.name else {}
        return {"alg": self.key.algorithm, "typ": "JWT", **named}

    def payload(self, subject: str) -> dict[str, Any]:
        """Return the claims of a valid token for the user id `subject`."""
        now = int(time.time())
        return {"sub": subject, "iat": now, "exp": now + self.lifetime, **self.claims}

    def token(self, subject: str) -> str:
        """Return a valid token for the user id `subject`."""
        return self.sign(self.header(), self.payload(subject))

    def sign(self, header: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
        """Return a token that is signed with the right key, whatever its header and payload say."""
        return self.sign_raw(segment(header), segment(payload), str(header.get("alg")))

    def sign_raw(self, header: str, payload: str, algorithm: str = "") -> str:
        """Return the same of two encoded segments, which need not be JSON.

        `algorithm` is the `alg` that the header names.
        """
        text = f"{header}.{payload}"
        return told(f"{text}.{encode(self.key.sign(text.encode(), algorithm))}")

    def with_unknown_key(self) -> Issuer:
        """Return the same issuer with another key, which the server does not know."""
        return replace(self, key=self.key.another())
