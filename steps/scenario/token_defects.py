"""Every way in which a token can be wrong: the name in the features, and the headers it means."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from steps.http.answer import Headers
from steps.scenario.scene import UNKNOWN_ID, Scene
from steps.target.tokens import Issuer, encode, segment, sign

Forge = Callable[[Scene], Headers]
TABLE: dict[str, Forge] = {}


def headers_with(defect: str, scene: Scene) -> Headers:
    """Return the headers of a request of Alice's whose authentication has that defect."""
    if match := re.fullmatch(r"a token that expired (.+)", defect):
        ago = {"2 seconds ago": 2, "an hour ago": 3600, "in 1970": int(time.time()) - 1000}
        return _claims(scene, exp=int(time.time()) - ago[match[1]])
    assert defect in TABLE, f"no such defect: {defect}. Known: {', '.join(TABLE)}"
    return TABLE[defect](scene)


def bearer(token: str) -> Headers:
    """Return the header that carries a token (RFC 6750, section 2.1)."""
    return [("Authorization", f"Bearer {token}")]


def _defect(name: str) -> Callable[[Forge], Forge]:
    def register(forge: Forge) -> Forge:
        TABLE[name] = forge
        return forge

    return register


def _parts(scene: Scene) -> tuple[Issuer, dict[str, Any], dict[str, Any]]:
    issuer = scene.target.issuer
    return issuer, issuer.header(), issuer.payload(scene.user("Alice").id)


def _claims(scene: Scene, **changes: Any) -> Headers:
    """Change claims of a valid token, or take those away that are `...`."""
    issuer, header, payload = _parts(scene)
    payload = {k: v for k, v in (payload | changes).items() if v is not ...}
    return bearer(issuer.sign(header, payload))


def _header(scene: Scene, **changes: Any) -> Headers:
    issuer, header, payload = _parts(scene)
    header = {k: v for k, v in (header | changes).items() if v is not ...}
    return bearer(issuer.sign(header, payload))


def _raw_payload(scene: Scene, text: str) -> Headers:
    """Sign a payload that is given as text, valid or not."""
    issuer, header, _ = _parts(scene)
    return bearer(issuer.sign_raw(segment(header), encode(text.encode("utf-8", "surrogatepass"))))


def _with_exp(scene: Scene, literal: str) -> Headers:
    subject = json.dumps(scene.user("Alice").id)
    return _raw_payload(scene, f'{{"sub": {subject}, "exp": {literal}}}')


def _with_sub(scene: Scene, value: Any) -> Headers:
    return _claims(scene, sub=value)


# Something else than one Bearer token
TABLE |= {
    "no Authorization header": lambda scene: [],
    "the scheme Basic": lambda scene: [("Authorization", "Basic QWxpY2U6c2VjcmV0")],
    "the scheme Token": lambda scene: [("Authorization", f"Token {scene.user('Alice').token}")],
    "an empty Authorization header": lambda scene: [("Authorization", "")],
    "the scheme alone": lambda scene: [("Authorization", "Bearer")],
    "garbage for a token": lambda scene: bearer("garbage"),
    "a token of two parts": lambda scene: bearer(scene.user("Alice").token.rpartition(".")[0]),
    "a token of four parts": lambda scene: bearer(scene.user("Alice").token + ".e30"),
    "a token with a space in it": lambda scene: bearer(
        scene.user("Alice").token.replace(".", ". ", 1)
    ),
    "two Authorization headers": lambda scene: [
        *bearer(scene.user("Alice").token),
        *bearer(scene.user("Bob").token),
    ],
    "a token of 100,000 characters": lambda scene: bearer("x" * 100_000),
    "a token that is not ASCII": lambda scene: bearer(scene.user("Alice").token + "é"),
}

# Outside its time
TABLE |= {
    "a token that is not yet valid": lambda scene: _claims(scene, nbf=int(time.time()) + 3600),
    "a token issued in the future": lambda scene: _claims(scene, iat=int(time.time()) + 3600),
    "a token without exp": lambda scene: _claims(scene, exp=...),
    "a token whose exp is null": lambda scene: _claims(scene, exp=None),
    "a token whose exp is text": lambda scene: _claims(scene, exp="tomorrow"),
    "a token whose exp is true": lambda scene: _claims(scene, exp=True),
    "a token whose exp is a list": lambda scene: _claims(scene, exp=[int(time.time()) + 3600]),
    "a token whose exp is 1e400": lambda scene: _with_exp(scene, "1e400"),
    "a token whose exp is NaN": lambda scene: _with_exp(scene, "NaN"),
}

