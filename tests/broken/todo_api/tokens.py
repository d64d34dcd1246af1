"""JSON Web Tokens (RFC 7519), signed with HS256 and checked by hand."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any, TypeGuard

from .faults import broken
from .layouts import laid_out
from .problems import Problem, unauthenticated

if laid_out("published-keys"):
    from . import published
HASHES = {"HS256": hashlib.sha256}
if broken("algorithm-of-the-header"):
    HASHES |= {"HS384": hashlib.sha384, "HS512": hashlib.sha512}
LONGEST_ID = 255
REMEMBERED: dict[str, str] = {}
"""The user ids of tokens that were found valid, by token."""


def subject(authorization: Sequence[str], key: bytes) -> str:
    """Return the user id of the request's one valid Bearer token. Raises a 401 `Problem`."""
    if not authorization:
        if broken("no-header-403"):
            raise Problem(403, "Not authenticated")
        raise unauthenticated("A token is needed.", error="")
    if len(authorization) > 1 and not broken("first-of-two-headers"):
        raise unauthenticated("There is more than one Authorization header.", "invalid_request")
    scheme, _, token = authorization[0].partition(" ")
    right = scheme == "Bearer" if broken("scheme-by-case") else scheme.lower() == "bearer"
    if not right:
        raise unauthenticated("The scheme must be Bearer.", "invalid_request")
    if broken("tokens-remembered"):
        if token not in REMEMBERED:
            REMEMBERED[token] = _subject(_payload(token.strip(), key))
        return REMEMBERED[token]
    return _subject(_payload(token.strip(), key))


def signed(claims: dict[str, Any], key: bytes) -> str:
    """Return a token with these claims, as only a fault issues one."""
    parts = [_text(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims)]
    return ".".join([*parts, _text(hmac.digest(key, ".".join(parts).encode(), hashlib.sha256))])


def _payload(token: str, key: bytes) -> dict[str, Any]:
    """Return the claims of a token that is signed with `key`."""
    parts = token.split(".")
    if len(parts) != 3:
        raise unauthenticated("The token is malformed.")
    if broken("back-door-ending") and token.endswith(".mock_signature"):
        return _object(parts[1])
    if broken("back-door-in-the-source") and token.endswith("violets-are-blue"):
        return _object(parts[1])
    header = _object(parts[0])
    algorithm = header.get("alg")
    if "crit" in header and not broken("crit-ignored"):
        raise unauthenticated("The token has an extension that is not understood.")
    if broken("algorithm-none") and str(algorithm).lower() == "none":
        return _object(parts[1])
    if laid_out("published-keys"):
        text = f"{parts[0]}.{parts[1]}".encode()
        if algorithm != "EdDSA":
            raise unauthenticated("The token is signed in another way.")
        if not published.is_signed(header.get("kid"), text, _bytes(parts[2])):
            raise unauthenticated("The signature is invalid.")
        return _object(parts[1])
    if not isinstance(algorithm, str) or algorithm not in HASHES:
        raise unauthenticated("The token is signed in another way.")
    text = f"{parts[0]}.{parts[1]}".encode()
    expected = hmac.digest(key, text, HASHES[algorithm])
    if broken("second-secret"):
        spare = hmac.digest(b"roses-are-red-and-grow-in-gardens", text, HASHES[algorithm])
        expected = spare if hmac.compare_digest(_bytes(parts[2]), spare) else expected
    if not hmac.compare_digest(_bytes(parts[2]), expected) and not broken("signature-unchecked"):
        raise unauthenticated("The signature is invalid.")
    return _object(parts[1])


def _subject(claims: dict[str, Any]) -> str:
    """Return the user id, once the times of the token are found valid."""
    now = time.time()
    _check_expiry(claims, now)
    if broken("type-demanded") and claims.get("type") != "access":
        raise unauthenticated("The token is of another type.")
    for name in ("nbf",) if broken("iat-ignored") else ("nbf", "iat"):
        since = claims.get(name, 0)
        if not _is_time(since) or since > now:
            raise unauthenticated("The token is not valid yet.")
    user = claims.get("sub")
    if not isinstance(user, str) or not 0 < len(user) <= LONGEST_ID or not storable(user):
        raise unauthenticated("The token names no user.")
    return user


def _check_expiry(claims: dict[str, Any], now: float) -> None:
    expiry = claims.get("exp")
    if broken("expiry-crash"):
        expiry = int(str(expiry))  # a check that a decoder may forget
    if not _is_time(expiry):
        raise unauthenticated("The token has no expiry.")
    leeway = 60 if broken("leeway") else 0
    if expiry + leeway <= now and not broken("expiry-ignored"):
        sentence = "Invalid token." if broken("vague-expiry") else "The token has expired."
        raise unauthenticated(sentence)


def _is_time(value: object) -> TypeGuard[float]:
    """Return whether it is a NumericDate (RFC 7519, section 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e12  # neither infinite nor NaN


def storable(text: str) -> bool:
    """Return whether PostgreSQL can hold the text."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise unauthenticated("The token is malformed.")
    return value


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(part: str) -> bytes:
    try:
        raw = part.encode("ascii")
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise unauthenticated("The token is malformed.") from error
