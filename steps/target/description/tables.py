"""The tables and keys of a target file: what the harness must know about a server to judge it.

`targets/template.toml` shows every key with a comment; `read.read` reads a file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from steps.target.description.placeholders import (
    SERVER_PLACEHOLDERS,
    USER_PLACEHOLDERS,
    EnvironmentText,
    only_placeholders,
    placeholder_names,
)

DEFAULT_INSERT = (
    "INSERT INTO {users} (id, name, email, email_verified, created_at, updated_at) "
    "VALUES (%(id)s, %(name)s, %(email)s, true, now(), now())"
)
DEFAULT_DELETE = "DELETE FROM {users} WHERE id = %(id)s"
USER_COLUMNS = frozenset({"id", "name", "email"})


def _check_columns(statement: str) -> str:
    for column, end in re.findall(r"%\(([^)\n]*+)(\)?)", statement):
        if end and column not in USER_COLUMNS:
            shown = ", ".join(f"%({one})s" for one in sorted(USER_COLUMNS))
            raise ValueError(f"%({column})s is unknown: use {shown}")
    return statement


def _check_path(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError("must be a path that begins with /")
    return text


def _check_url(text: str) -> str:
    try:
        valid = re.fullmatch(r"https?://[^/\s?#]\S*", text) and urlsplit(text).port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("must be a URL that begins with http:// or https://")
    if {"?", "#"} & set(text):
        raise ValueError("must end with its path: no query, no fragment")
    if "@" in text.partition("//")[2].partition("/")[0]:
        raise ValueError("must not hold a user name or a password: reports show it")
    return text.rstrip("/")


def _check_variable_name(name: str) -> str:
    if not name or {"=", "\0"} & set(name):
        raise ValueError(f"{name!r} can be no name of a variable")
    return name


def _check_header_name(name: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # RFC 9110, section 5.6.2
        raise ValueError(f"{name!r} can be no name of a header")
    return name


def _check_path_or_url(text: str) -> str:
    return text if text.startswith(("/", "{env:")) else _check_url(text)


class Table(BaseModel):
    """A table of a target file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


CommandWords = Annotated[list[str], only_placeholders(SERVER_PLACEHOLDERS)]
VariableName = Annotated[str, AfterValidator(_check_variable_name)]
Variables = Annotated[dict[VariableName, str], only_placeholders(SERVER_PLACEHOLDERS)]
HeaderName = Annotated[str, AfterValidator(_check_header_name)]
UserStatement = Annotated[str, AfterValidator(_check_columns)]


class ServerTable(Table):
    """How the server is started, or where it runs already."""

    command: CommandWords = []
    """Program and arguments."""
    url: Annotated[EnvironmentText, AfterValidator(_check_url)] = ""
    """Base URL of a server that runs already; instead of `command`."""
    env: Variables = {}
    """Its environment; of the harness's, it gets nothing but PATH, HOME and the like."""
    folder: str = "."
    """Where it is started, relative to the target file."""
    python: str = ""
    """Its interpreter, relative to `folder`, for `{python}`. Default: the harness's."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The port that it listens on, where it cannot be told one by `{port}`."""
    ready: Annotated[str, AfterValidator(_check_path)] = "/"
    """Path that is requested until the server answers with any status."""
    start_seconds: Annotated[int, Field(ge=1, le=300)] = 30
    """Timeout of its start."""
    source: list[str] = []
    """Folders of its Python source, relative to `folder`."""
    measure: bool = True
    """Whether the lines of `source` that run are recorded."""
    cors_origin: EnvironmentText = ""
    """With `url`: the origin that it allows. A started server is told one by `{cors_origin}`."""

    @model_validator(mode="after")
    def _check_keys(self) -> ServerTable:
        if self.command and self.url:
            raise ValueError("command and url exclude one another: start it, or say where it runs")
        if not self.command and not self.url:
            raise ValueError("command is missing: say what starts the server, or its url")
        started = {"env", "port", "python", "start_seconds"} & self.model_fields_set
        if self.url and started:
            raise ValueError(f"{min(started)} goes with command: a server at a url runs already")
        if self.command and self.cors_origin:
            raise ValueError("cors_origin goes with url: tell it {cors_origin} in env instead")
        texts = [*self.command, *self.env.values()]
        if (
            self.command
            and self.port is None
            and not any("port" in placeholder_names(text) for text in texts)
        ):
            raise ValueError(
                "command and env tell no {port}: the harness chooses one; where the server cannot "
                "be told, name the one it listens on as port"
            )
        return self


class DatabaseTable(Table):
    """How the schema of the fresh database is made and torn down."""

    sql: list[str] = []
    """Files of SQL statements, relative to the target file, run before `schema`."""
    schema_command: CommandWords = Field(default=[], alias="schema")
    teardown: CommandWords = []
    env: Variables = {}
    """Environment of both commands."""
    grant: Annotated[str, only_placeholders({"role"})] = ""
    """SQL that gives the server's login `{role}` its rights; empty: the role owns the database."""
    url: EnvironmentText = ""
    """With a server at a `url`: its database, for `[users] insert` and `delete` alone."""
    users: str = "users"
    tasks: str = "tasks"
    """Names of the tables."""


