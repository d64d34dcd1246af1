"""Everything that can be configured: environment variables, and nothing else."""

import logging
import os
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from server.database_url import HOW_TO_WRITE, checked_url
from server.host import names_host, sent_by_browsers
from server.secret import check_secret

log = logging.getLogger("server.settings")

# As browsers send it: scheme, host in lower case, and a port only where it is not the usual one.
ORIGIN = re.compile(
    r"(?!http://[^/]*:80$|https://[^/]*:443$)"
    r"https?://(?P<host>[a-z0-9_.-]+|\[[0-9a-f:.]+\])(:(?P<port>[1-9]\d{0,4}))?"
)
MOST_PORTS = 65535

REMEDIES = {
    "DATABASE_URL": HOW_TO_WRITE,
    "JWT_SECRET": "set it to the secret shared with the token issuer, 32 bytes or more",
    "CORS_ORIGIN": "set it to the frontend's origin, for example http://localhost:3000",
}


class SettingsError(Exception):
    """A setting is missing or unusable. The message is one sentence with variable and remedy."""


def _secret(value: str) -> str:
    # Implements: SR-006
    try:
        check_secret(value)
    except ValueError as error:
        raise ValueError(f"{error}: {REMEDIES['JWT_SECRET']}") from None
    return value


def _origins(value: str) -> tuple[str, ...]:
    # Implements: FR-020
    origins = tuple(origin.strip().rstrip("/") for origin in value.split(",") if origin.strip())
    found = [ORIGIN.fullmatch(origin) for origin in origins]
    if not origins or not all(
        one and sent_by_browsers(one["host"]) and int(one["port"] or 0) <= MOST_PORTS
        for one in found
    ):
        raise ValueError(
            "must name origins as browsers send them, such as http://localhost:3000 (lower case, no"
            " path, no usual port), separated by commas; * is refused with credentials"
        )
    return origins


def _http_url(value: str) -> str:
    if not re.fullmatch(r"[!-~]+", value) or re.search(r"%(?![0-9A-Fa-f]{2})", value):
        raise ValueError(
            "must hold other characters than ASCII, spaces, and % itself, percent-encoded"
        )
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.port != 0 and "@" not in parts.netloc
        usable = usable and names_host((parts.hostname or "").removesuffix("."))
    except ValueError:  # a port or an IPv6 address that is none
        usable = False
    if not usable:
        raise ValueError("must begin with https:// or http:// and a host, and hold no password")
    return value


def _host(value: str) -> str:
    # Implements: C-008
    if not names_host(value):
        raise ValueError(
            "is no address: set it to one of this machine, for example 127.0.0.1, or ::1 without"
            " brackets"
        )
    return value


def _exact(value: str) -> str:
    """Refuse white space around what tokens have to hold exactly: they never would."""
    # Implements: SR-006
    if value != value.strip():
        raise ValueError("begins or ends with white space: take it away")
    return value


Seconds = Annotated[float, Field(gt=0, le=300)]