# Without a usable user id
TABLE |= {
    "a token without sub": lambda scene: _claims(scene, sub=...),
    "a token whose sub is a number": lambda scene: _with_sub(scene, 42),
    "a token whose sub is null": lambda scene: _with_sub(scene, None),
    "a token whose sub is a list": lambda scene: _with_sub(scene, [scene.user("Alice").id]),
    "a token whose sub is an object": lambda scene: _with_sub(
        scene, {"id": scene.user("Alice").id}
    ),
    "a token whose sub is empty": lambda scene: _with_sub(scene, ""),
    "a token whose sub holds U+0000": lambda scene: _with_sub(
        scene, scene.user("Alice").id + "\u0000"
    ),
    "a token whose sub holds a lone surrogate": lambda scene: _with_sub(
        scene, scene.user("Alice").id + "\ud800"
    ),
    "a token whose sub has 10,000 characters": lambda scene: _with_sub(scene, "x" * 10_000),
    "the token of an unknown user": lambda scene: _with_sub(scene, UNKNOWN_ID),
    "a payload that is not an object": lambda scene: _raw_payload(scene, '["sub"]'),
    "a payload that is not JSON": lambda scene: _raw_payload(scene, "{sub: Alice"),
}


@_defect("a payload that is not base64url")
def _(scene: Scene) -> Headers:
    issuer, header, _ = _parts(scene)
    return bearer(issuer.sign_raw(segment(header), "$$$$"))


# Not signed with the shared secret


@_defect("a tampered payload")
def _(scene: Scene) -> Headers:
    issuer, _, payload = _parts(scene)
    header, _, signature = issuer.token(scene.user("Bob").id).split(".")
    return bearer(f"{header}.{segment(payload)}.{signature}")


@_defect("a tampered signature")
def _(scene: Scene) -> Headers:
    head, _, signature = scene.user("Alice").token.rpartition(".")
    return bearer(f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}")


@_defect("an empty signature")
def _(scene: Scene) -> Headers:
    return bearer(scene.user("Alice").token.rpartition(".")[0] + ".")


@_defect("another secret")
def _(scene: Scene) -> Headers:
    issuer, header, payload = _parts(scene)
    return bearer(issuer.with_unknown_key().sign(header, payload))


@_defect("an empty secret")
def _(scene: Scene) -> Headers:
    _, header, payload = _parts(scene)
    return bearer(sign(header | {"alg": "HS256"}, payload, ""))


def _unsigned(scene: Scene, algorithm: str) -> Headers:
    _, header, payload = _parts(scene)
    return bearer(f"{segment(header | {'alg': algorithm})}.{segment(payload)}.")


def _random_signature(scene: Scene, algorithm: str, octets: int) -> Headers:
    """Name an asymmetric algorithm, as an attacker does who hopes that any key will do."""
    _, header, payload = _parts(scene)
    text = f"{segment(header | {'alg': algorithm})}.{segment(payload)}"
    return bearer(f"{text}.{encode(secrets.token_bytes(octets))}")


def _own_key(scene: Scene, **parameters: Any) -> Headers:
    """Bring a key along in the header, and sign with it."""
    _, header, payload = _parts(scene)
    key = secrets.token_urlsafe(32)
    jwk = {"kty": "oct", "k": encode(key.encode()), "alg": "HS256"}
    named = {name: jwk if value is ... else value for name, value in parameters.items()}
    return bearer(sign(header | {"alg": "HS256"} | named, payload, key))


def _kid(scene: Scene, kid: str, key: str) -> Headers:
    """Name a key that an attacker knows, such as an empty file or a row of their choice."""
    _, header, payload = _parts(scene)
    return bearer(sign(header | {"alg": "HS256", "kid": kid}, payload, key))


TABLE |= {
    "the algorithm none": lambda scene: _unsigned(scene, "none"),
    "the algorithm None, unsigned": lambda scene: _unsigned(scene, "None"),
    "no algorithm": lambda scene: _header(scene, alg=...),
    "the algorithm HS512": lambda scene: _header(scene, alg="HS512"),
    "the algorithm RS256": lambda scene: _random_signature(scene, "RS256", 256),
    "the algorithm ES256": lambda scene: _random_signature(scene, "ES256", 64),
    "a kid that points to /dev/null": lambda scene: _kid(scene, "../../../../dev/null", ""),
    "a kid that injects SQL": lambda scene: _kid(scene, "' UNION SELECT 'key' --", "key"),
    "a jwk of its own": lambda scene: _own_key(scene, jwk=...),
    "a jku of its own": lambda scene: _own_key(scene, jku="http://127.0.0.1:9/keys"),
    "a critical extension": lambda scene: _header(scene, crit=["unknown"], unknown=True),
}


@_defect("a header that is not an object")
def _(scene: Scene) -> Headers:
    issuer, _, payload = _parts(scene)
    return bearer(issuer.sign_raw(encode(b'["HS256"]'), segment(payload)))
