"""Every way in which a token can be wrong: its name in the features, and the headers to send."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from steps.http.answer import Headers
from steps.http.expectations import WITHOUT_HEADER, expect
from steps.scenario.identities import NUMBER, kind_of
from steps.scenario.scene import Scene
from steps.target.tokens import Issuer, encode, segment, sign

BuildHeaders = Callable[[Scene], Headers]
DEFECTS: dict[str, BuildHeaders] = {}


def headers_with(defect: str, scene: Scene) -> Headers:
    """Return the headers of a request by Alice whose authentication has that defect."""
    if match := re.fullmatch(r"a token that expired (.+)", defect):
        ago = {"2 seconds ago": 2, "an hour ago": 3600, "in 1970": int(time.time()) - 1000}
        return _with_claims(scene, exp=int(time.time()) - ago[match[1]])
    expect(defect in DEFECTS, f"no such defect: {defect}. Known: {', '.join(DEFECTS)}")
    return DEFECTS[defect](scene)


def with_defect(defect: str) -> str:
    """Return what is special about a request with that defect, in words for the report."""
    return WITHOUT_HEADER if defect == "no Authorization header" else f"with {defect}"


def own_id_of(defect: str, scene: Scene) -> str | None:
    """Return the user id that a token with that defect names; None: it names Alice, or nobody.

    A token is sent to the URL of its own user: at another one, a 403 would be right (EC-02).
    """
    named: dict[str, Callable[[], str]] = {
        "a token whose sub is a number": lambda: str(_number_of_nobody(scene)),
        "a token whose sub holds U+0000": lambda: scene.users.named("Alice").id + "\u0000",
        "a token whose sub has 10,000 characters": lambda: "x" * 10_000,
        "the token of an unknown user": scene.users.unknown_id,
    }
    return named[defect]() if defect in named else None


def _number_of_nobody(scene: Scene) -> int:
    """Return a number that is no user's id, also where the ids of users are numbers."""
    unknown = scene.users.unknown_id()
    return int(unknown) if kind_of(unknown) == NUMBER else 42


def bearer(token: str) -> Headers:
    """Return the header that carries a token (RFC 6750, section 2.1)."""
    return [("Authorization", f"Bearer {token}")]


def _defect(name: str) -> Callable[[BuildHeaders], BuildHeaders]:
    def register(build: BuildHeaders) -> BuildHeaders:
        DEFECTS[name] = build
        return build

    return register


def _issuer_header_payload(scene: Scene) -> tuple[Issuer, dict[str, Any], dict[str, Any]]:
    issuer = scene.target.issuer
    return issuer, issuer.header(), issuer.payload(scene.users.named("Alice").id)


def _with_claims(scene: Scene, **changes: Any) -> Headers:
    """Sign a valid token with changed claims; a claim that is `...` is left out."""
    issuer, header, payload = _issuer_header_payload(scene)
    payload = {k: v for k, v in (payload | changes).items() if v is not ...}
    return bearer(issuer.sign(header, payload))


def _with_header(scene: Scene, **changes: Any) -> Headers:
    issuer, header, payload = _issuer_header_payload(scene)
    header = {k: v for k, v in (header | changes).items() if v is not ...}
    return bearer(issuer.sign(header, payload))


def _with_raw_payload(scene: Scene, text: str) -> Headers:
    """Sign a payload that is given as text, valid or not."""
    issuer, header, _ = _issuer_header_payload(scene)
    return bearer(issuer.sign_raw(segment(header), encode(text.encode("utf-8", "surrogatepass"))))


def _with_exp_literal(scene: Scene, literal: str) -> Headers:
    subject = json.dumps(scene.users.named("Alice").id)
    return _with_raw_payload(scene, f'{{"sub": {subject}, "exp": {literal}}}')


def _with_sub(scene: Scene, value: Any) -> Headers:
    return _with_claims(scene, sub=value)


# No single, well-formed Bearer token
DEFECTS |= {
    "no Authorization header": lambda scene: [],
    "the scheme Basic": lambda scene: [("Authorization", "Basic QWxpY2U6c2VjcmV0")],
    "the scheme Token": lambda scene: [
        ("Authorization", f"Token {scene.users.named('Alice').token}")
    ],
    "an empty Authorization header": lambda scene: [("Authorization", "")],
    "the scheme alone": lambda scene: [("Authorization", "Bearer")],
    "garbage for a token": lambda scene: bearer("garbage"),
    "a token of two parts": lambda scene: bearer(
        scene.users.named("Alice").token.rpartition(".")[0]
    ),
    "a token of four parts": lambda scene: bearer(scene.users.named("Alice").token + ".e30"),
    "a token with a space in it": lambda scene: bearer(
        scene.users.named("Alice").token.replace(".", ". ", 1)
    ),
    "two Authorization headers": lambda scene: [
        *bearer(scene.users.named("Alice").token),
        *bearer(scene.users.named("Bob").token),
    ],
    "a token of 100,000 characters": lambda scene: bearer("x" * 100_000),
    "a token that is not ASCII": lambda scene: bearer(scene.users.named("Alice").token + "é"),
}

# Times: not yet valid, or with an exp that is none
DEFECTS |= {
    "a token that is not yet valid": lambda scene: _with_claims(scene, nbf=int(time.time()) + 3600),
    "a token issued in the future": lambda scene: _with_claims(scene, iat=int(time.time()) + 3600),
    "a token without exp": lambda scene: _with_claims(scene, exp=...),
    "a token whose exp is null": lambda scene: _with_claims(scene, exp=None),
    "a token whose exp is text": lambda scene: _with_claims(scene, exp="tomorrow"),
    "a token whose exp is true": lambda scene: _with_claims(scene, exp=True),
    "a token whose exp is a list": lambda scene: _with_claims(scene, exp=[int(time.time()) + 3600]),
    "a token whose exp is 1e400": lambda scene: _with_exp_literal(scene, "1e400"),
    "a token whose exp is NaN": lambda scene: _with_exp_literal(scene, "NaN"),
}

