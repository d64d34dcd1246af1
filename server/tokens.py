"""From a bearer token to a user id: verified, never issued (RFC 6750, RFC 7515, RFC 7519).

The signature comes first, so that no answer says anything about the claims of a forged token.
"""

import asyncio
import re
import time
from typing import Annotated, Protocol
from urllib.request import urlopen

from jwt import InvalidSignatureError, PyJWK, PyJWKSet, PyJWS
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import PyJWTError
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from server.errors import InvalidCredentialsError
from server.settings import Settings

MAXIMUM_TOKEN_BYTES = 8 * 1024
BEARER = re.compile(rb"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


def bearer_token(headers: list[tuple[bytes, bytes]]) -> str:
    """Take the token from `Authorization`. Raises `InvalidCredentialsError` without one."""
    # Implements: FR-001, SR-001, SR-004, US1-AS2
    values = [value.strip() for name, value in headers if name == b"authorization"]
    if len(values) > 1:
        raise InvalidCredentialsError(
            "More than one Authorization header was sent.", reason="several_headers"
        )
    if not values or values[0].split(b" ")[0].lower() != b"bearer":
        raise InvalidCredentialsError(
            "Authentication is required: send the header 'Authorization: Bearer <token>'.",
            reason="missing_token",
        )
    match = BEARER.fullmatch(values[0])
    if match is None or len(match[1]) > MAXIMUM_TOKEN_BYTES:
        raise InvalidCredentialsError("The token is malformed.", reason="malformed_token")
    return match[1].decode("ascii")


class Claims(BaseModel):
    """The claims that are looked at; anything else in the payload means nothing here.

    `FiniteFloat` in strict mode is a JSON number: no string, no boolean, no null, no 1e400.
    """

    model_config = ConfigDict(strict=True)

    # What a `text` key of PostgreSQL can hold: no U+0000; the parser lets no lone surrogate by.
    sub: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
    exp: FiniteFloat
    nbf: FiniteFloat = 0
    iat: FiniteFloat = 0
    iss: str | None = None
    aud: str | list[str] = []


class Keys(Protocol):
    """Where the key that verifies a token comes from."""

    async def find(self, token: str) -> str | PyJWK:
        """Return the key for a token. Raises PyJWT's errors if there can be none."""


class Checked(HMACAlgorithm):
    """HMAC with a secret that the settings have checked; PyJWT would check it for every token."""

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the secret unchanged."""
        # Implements: FR-002
        return key.encode() if isinstance(key, str) else key


class SharedSecret:
    """One secret for all tokens. No header of a token changes which."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def find(self, _: str) -> str:
        """Return the secret."""
        # Implements: FR-002, SR-006
        return self._secret


class PublishedKeys:
    """The issuer's key set (RFC 7517), fetched when first needed and when it may have changed.

    An unknown `kid` makes it fetch the set again, at most once in `MIN_INTERVAL` seconds. A
    set older than `MAX_AGE` seconds is fetched again, so that a withdrawn key does not stay valid;
    if that fails, all tokens are refused: no token is checked with an outdated set.
    """

    MIN_INTERVAL = 1.0
    MAX_AGE = 300.0

    def __init__(self, url: str, algorithm: str) -> None:
        self._url = url
        self._algorithm = algorithm
        self._keys: dict[str | None, PyJWK] = {}
        self._fetched = float("-inf")
        self._attempts = 0
        self._failed = False
        self._fetching = asyncio.Lock()

    async def find(self, token: str) -> PyJWK:
        """Return the key that the token's `kid` names, if the issuer publishes it."""
        # Implements: FR-002
        key_id = PyJWS().get_unverified_header(token).get("kid")
        if self._outdated(key_id):
            attempts = self._attempts
            async with self._fetching:
                # A request that waited for another's attempt takes its result, a failure too: a
                # slow issuer must not be asked by one request after the other.
                if attempts == self._attempts:
                    await self._refresh()
                elif self._failed:
                    raise RuntimeError("No key set could be fetched")
        if key_id not in self._keys:
            raise InvalidCredentialsError("The token's key is unknown.", reason="unknown_key")
        return self._keys[key_id]

    def _outdated(self, key_id: str | None) -> bool:
        # Implements: FR-002
        age = time.monotonic() - self._fetched
        return age > self.MAX_AGE or (key_id not in self._keys and age > self.MIN_INTERVAL)

    async def _refresh(self) -> None:
        # Implements: FR-002
        self._attempts += 1
        self._failed = True
        self._keys = await asyncio.to_thread(self._fetch)
        self._fetched, self._failed = time.monotonic(), False

    def _fetch(self) -> dict[str | None, PyJWK]:
        # Implements: FR-002
        try:
            with urlopen(self._url, timeout=5) as response:  # noqa: S310 - http(s), see settings
                keys = PyJWKSet.from_json(response.read(1024 * 1024)).keys
        except (OSError, ValueError, PyJWTError) as error:
            raise RuntimeError("No key set could be fetched") from error  # a 500, not a 401
        return {key.key_id: key for key in keys if key.algorithm_name == self._algorithm}


class Verifier:
    """Verifies tokens: returns the user of a token, or raises why it is refused."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._signatures = PyJWS()
        self._signatures.unregister_algorithm("HS256")
        self._signatures.register_algorithm("HS256", Checked(HMACAlgorithm.SHA256))
        self._keys: Keys = (
            PublishedKeys(settings.jwks_url, settings.jwt_algorithm)
            if settings.jwks_url
            else SharedSecret(settings.jwt_secret or "")
        )

    async def user_id(self, token: str) -> str:
        """Verify a token and return its `sub`. Raises `InvalidCredentialsError`."""
        # Implements: FR-004, SR-002, US1-AS1
        claims = self._claims(await self._payload(token))
        self._check_times(claims)
        self._check_origin(claims)
        return claims.sub

    async def _payload(self, token: str) -> bytes:
        # Implements: FR-002, US1-AS4
        try:
            payload: bytes = self._signatures.decode_complete(
                token, await self._keys.find(token), algorithms=[self._settings.jwt_algorithm]
            )["payload"]
        except InvalidSignatureError:
            raise InvalidCredentialsError(
                "The token's signature is invalid.", reason="bad_signature"
            ) from None
        except PyJWTError:
            raise InvalidCredentialsError(
                "The token is malformed.", reason="malformed_token"
            ) from None
        return payload

    def _claims(self, payload: bytes) -> Claims:
        # Implements: FR-003, FR-004, SC-003
        try:
            return Claims.model_validate_json(payload)
        except ValidationError as error:
            names = [str(item["loc"][0]) for item in error.errors() if item["loc"]]
        detail = (
            f"The token's '{names[0]}' claim is missing or invalid."
            if names
            else ("The token is malformed.")
        )
        raise InvalidCredentialsError(detail, reason="invalid_claims")

    def _check_times(self, claims: Claims) -> None:
        # Implements: FR-003, US1-AS3
        now, leeway = time.time(), self._settings.jwt_leeway_seconds
        if claims.exp <= now - leeway:
            raise InvalidCredentialsError("The token has expired.", reason="expired")
        if max(claims.nbf, claims.iat) > now + leeway:
            raise InvalidCredentialsError("The token is not valid yet.", reason="not_yet_valid")

    def _check_origin(self, claims: Claims) -> None:
        # Implements: SR-001
        issuer, audience = self._settings.jwt_issuer, self._settings.jwt_audience
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if (issuer and claims.iss != issuer) or (audience and audience not in audiences):
            raise InvalidCredentialsError("The token was issued for another use.", reason="origin")
