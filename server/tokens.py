"""From a bearer token to a user id: verified, never issued (RFC 6750, RFC 7515, RFC 7519).

The signature comes first, so that no answer says anything about the claims of a forged token.
"""

import re
import time
from contextlib import suppress
from typing import Annotated

from jwt import InvalidSignatureError, PyJWS
from jwt.algorithms import AllowedPublicKeys, HMACAlgorithm, OKPAlgorithm
from jwt.exceptions import PyJWTError
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from server.errors import InvalidCredentialsError
from server.key_set import KeySet
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


class Checked(HMACAlgorithm):
    """HMAC with a secret that the settings have checked; PyJWT would check it for every token."""

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the secret unchanged."""
        # Implements: FR-002
        return key.encode() if isinstance(key, str) else key

    def check_key_length(self, _: bytes) -> None:
        """Find no fault: the settings refuse a secret that is shorter than its hash."""
        # Implements: FR-002


class Verifier:
    """Verifies tokens: returns the user of a token, or raises why it is refused."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = settings.jwt_secret or ""
        self._algorithms: list[str] = [settings.jwt_algorithm]
        self._signatures = PyJWS()
        self._signatures.unregister_algorithm("HS256")
        self._signatures.register_algorithm("HS256", Checked(HMACAlgorithm.SHA256))
        for name in ("Ed25519", "Ed448"):  # RFC 9864: what EdDSA is called with this curve
            self._signatures.register_algorithm(name, OKPAlgorithm())
        self._keys = (
            KeySet(settings.jwks_url, settings.jwt_algorithm) if settings.jwks_url else None
        )

    async def user_id(self, token: str) -> str:
        """Verify a token and return its `sub`. Raises `InvalidCredentialsError`."""
        # Implements: FR-004, SR-002, US1-AS1
        claims = self._claims(await self._payload(token))
        self._check_times(claims)
        self._check_origin(claims)
        return claims.sub

    async def _payload(self, token: str) -> bytes:
        # Implements: FR-002, SR-006, US1-AS4
        try:
            if self._keys is None:  # no header of a token changes the shared secret
                return self._decode(token, self._secret, self._algorithms)
            header = self._signatures.get_unverified_header(token)
            keys = [found.key for found in await self._keys.find(header)]
            for key in keys[:-1]:
                with suppress(InvalidSignatureError):
                    return self._decode(token, key, self._keys.algorithms)
            return self._decode(token, keys[-1], self._keys.algorithms)
        except InvalidSignatureError:
            raise InvalidCredentialsError(
                "The token's signature is invalid.", reason="bad_signature"
            ) from None
        except PyJWTError:
            raise InvalidCredentialsError(
                "The token is malformed.", reason="malformed_token"
            ) from None

    def _decode(self, token: str, key: AllowedPublicKeys | str, algorithms: list[str]) -> bytes:
        # Implements: FR-002, US1-AS4
        payload: bytes = self._signatures.decode_complete(token, key, algorithms=algorithms)[
            "payload"
        ]
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
        # Implements: US1-AS1
        issuer, audience = self._settings.jwt_issuer, self._settings.jwt_audience
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if (issuer and claims.iss != issuer) or (audience and audience not in audiences):
            raise InvalidCredentialsError("The token was issued for another use.", reason="origin")