class RequestTable(Table):
    """One HTTP request to the server, or to its identity provider."""

    url: Annotated[str, only_placeholders({"id"}), AfterValidator(_check_path_or_url)]
    """A path of the server, or a whole URL."""
    method: str = "POST"
    headers: Annotated[dict[HeaderName, str], only_placeholders(USER_PLACEHOLDERS, {"token"})] = {}
    body: Annotated[dict[str, Any], only_placeholders(USER_PLACEHOLDERS)] = {}
    """Sent as JSON."""
    id: str = ""
    """Path of the user's id in the answer: `user.id`. Default: the token's `sub`."""
    token: str = ""
    """Path of the token in the answer: `data.token`, or a header: `header:set-auth-jwt`."""


class UsersTable(Table):
    """How a user is made and deleted."""

    insert: UserStatement = ""
    """SQL; a statement that returns a row returns the id in it. Default: a row as Better Auth
    makes it, in snake_case."""
    delete: UserStatement = ""
    """SQL. Default: the row of that id is deleted."""
    ids: Literal["letters", "uuid"] = "letters"
    """Form of the ids that the harness makes: 32 letters and digits as of Better Auth, or UUIDs."""
    sign_up: RequestTable | None = None
    """Instead of `insert`."""
    sign_in: RequestTable | None = None
    """Sent after `sign_up`, with its cookies, to get the token."""
    remove: RequestTable | None = None
    """Instead of `delete`."""


class TokensTable(Table):
    """How tokens are signed."""

    algorithm: Literal["HS256", "EdDSA", "ES256", "RS256"] = "HS256"
    secret: EnvironmentText = ""
    """Of a server at a `url`. A started server is told a new one by `{jwt_secret}`."""
    private_key: str = ""
    """PEM file, relative to the target file. Default: a new key, published at `{jwks_url}`."""
    key_id: str = ""
    """The `kid` by which the server knows the key."""
    claims: Annotated[dict[str, Any], only_placeholders({"issuer"})] = {}
    """Claims that every token has beside `sub`, `iat` and `exp`."""


class OffersTable(Table):
    """Abilities of the server beyond the spec."""

    published_keys: Variables | None = None
    """Environment variables with which it verifies tokens by the key set at `{jwks_url}`, whose
    `iss` and `aud` are `{issuer}`; a variable with an empty text is left out."""
    row_security: Variables | None = None
    """Variables with which it must refuse to start: its login could see every row."""
    limits: Variables | None = None
    """Variables with which it gives a head, a body, an unread answer, a silent connection and its
    own end a second each, and has 50 clients at most; lines, fields and heads have the sizes of
    the specification."""
    workers: Variables | None = None
    """Variables with which several processes serve the port."""
    refused_settings: (
        list[Annotated[str, Field(pattern="^[A-Z_]+="), only_placeholders(SERVER_PLACEHOLDERS)]]
        | None
    ) = None
    """`NAME=value`, each of which stops the start with one sentence that begins with the name."""
    parallel_requests: Literal[True] | None = None
    """Whether a request that waits for a locked row holds up no other one."""
    contract: CommandWords | None = None
    """Command that compares the contract, the file at its end, with the server's API."""

    @property
    def names(self) -> frozenset[str]:
        """Names of the offers, as in the scenarios' tags."""
        given = {name for name, value in self if value is not None}
        return frozenset(name.replace("_", "-") for name in given)


class Deviation(Table):
    """A requirement that the server is known not to meet."""

    requirement: str
    reason: Annotated[str, Field(min_length=1)]
    scenarios: list[str] = []
    """Names of the scenarios that may fail; empty: any of the requirement's."""


class Description(Table):
    """One server, as its target file describes it."""

    path: Path
    name: str
    server: ServerTable
    database: DatabaseTable = DatabaseTable()
    users: UsersTable = UsersTable()
    tokens: TokensTable = TokensTable()
    offers: OffersTable = OffersTable()
    deviations: list[Deviation] = []

    @property
    def insert_user_sql(self) -> str:
        """The statement that makes a user."""
        return self.users.insert or DEFAULT_INSERT.format(users=self.database.users)

    @property
    def delete_user_sql(self) -> str:
        """The statement that deletes a user."""
        return self.users.delete or DEFAULT_DELETE.format(users=self.database.users)

    @property
    def folder(self) -> Path:
        """Where the server is started; its source is relative to it."""
        return (self.path.parent / self.server.folder).resolve()

    def path_of(self, name: str) -> Path:
        """Return the path of a file that is named relative to the target file."""
        return self.path.parent / name
