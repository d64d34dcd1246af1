"""Which published keys verify which tokens."""

import json
from typing import Any

import anyio
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

from server.errors import InvalidCredentialsError
from server.key_set import MOST_KEYS, KeysUnavailableError
from server.published_key import MAXIMUM_BYTES
from server.settings import Settings
from server.tokens import Verifier
from tests.server.issuer import Issuer
from tests.server.test_tokens import CLAIMS, part

A, B = (rsa.generate_private_key(65537, 2048) for _ in range(2))
SHORT = rsa.generate_private_key(65537, 1024)
ED, OTHER_ED, ED448 = (
    ed25519.Ed25519PrivateKey.generate(),
    ed25519.Ed25519PrivateKey.generate(),
    ed448.Ed448PrivateKey.generate(),
)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
ALGORITHM = {"RS256": RSAAlgorithm, "EdDSA": OKPAlgorithm, "ES256": ECAlgorithm}


def jwk(private: Any, **members: Any) -> dict[str, Any]:
    kind = (
        RSAAlgorithm
        if isinstance(private, rsa.RSAPrivateKey)
        else ECAlgorithm
        if isinstance(private, ec.EllipticCurvePrivateKey)
        else OKPAlgorithm
    )
    found = json.loads(kind.to_jwk(private.public_key()))
    found.pop("key_ops", None)
    return {**found, **members}


def x25519_key(**members: Any) -> dict[str, Any]:
    raw = (
        x25519.X25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    )
    return {"kty": "OKP", "crv": "X25519", "x": base64url_encode(raw).decode(), **members}


def token(private: Any, kid: Any = ..., alg: str = "RS256", **header: Any) -> str:
    """Sign with any header, also one that a JWT library refuses to write."""
    said = {"alg": alg, **({} if kid is ... else {"kid": kid}), **header}
    signed = f"{part(said)}.{part(CLAIMS)}"
    name = alg if alg in ALGORITHM else "EdDSA"
    signature = jwt.PyJWS().get_algorithm_by_name(name).sign(signed.encode(), private)
    return f"{signed}.{part(signature)}"


def verifier(issuer: Issuer, algorithm: str = "RS256") -> Verifier:
    return Verifier(
        Settings(
            database_url="postgresql://host/tasks",
            jwks_url=issuer.url,
            jwt_algorithm=algorithm,  # type: ignore[arg-type]
            cors_origin="http://localhost:3000",  # type: ignore[arg-type]
        )
    )


def outcome(content: object, sent: str, algorithm: str = "RS256") -> str:
    """Return the user, or the reason of the refusal."""
    with Issuer(content) as issuer:
        try:
            return anyio.run(verifier(issuer, algorithm).user_id, sent)
        except InvalidCredentialsError as error:
            return error.reason
        except KeysUnavailableError:
            return "unavailable"


BAD: list[Any] = [
            None, 7, "k", [], {}, {"kty": "RSA"}, {"kty": ["RSA"], "kid": "k"}, {"kty": "X"},
            jwk(B, kid=["k"]), jwk(B, kid=7), jwk(B, kid=None), jwk(B, kid="k", key_ops="verify"),
            jwk(B, kid="k", n="!"), jwk(B, kid="k", n=7), jwk(B, kid="k", e=""),
            jwk(B, kid="k", alg="RS512"), jwk(B, kid="k", alg="RSA-OAEP"), jwk(B, kid="k", alg=[]),
            jwk(B, kid="k", use=["sig"]), {"kty": "oct", "kid": "k", "k": "QUFB"},
            {"kty": "oct", "kid": "k", "k": "QUFB", "alg": "RS256"}, jwk(P256, kid="k"),
            jwk(P256, kid="k", alg="RS256"), jwk(SHORT, kid="k"), jwk(ED, kid="k", kty="RSA"),
]  # fmt: skip
GOOD: list[tuple[list[Any], str]] = [
    ([jwk(A, kid="k", use="sig"), jwk(B, kid="k", use="enc")], token(A, "k")),
    ([jwk(B, kid="k", use="enc"), jwk(A, kid="k", use="sig")], token(A, "k")),
    ([jwk(B, kid="k"), jwk(A, kid="k")], token(A, "k")),
    ([jwk(A), jwk(B)], token(A)),
    ([jwk(A), jwk(B)], token(B)),
    ([jwk(A, kid="k")], token(A)),
    ([*(jwk(B, kid=str(n)) for n in range(20)), jwk(A)], token(A)),
    ([jwk(A, kid="k", key_ops=["encrypt", "verify"])], token(A, "k")),
    ([jwk(A, kid="k", alg="RS256", use="sig", x5t=7, more={})], token(A, "k")),
    ([jwk(A, kid="")], token(A, "")),
    ([jwk(A, kid="k")], token(A, "k", jku="http://127.0.0.1:9/", x5u="http://127.0.0.1:9/")),
    ([jwk(A, kid="k")], token(A, "k", jwk=jwk(B), x5c=["AA"])),
    *(([bad, jwk(A, kid="k")], token(A, "k")) for bad in BAD),
]
NO_KIDS: list[Any] = [["k"], None, 7, {}, True]
GOOD_ED = [
    ([jwk(ED, kid="k", alg="Ed25519")], token(ED, "k", "EdDSA")),
    ([jwk(ED, kid="k", alg="EdDSA")], token(ED, "k", "Ed25519")),
    ([jwk(ED, kid="k")], token(ED, "k", "Ed25519")),
    ([jwk(ED448, kid="k", alg="Ed448")], token(ED448, "k", "EdDSA")),
    ([x25519_key(kid="k"), jwk(ED448, kid="k"), jwk(ED, kid="k")], token(ED, "k", "EdDSA")),
    ([jwk(ED, kid=["k"]), jwk(ED, kid="k")], token(ED, "k", "EdDSA")),
    ([jwk(ED, kid="k", x="AA"), jwk(ED, kid="k")], token(ED, "k", "EdDSA")),
]


