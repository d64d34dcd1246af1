"""Tokens verified by the key set that an identity provider publishes (RFC 7517, RFC 8037)."""

from __future__ import annotations

import base64
import json
import os
from functools import cache
from urllib.request import ProxyHandler, build_opener

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SECONDS = 5


def is_signed(kid: object, text: bytes, signature: bytes) -> bool:
    """Return whether the published key of that name has signed the text."""
    key = _keys().get(str(kid))
    try:
        if key is not None:
            key.verify(signature, text)
            return True
    except InvalidSignature:
        pass
    return False


@cache
def _keys() -> dict[str, Ed25519PublicKey]:
    """Fetch the key set once, from the one place where this server looks for it."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(os.environ["TODO_KEYS"], timeout=SECONDS) as answer:
        keys = json.load(answer)["keys"]
    return {
        key["kid"]: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
        for key in keys
    }
