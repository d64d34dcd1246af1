"""What cannot be guessed about a server that claims to implement the spec: its target file.

`targets/template.toml` shows every key with a comment; `targetfile.read` reads a file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from steps.target.description.placeholders import PERSON, SERVER, Outside, known, names

INSERT = (
    "INSERT INTO {users} (id, name, email, email_verified, created_at, updated_at) "
    "VALUES (%(id)s, %(name)s, %(email)s, true, now(), now())"
)
DELETE = "DELETE FROM {users} WHERE id = %(id)s"
COLUMNS = frozenset({"id", "name", "email"})


def _columns(statement: str) -> str:
    for column in re.findall(r"%\((.*?)\)", statement):
        if column not in COLUMNS:
            shown = ", ".join(f"%({one})s" for one in sorted(COLUMNS))
            raise ValueError(f"%({column})s is unknown: use {shown}")
    return statement


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError("must be a path that begins with /")
    return text


def _web(text: str) -> str:
    try:
        known = re.fullmatch(r"https?://[^/\s?#]\S*", text) and urlsplit(text).port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be a URL that begins with http:// or https://")
    if {"?", "#"} & set(text):
        raise ValueError("must end with its path: no query, no fragment")
    if "@" in text.partition("//")[2].partition("/")[0]:
        raise ValueError("must not hold a user name or a password: reports show it")
    return text.rstrip("/")


def _variable(name: str) -> str:
    if not name or {"=", "\0"} & set(name):
        raise ValueError(f"{name!r} can be no name of a variable")
    return name


def _header(name: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # RFC 9110, section 5.6.2
        raise ValueError(f"{name!r} can be no name of a header")
    return name


def _place(text: str) -> str:
    return text if text.startswith(("/", "{env:")) else _web(text)


class Table(BaseModel):
    """A table of a target file; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Words = Annotated[list[str], known(SERVER)]
Name = Annotated[str, AfterValidator(_variable)]
Variables = Annotated[dict[Name, str], known(SERVER)]
Header = Annotated[str, AfterValidator(_header)]
Statement = Annotated[str, AfterValidator(_columns)]


class ServerTable(Table):
    """How the server is started, or where it runs already."""

    command: Words = []
    """Program and arguments."""
    url: Annotated[Outside, AfterValidator(_web)] = ""
    """Base URL of a server that runs already; instead of `command`."""
    env: Variables = {}
    """Its environment; nothing else of ours reaches it but PATH, HOME and the like."""
    folder: str = "."
    """Where it is started, relative to the target file."""
    python: str = ""
    """Its own interpreter, relative to `folder`: what `{python}` stands for. Default: ours."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The port it listens on, where it cannot be told one by `{port}`."""
    ready: Annotated[str, AfterValidator(_path)] = "/"
    """Path that is asked until anything is answered."""
    start_seconds: Annotated[int, Field(ge=1, le=300)] = 30
    """How long it may take until it answers."""
    source: list[str] = []
    """Folders of its Python source, relative to `folder`."""
    measure: bool = True
    """Whether the lines of `source` that run are recorded."""
    cors_origin: Outside = ""
    """With `url`: the origin that it allows. A server that is started is told `{cors_origin}`."""

    @model_validator(mode="after")
    def _one_way(self) -> ServerTable:
        if self.command and self.url:
            raise ValueError("command and url exclude one another: start it, or say where it runs")
        if not self.command and not self.url:
            raise ValueError("command is missing: say what starts the server, or its url")
        started = {"env", "port", "python", "start_seconds"} & self.model_fields_set
        if self.url and started:
            raise ValueError(f"{min(started)} goes with command: a server at a url runs already")
        if self.command and self.cors_origin:
            raise ValueError("cors_origin goes with url: tell it {cors_origin} in env instead")
        told = [*self.command, *self.env.values()]
        if self.command and self.port is None and not any("port" in names(text) for text in told):
            raise ValueError(
                "command and env tell no {port}: the harness chooses one; where the server cannot "
                "be told, name the one it listens on as port"
            )
        return self