@pytest.mark.parametrize(("keys", "sent"), GOOD)
def test_a_key_for_verifying_is_found_beside_any_other(keys: list[Any], sent: str) -> None:
    assert outcome({"keys": keys}, sent) == "ann"


@pytest.mark.parametrize(("keys", "sent"), GOOD_ED)
def test_the_names_of_eddsa(keys: list[Any], sent: str) -> None:
    assert outcome({"keys": keys}, sent, "EdDSA") == "ann"


def test_the_curve_of_es256() -> None:
    keys = {"keys": [jwk(P384, kid="k"), jwk(P256, kid="k")]}
    assert outcome(keys, token(P256, "k", "ES256"), "ES256") == "ann"


@pytest.mark.parametrize(
    "key",
    [
        jwk(A, kid="k", use="enc"),
        jwk(A, kid="k", use="SIG"),
        jwk(A, kid="k", use=None),
        jwk(A, kid="k", use=""),
        jwk(A, kid="k", key_ops=["encrypt"]),
        jwk(A, kid="k", key_ops=[]),
        jwk(A, kid="k", key_ops=None),
        jwk(A, kid="k", key_ops={"verify": 1}),
        jwk(A, kid="k", use="sig", key_ops=["wrapKey"]),
        jwk(A, kid="k", use="enc", key_ops=["verify"]),
        jwk(A, kid="k", alg="PS256"),
        jwk(A, kid="k", alg=None),
        jwk(A, kid=["k"]),
        jwk(A, kid="K"),
        json.loads(RSAAlgorithm.to_jwk(A)) | {"kid": "k"},
    ],
)
def test_a_key_for_another_use_verifies_nothing(key: dict[str, Any]) -> None:
    key.pop("key_ops") if key.get("key_ops") == ["sign"] else None
    assert outcome({"keys": [key]}, token(A, "k")) == "unknown_key"


@pytest.mark.parametrize("kid", [["k"], 7, {"k": 1}, True])
def test_a_kid_that_is_no_text_is_no_text_of_it(kid: Any) -> None:
    assert outcome({"keys": [jwk(A, kid=kid)]}, token(A, str(kid))) == "unknown_key"
    assert outcome({"keys": [jwk(A, kid=kid)]}, token(A)) == "unknown_key"


def test_a_short_key_verifies_nothing() -> None:
    assert outcome({"keys": [jwk(SHORT, kid="k")]}, token(SHORT, "k")) == "unknown_key"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        *((token(A, kid), "malformed_token") for kid in NO_KIDS),
        (token(A, ""), "unknown_key"),
        (token(A, "other"), "unknown_key"),
        (token(B, "k"), "bad_signature"),
        (token(B), "bad_signature"),
        (token(A, "k", crit=["exp"]), "malformed_token"),
        (token(A, "k", crit=[]), "malformed_token"),
        (token(A, "k", b64=False), "malformed_token"),
        (token(A, "k", b64=False, crit=["b64"]), "malformed_token"),
        (token(ED, "k", "EdDSA"), "malformed_token"),
        (f"{part({'alg': 'none', 'kid': 'k'})}.{part(CLAIMS)}.", "malformed_token"),
    ],
)  # fmt: skip
def test_a_token_that_no_key_verifies(sent: str, reason: str) -> None:
    assert outcome({"keys": [jwk(A, kid="k")]}, sent) == reason


def test_a_token_without_a_kid_is_tried_with_so_many_keys_and_no_more() -> None:
    others = [jwk(B) for _ in range(MOST_KEYS)]
    assert outcome({"keys": [*others[1:], jwk(A)]}, token(A)) == "ann"
    assert outcome({"keys": [*others, jwk(A)]}, token(A)) == "bad_signature"


def test_ed448_is_no_ed25519() -> None:
    keys = {"keys": [jwk(ED448, kid="k")]}
    assert outcome(keys, token(ED448, "k", "Ed25519"), "EdDSA") == "unknown_key"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"nothing", b"\xff", b"[" * 100_000, b"9" * 5000, None, 7, "keys", [],
        [jwk(A, kid="k")], {}, {"keys": None}, {"keys": {}}, {"keys": "k"}, jwk(A, kid="k"),
        json.dumps({"keys": [jwk(A, kid="k")]}).encode().ljust(MAXIMUM_BYTES + 1),
    ],
)  # fmt: skip
def test_what_is_no_key_set_is_a_fault_of_the_issuer(content: object) -> None:
    assert outcome(content if content is not None else b"null", token(A, "k")) == "unavailable"


def test_a_set_of_one_megabyte_and_one_without_keys_are_sets() -> None:
    full = json.dumps({"keys": [jwk(A, kid="k")]}).encode().ljust(MAXIMUM_BYTES)
    assert outcome(full, token(A, "k")) == "ann"
    assert outcome({"keys": []}, token(A, "k")) == "unknown_key"