# Without a usable user id
DEFECTS |= {
    "a token without sub": lambda scene: _with_claims(scene, sub=...),
    "a token whose sub is a number": lambda scene: _with_sub(scene, _number_of_nobody(scene)),
    "a token whose sub is null": lambda scene: _with_sub(scene, None),
    "a token whose sub is a list": lambda scene: _with_sub(scene, [scene.users.named("Alice").id]),
    "a token whose sub is an object": lambda scene: _with_sub(
        scene, {"id": scene.users.named("Alice").id}
    ),
    "a token whose sub is empty": lambda scene: _with_sub(scene, ""),
    "a token whose sub holds U+0000": lambda scene: _with_sub(
        scene, scene.users.named("Alice").id + "\u0000"
    ),
    "a token whose sub holds a lone surrogate": lambda scene: _with_sub(
        scene, scene.users.named("Alice").id + "\ud800"
    ),
    "a token whose sub has 10,000 characters": lambda scene: _with_sub(scene, "x" * 10_000),
    "the token of an unknown user": lambda scene: _with_sub(scene, scene.users.unknown_id()),
    "a payload that is not an object": lambda scene: _with_raw_payload(scene, '["sub"]'),
    "a payload that is not JSON": lambda scene: _with_raw_payload(scene, "{sub: Alice"),
}


@_defect("a payload that is not base64url")
def _(scene: Scene) -> Headers:
    issuer, header, _ = _issuer_header_payload(scene)
    return bearer(issuer.sign_raw(segment(header), "$$$$"))


# Not signed with the shared secret


@_defect("a tampered payload")
def _(scene: Scene) -> Headers:
    issuer, _, payload = _issuer_header_payload(scene)
    header, _, signature = issuer.token(scene.users.named("Bob").id).split(".")
    return bearer(f"{header}.{segment(payload)}.{signature}")


@_defect("a tampered signature")
def _(scene: Scene) -> Headers:
    head, _, signature = scene.users.named("Alice").token.rpartition(".")
    return bearer(f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}")


@_defect("an empty signature")
def _(scene: Scene) -> Headers:
    return bearer(scene.users.named("Alice").token.rpartition(".")[0] + ".")


@_defect("another secret")
def _(scene: Scene) -> Headers:
    issuer, header, payload = _issuer_header_payload(scene)
    return bearer(issuer.with_unknown_key().sign(header, payload))


@_defect("an empty secret")
def _(scene: Scene) -> Headers:
    _, header, payload = _issuer_header_payload(scene)
    return bearer(sign(header | {"alg": "HS256"}, payload, ""))


def _unsigned(scene: Scene, algorithm: str) -> Headers:
    _, header, payload = _issuer_header_payload(scene)
    return bearer(f"{segment(header | {'alg': algorithm})}.{segment(payload)}.")


def _random_signature(scene: Scene, algorithm: str, octets: int) -> Headers:
    """Name an asymmetric algorithm: a server that does not verify the signature accepts it."""
    _, header, payload = _issuer_header_payload(scene)
    text = f"{segment(header | {'alg': algorithm})}.{segment(payload)}"
    return bearer(f"{text}.{encode(secrets.token_bytes(octets))}")


def _with_own_key(scene: Scene, **parameters: Any) -> Headers:
    """Send a key, or a URL of keys, in the header, and sign with a key that is not the server's."""
    _, header, payload = _issuer_header_payload(scene)
    key = secrets.token_urlsafe(32)
    jwk = {"kty": "oct", "k": encode(key.encode()), "alg": "HS256"}
    named = {name: jwk if value is ... else value for name, value in parameters.items()}
    return bearer(sign(header | {"alg": "HS256"} | named, payload, key))


def _with_kid(scene: Scene, kid: str, key: str) -> Headers:
    """Name a key whose content an attacker knows, such as an empty file, and sign with that."""
    _, header, payload = _issuer_header_payload(scene)
    return bearer(sign(header | {"alg": "HS256", "kid": kid}, payload, key))


DEFECTS |= {
    "the algorithm none": lambda scene: _unsigned(scene, "none"),
    "the algorithm None, unsigned": lambda scene: _unsigned(scene, "None"),
    "no algorithm": lambda scene: _with_header(scene, alg=...),
    "the algorithm HS512": lambda scene: _with_header(scene, alg="HS512"),
    "the algorithm RS256": lambda scene: _random_signature(scene, "RS256", 256),
    "the algorithm ES256": lambda scene: _random_signature(scene, "ES256", 64),
    "a kid that points to /dev/null": lambda scene: _with_kid(scene, "../../../../dev/null", ""),
    "a kid that injects SQL": lambda scene: _with_kid(scene, "' UNION SELECT 'key' --", "key"),
    "a jwk of its own": lambda scene: _with_own_key(scene, jwk=...),
    "a jku of its own": lambda scene: _with_own_key(scene, jku="http://127.0.0.1:9/keys"),
    "a critical extension": lambda scene: _with_header(scene, crit=["unknown"], unknown=True),
}


@_defect("a header that is not an object")
def _(scene: Scene) -> Headers:
    issuer, _, payload = _issuer_header_payload(scene)
    return bearer(issuer.sign_raw(encode(b'["HS256"]'), segment(payload)))