class DatabaseTable(Table):
    """How the schema comes to be in the fresh database, and goes again."""

    sql: list[str] = []
    """Files of SQL statements, relative to the target file, run before `schema`."""
    schema_command: Words = Field(default=[], alias="schema")
    teardown: Words = []
    env: Variables = {}
    """Environment of both commands."""
    grant: Annotated[str, known({"role"})] = ""
    """SQL that gives the server's login `{role}` its rights; empty: the role owns the database."""
    url: Outside = ""
    """With a server at a `url`: its database, for `[users] insert` and `delete` alone."""
    users: str = "users"
    tasks: str = "tasks"
    """Names of the tables."""


class Call(Table):
    """One HTTP request to whoever keeps the users."""

    url: Annotated[str, known({"id"}), AfterValidator(_place)]
    """A path of the server, or a whole URL."""
    method: str = "POST"
    headers: Annotated[dict[Header, str], known(PERSON, {"token"})] = {}
    body: Annotated[dict[str, Any], known(PERSON)] = {}
    """Sent as JSON."""
    id: str = ""
    """Where the user's id stands in the answer: `user.id`. Default: the token's `sub`."""
    token: str = ""
    """Where the token stands in the answer: `data.token`, or `header:set-auth-jwt`."""


class UsersTable(Table):
    """How a user comes to be, and goes."""

    insert: Statement = ""
    """SQL; a statement that returns a row returns the id in it. Default: a row as Better Auth
    makes it, in snake_case."""
    delete: Statement = ""
    """SQL. Default: the row of that id is deleted."""
    ids: Literal["letters", "uuid"] = "letters"
    """What ids the harness makes up: 32 letters and digits, as Better Auth does, or UUIDs."""
    sign_up: Call | None = None
    """Instead of `insert`."""
    sign_in: Call | None = None
    """Asked after `sign_up`, with its cookies, for the token."""
    remove: Call | None = None
    """Instead of `delete`."""


class TokensTable(Table):
    """How tokens are signed."""

    algorithm: Literal["HS256", "EdDSA", "ES256", "RS256"] = "HS256"
    secret: Outside = ""
    """Of a server at a `url`; one that is started is told `{jwt_secret}`."""
    private_key: str = ""
    """PEM file, relative to the target file. Default: a new key, published at `{jwks_url}`."""
    key_id: str = ""
    """The `kid` by which the server knows the key."""
    claims: Annotated[dict[str, Any], known({"issuer"})] = {}
    """Claims that every token has beside `sub`, `iat` and `exp`."""


class OffersTable(Table):
    """What the server can do beyond the spec."""

    published_keys: Variables | None = None
    """Environment variables with which it verifies tokens by the key set at `{jwks_url}`, whose
    `iss` and `aud` are `{issuer}`; an empty one takes a variable away."""
    row_security: Variables | None = None
    """Variables with which it must refuse to start: its login could see every row."""
    contract: Words | None = None
    """Command that compares the file at its end with what the server does."""

    @property
    def names(self) -> frozenset[str]:
        """Names of what is offered, as the scenarios' tags have them."""
        given = {name for name, value in self if value is not None}
        return frozenset(name.replace("_", "-") for name in given)


class Deviation(Table):
    """A requirement that the server is known to break."""

    requirement: str
    reason: Annotated[str, Field(min_length=1)]
    scenarios: list[str] = []
    """Names of the scenarios that may fail; none: any of the requirement."""


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
    def insert_user(self) -> str:
        """The statement that makes a user."""
        return self.users.insert or INSERT.format(users=self.database.users)

    @property
    def remove_user(self) -> str:
        """The statement that deletes a user."""
        return self.users.delete or DELETE.format(users=self.database.users)

    @property
    def folder(self) -> Path:
        """Where the server is started, and what its source is relative to."""
        return (self.path.parent / self.server.folder).resolve()

    def path_of(self, name: str) -> Path:
        """Return a file that is named relative to the target file."""
        return self.path.parent / name