class Settings(BaseSettings):
    """The server's configuration. Field `jwt_secret` is variable `JWT_SECRET`, and so on."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    database_url: Annotated[str, AfterValidator(checked_url)] = Field(repr=False)
    cors_origin: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]
    jwt_secret: Annotated[str, AfterValidator(_secret)] | None = Field(default=None, repr=False)
    jwks_url: Annotated[str, AfterValidator(_http_url)] | None = None
    jwt_algorithm: Literal["HS256", "EdDSA", "ES256", "RS256"] = "HS256"
    jwt_issuer: Annotated[str, AfterValidator(_exact)] | None = None
    jwt_audience: Annotated[str, AfterValidator(_exact)] | None = None
    jwt_leeway_seconds: Annotated[float, Field(ge=0, le=300)] = 0
    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=MOST_PORTS)] = 8000
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    max_body_bytes: Annotated[int, Field(ge=1)] = 64 * 1024
    max_line_bytes: Annotated[int, Field(ge=1024, le=1024 * 1024)] = 64 * 1024
    max_header_fields: Annotated[int, Field(ge=10, le=10_000)] = 200
    max_head_bytes: Annotated[int, Field(ge=1024, le=16 * 1024 * 1024)] = 256 * 1024
    max_connections: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    head_seconds: Seconds = 10
    body_seconds: Seconds = 30
    answer_seconds: Seconds = 60
    idle_seconds: Seconds = 15
    shutdown_seconds: Seconds = 10
    database_pool_size: Annotated[int, Field(ge=1, le=1000)] = 10
    database_connect_seconds: Seconds = 5
    database_pool_seconds: Seconds = 5
    database_statement_seconds: Seconds = 5
    database_lock_seconds: Seconds | None = None
    database_request_seconds: Seconds | None = None
    database_connection_age_seconds: Annotated[float, Field(gt=0, le=86400)] = 300

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read names in capitals alone: of `PORT` and `port`, one would win by chance."""
        # Implements: SR-006
        environment = EnvSettingsSource(settings_cls)
        environment.env_vars = {
            name.lower(): value for name, value in os.environ.items() if name == name.upper()
        }
        return init_settings, environment

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_meant(cls, values: dict[str, object]) -> dict[str, object]:
        """Take off line breaks at the end: a secret of Kubernetes made by `echo` has one."""
        # Implements: SR-006
        taken = {}
        for field, value in values.items():
            name = field.upper()
            if isinstance(value, str):
                if re.search("[\ud800-\udfff]", value):
                    raise ValueError(f"{name} holds bytes that are no UTF-8: write it in UTF-8")
                if value.startswith("\ufeff"):
                    raise ValueError(f"{name} begins with a byte order mark: take it away")
                if value.endswith(("\n", "\r")):
                    value = value.rstrip("\r\n")
                    log.warning("%s ends in a line break, which was taken off.", name)
                if not value:  # counts as not set, as any other empty variable
                    continue
            taken[field] = value
        return taken

    @property
    def lock_seconds(self) -> float:
        """How long a statement waits for another's lock, so that it frees its connection soon."""
        return self.database_lock_seconds or self.database_statement_seconds * 0.4

    @property
    def request_seconds(self) -> float:
        """How long all that one request does in the database may take."""
        return self.database_request_seconds or self.database_statement_seconds + 3

    @model_validator(mode="after")
    def _one_way_to_verify(self) -> "Settings":
        # Implements: SR-006
        if self.lock_seconds >= self.database_statement_seconds:
            raise ValueError(
                "DATABASE_LOCK_SECONDS must be below DATABASE_STATEMENT_SECONDS: lower it"
            )
        if self.jwks_url is None and self.jwt_secret is None:
            raise ValueError(f"JWT_SECRET is missing: {REMEDIES['JWT_SECRET']}")
        if self.jwks_url is not None and self.jwt_secret is not None:
            raise ValueError("JWKS_URL and JWT_SECRET are both set: keep the one that is meant")
        if (self.jwt_algorithm == "HS256") == (self.jwks_url is not None):
            raise ValueError(
                "JWT_ALGORITHM must be HS256 with JWT_SECRET, and EdDSA, ES256 or RS256 with"
                " JWKS_URL"
            )
        return self


def load_settings() -> Settings:
    """Read the environment. Raises `SettingsError` for the first thing that is wrong with it."""
    # Implements: SR-006, SR-007
    try:
        return Settings()  # type: ignore[call-arg]  # the environment gives them
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:  # an error about several variables: its sentence names them
        raise SettingsError(f"{message}.")
    name = str(first["loc"][0]).upper()
    if first["type"] == "missing":
        message = f"is missing: {REMEDIES[name]}"
    elif first["type"] != "value_error":
        message = f"is not usable: {message[0].lower()}{message[1:]}"
    raise SettingsError(f"{name} {message}.")
