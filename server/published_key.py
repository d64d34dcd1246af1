"""Which keys of a published set verify tokens: RFC 7517 (JWK), 7518 (JWA), 8037 and 9864 (Ed25519).

A key that is malformed, unknown, too short or meant for another use is left out, as RFC 7517
section 5 has it; it never hinders the keys beside it.
"""

import json
from contextlib import suppress
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from jwt import PyJWK
from jwt.algorithms import AllowedPublicKeys
from jwt.exceptions import PyJWTError

MINIMUM_RSA_BITS = 2048  # RFC 7518 section 3.3
MAXIMUM_BYTES = 1024 * 1024
"""A longer key set is refused whole."""

# The names under which tokens and keys may call the one algorithm that is accepted, by key type.
# RFC 9864 gives `EdDSA` a name for each curve.
NAMES: dict[str, dict[tuple[str, str | None], tuple[str, ...]]] = {
    "EdDSA": {("OKP", "Ed25519"): ("EdDSA", "Ed25519"), ("OKP", "Ed448"): ("EdDSA", "Ed448")},
    "ES256": {("EC", "P-256"): ("ES256",)},
    "RS256": {("RSA", None): ("RS256",)},
}


@dataclass(frozen=True)
class PublishedKey:
    """A public key that verifies tokens."""

    key_id: str | None
    names: tuple[str, ...]
    """What a token may call the algorithm."""
    key: AllowedPublicKeys


def read_key_set(content: bytes, algorithm: str) -> list[PublishedKey]:
    """Return the keys of a set that verify tokens of the algorithm, in the set's order.

    Raises ValueError for what is no key set at all: no object, no list `keys`, over 1 MB.
    """
    # Implements: FR-002
    if len(content) > MAXIMUM_BYTES:
        raise ValueError(f"it is longer than {MAXIMUM_BYTES} bytes")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError("it is no JSON object with a list of 'keys'")  # noqa: TRY004
    keys = (_read_key(key, algorithm) for key in found["keys"] if isinstance(key, dict))
    return [key for key in keys if key is not None]


def _read_key(said: dict[str, object], algorithm: str) -> PublishedKey | None:
    # Implements: FR-002
    kind, curve, operations = said.get("kty"), said.get("crv"), said.get("key_ops", ["verify"])
    names = NAMES[algorithm].get((str(kind), None if kind == "RSA" else str(curve)), ())
    fits = (
        said.get("alg", algorithm) in names
        and said.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and isinstance(said.get("kid", ""), str)
        and "d" not in said  # whoever reads a private key can sign as the issuer
    )
    malformed = PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError
    with suppress(UnsupportedAlgorithm, *malformed):
        key = PyJWK({**said, "alg": algorithm}).key if fits else None
        if key is not None and (kind != "RSA" or key.key_size >= MINIMUM_RSA_BITS):
            key_id = said.get("kid")
            return PublishedKey(None if key_id is None else str(key_id), names, key)
    return None
