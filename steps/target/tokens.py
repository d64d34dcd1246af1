"""JSON Web Tokens as the identity provider issues them, and as attackers forge them (RFC 7519)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encode(data: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def segment(value: Mapping[str, Any]) -> str:
    """Return a header or payload as it stands in a compact token."""
    return encode(json.dumps(value, separators=(",", ":")).encode())


def sign(header: Mapping[str, Any], payload: Mapping[str, Any], secret: str) -> str:
    """Return a compact token, signed with the HMAC that its header names (HS256 if none)."""
    digest = HASHES.get(str(header.get("alg")), hashlib.sha256)
    return _signed(f"{segment(header)}.{segment(payload)}", secret, digest)


def _signed(text: str, secret: str, digest: Any = hashlib.sha256) -> str:
    return f"{text}.{encode(hmac.new(secret.encode(), text.encode(), digest).digest())}"


@dataclass(frozen=True)
class Issuer:
    """Whoever issues tokens for the target: a shared secret, and claims that it always adds."""

    secret: str
    algorithm: str = "HS256"
    claims: Mapping[str, Any] = field(default_factory=dict)
    lifetime: int = 3600
    """Seconds."""

    def header(self) -> dict[str, Any]:
        """Return the header of a valid token."""
        return {"alg": self.algorithm, "typ": "JWT"}

    def payload(self, subject: str) -> dict[str, Any]:
        """Return the claims of a valid token for the user id `subject`."""
        now = int(time.time())
        return {"sub": subject, "iat": now, "exp": now + self.lifetime, **self.claims}

    def token(self, subject: str) -> str:
        """Return a valid token for the user id `subject`."""
        return sign(self.header(), self.payload(subject), self.secret)

    def sign_raw(self, header: str, payload: str) -> str:
        """Return a correctly signed token of two encoded segments, whatever they say."""
        return _signed(f"{header}.{payload}", self.secret)
