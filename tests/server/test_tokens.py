"""The user of a token, or the reason why the token is refused."""

import base64
import hashlib
import hmac
import json
import re
import time
from typing import Any

import anyio
import jwt
import pytest

from server.errors import InvalidCredentialsError
from server.settings import Settings
from server.tokens import Verifier, bearer_token

SECRET = "a secret that is just for these tests"
HEADER = {"alg": "HS256", "typ": "JWT"}
SOON = 4_102_444_800  # the year 2100: tokens are ids of tests, which all workers share
LONG = b'"%s"' % (b"u" * 256)
CLAIMS = {"sub": "ann", "exp": SOON}


def part(content: object) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(payload: object, header: object = HEADER) -> str:
    """Sign any header and payload, also those that a JWT library refuses to sign."""
    signed = f"{part(header)}.{part(payload)}"
    digest = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(digest)}"


def user_of(token: str, **settings: Any) -> str:
    verifier = Verifier(
        Settings(
            database_url="postgresql://host/tasks",
            jwt_secret=SECRET,
            cors_origin="http://localhost:3000",  # type: ignore[arg-type]
            **settings,
        )
    )
    return anyio.run(verifier.user_id, token)


@pytest.mark.parametrize(
    "token",
    [
        sign(CLAIMS),
        sign({**CLAIMS, "exp": SOON + 0.5}),
        sign({**CLAIMS, "nbf": 1, "iat": 1, "iss": "x", "aud": ["y"], "type": "refresh"}),
        sign(CLAIMS, {**HEADER, "kid": "../../dev/null", "jku": "http://evil", "jwk": {}}),
    ],
)
def test_a_valid_token_names_its_user(token: str) -> None:
    assert user_of(token) == "ann"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (sign({**CLAIMS, "exp": 1}), "expired"),
        (sign({**CLAIMS, "nbf": SOON}), "not_yet_valid"),
        (sign({**CLAIMS, "iat": SOON}), "not_yet_valid"),
        *(
            (sign(b'{"sub": "ann", "exp": %s}' % value), "invalid_claims")
            for value in (b"null", b"true", b'"9999999999"', b"[]", b"1e400", b"NaN", b"1" * 5000)
        ),
        *(
            (sign(b'{"sub": %s, "exp": %d}' % (value, SOON)), "invalid_claims")
            for value in (b"null", b"7", b'""', b"[]", b'"a\\u0000"', b'"\\ud800"', LONG)
        ),
        (sign({"sub": "ann"}), "invalid_claims"),
        (sign({"exp": SOON}), "invalid_claims"),
        (sign([]), "invalid_claims"),
        (sign(b"\xff"), "invalid_claims"),
        (sign(b"[" * 3000), "invalid_claims"),
        (sign(CLAIMS)[:-4] + "AAAA", "bad_signature"),
        (jwt.encode(CLAIMS, "another secret that is long enough", "HS256"), "bad_signature"),
        (re.sub(r"\..*\.", f".{part({**CLAIMS, 'sub': 'bob'})}.", sign(CLAIMS)), "bad_signature"),
        (sign(CLAIMS, {**HEADER, "crit": ["exp"]}), "malformed_token"),
        (f"{part({'alg': 'none'})}.{part(CLAIMS)}.", "malformed_token"),
        (jwt.encode(CLAIMS, SECRET * 2, "HS512"), "malformed_token"),
        (sign(CLAIMS, {"alg": ["HS256"]}), "malformed_token"),
        (sign(CLAIMS, {"alg": {}}), "malformed_token"),
        (sign(CLAIMS, []), "malformed_token"),
        (sign(CLAIMS, b"[" * 3000), "malformed_token"),
        (sign(CLAIMS, b'{"alg": "HS256", "n": %s}' % (b"9" * 5000)), "malformed_token"),
        ("a.b.c", "malformed_token"),
        ("abc", "malformed_token"),
    ],
)  # fmt: skip
def test_a_wrong_token_is_refused(token: str, reason: str) -> None:
    with pytest.raises(InvalidCredentialsError) as raised:
        user_of(token)
    assert raised.value.reason == reason


def test_leeway_is_given_when_configured_only() -> None:
    late = sign({**CLAIMS, "exp": int(time.time()) - 30})
    assert user_of(late, jwt_leeway_seconds=60) == "ann"
    with pytest.raises(InvalidCredentialsError, match="expired"):
        user_of(late)


@pytest.mark.parametrize("claim", [{}, {"iss": "evil", "aud": "api"}, {"iss": "id", "aud": ["x"]}])
def test_issuer_and_audience_are_checked_when_configured(claim: dict[str, Any]) -> None:
    ours = {"jwt_issuer": "id", "jwt_audience": "api"}
    assert user_of(sign({**CLAIMS, "iss": "id", "aud": ["x", "api"]}), **ours) == "ann"
    with pytest.raises(InvalidCredentialsError) as raised:
        user_of(sign({**CLAIMS, **claim}), **ours)
    assert raised.value.reason == "origin"


@pytest.mark.parametrize("value", [b"Bearer abc", b"bearer abc", b"BEARER  abc "])
def test_the_scheme_is_matched_without_regard_to_case(value: bytes) -> None:
    assert bearer_token([(b"authorization", value)]) == "abc"


@pytest.mark.parametrize(
    ("values", "challenge"),
    [
        ([], "Bearer"),
        ([b""], "Bearer"),
        ([b"Basic YTpi"], "Bearer"),
        ([b"abc"], "Bearer"),
        ([b"Bearer"], "invalid_token"),
        ([b"Bearer a b"], "invalid_token"),
        ([b"Bearer \xe9"], "invalid_token"),
        ([b"Bearer " + b"a" * 8193], "invalid_token"),
        ([b"Bearer a", b"Bearer a"], "invalid_token"),
    ],
)
def test_without_a_token_the_challenge_has_no_error_code(
    values: list[bytes], challenge: str
) -> None:
    with pytest.raises(InvalidCredentialsError) as raised:
        bearer_token([(b"authorization", value) for value in values])
    header = raised.value.response().headers["www-authenticate"]
    assert header == challenge or f'error="{challenge}"' in header
