"""The tables and keys of a target file: what the harness must know about a server to judge it.

`targets/template.toml` shows every key with a comment; `read.read` reads a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from steps.target.description.checks import (
    STRICT,
    check_columns,
    check_header_name,
    check_key_set_url,
    check_path,
    check_path_or_url,
    check_url,
    check_variable_name,
)
from steps.target.description.layout_tables import (
    BodiesTable,
    ColumnsTable,
    FieldsTable,
    PathsTable,
)
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


class Table(BaseModel):
    """A table of a target file; an unknown key is an error."""

    model_config = STRICT


CommandWords = Annotated[list[str], only_placeholders(SERVER_PLACEHOLDERS)]
VariableName = Annotated[str, AfterValidator(check_variable_name)]
Variables = Annotated[dict[VariableName, str], only_placeholders(SERVER_PLACEHOLDERS)]
HeaderName = Annotated[str, AfterValidator(check_header_name)]
UserStatement = Annotated[str, AfterValidator(check_columns)]


class ServerTable(Table):
    """How the server is started, or where it runs already."""

    command: CommandWords = []
    """Program and arguments."""
    url: Annotated[EnvironmentText, AfterValidator(check_url)] = ""
    """Base URL of a server that runs already; instead of `command`."""
    env: Variables = {}
    """Its environment; of the harness's, it gets nothing but PATH, HOME and the like."""
    folder: str = "."
    """Where it is started, relative to the target file."""
    python: str = ""
    """Its interpreter, relative to `folder`, for `{python}`. Default: the harness's."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The port that it listens on, where it cannot be told one by `{port}`."""
    ready: Annotated[str, AfterValidator(check_path)] = "/"
    """Path that is requested until the server answers with any status."""
    start_seconds: Annotated[int, Field(ge=1, le=300)] = 30
    """Timeout of its start."""
    log: Annotated[str, only_placeholders({"port"})] = ""
    """File to which it writes its log, relative to `folder`, where it does not print all of it."""
    source: list[str] = []
    """Folders of its Python source, relative to `folder`."""
    measure: bool = True
    """Whether the lines of `source` that run are recorded."""
    cors_origin: EnvironmentText = ""
    """The origin that it allows, at a `url` or where its code fixes it. Another started server is
    told one by `{cors_origin}`."""

    @model_validator(mode="after")
    def _check_keys(self) -> ServerTable:
        if self.command and self.url:
            raise ValueError("command and url exclude one another: start it, or say where it runs")
        if not self.command and not self.url:
            raise ValueError("command is missing: say what starts the server, or its url")
        started = {"env", "log", "port", "python", "start_seconds"} & self.model_fields_set
        if self.url and started:
            raise ValueError(f"{min(started)} goes with command: a server at a url runs already")
        texts = [*self.command, *self.env.values()]
        if self.cors_origin and any("cors_origin" in placeholder_names(text) for text in texts):
            raise ValueError(
                "cors_origin is for an origin that is fixed in the server's code: env tells it "
                "{cors_origin} already, leave one of them out"
            )
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
    columns: ColumnsTable = ColumnsTable()


class RequestTable(Table):
    """One HTTP request to the server, or to its identity provider."""

    url: Annotated[str, only_placeholders({"id"}), AfterValidator(check_path_or_url)]
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
    create_table: bool = False
    """Whether the harness makes the table of users, as Better Auth has it, before the schema."""
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
    jwks_url: Annotated[EnvironmentText, AfterValidator(check_key_set_url)] = ""
    """Where the server looks for the key set, if it cannot be told `{jwks_url}`."""
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
    paths: PathsTable | None = None
    fields: FieldsTable = FieldsTable()
    bodies: BodiesTable = BodiesTable()
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
