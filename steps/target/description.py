"""A target file: what cannot be guessed about a server that claims to implement the spec."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steps.target.process import TargetError

DEFAULT_INSERT = (
    "INSERT INTO users (id, name, email, email_verified, created_at, updated_at) "
    "VALUES (%(id)s, %(name)s, %(email)s, true, now(), now())"
)


@dataclass(frozen=True)
class ServerDescription:
    """How the server is started. Commands and values may hold `{placeholders}`.

    `{python}` (the harness's interpreter), `{port}`, `{database_url}`, `{owner_url}`,
    `{jwt_secret}`, `{cors_origin}`.
    """

    command: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path
    ready: str = "/"
    measure: tuple[str, ...] = ()
    """Folders of Python source to measure, relative to `folder`."""


@dataclass(frozen=True)
class DatabaseDescription:
    """How its schema comes to be and goes again."""

    schema: tuple[str, ...] = ()
    teardown: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    grant: str = ""
    """SQL that gives the server's login `{role}` its rights; empty: the role owns the database."""


@dataclass(frozen=True)
class Description:
    """One server, as its target file describes it."""

    name: str
    path: Path
    server: ServerDescription
    database: DatabaseDescription
    insert_user: str = DEFAULT_INSERT
    claims: Mapping[str, Any] = field(default_factory=dict)
    offers: Mapping[str, Any] = field(default_factory=dict)
    """What it can do beyond the spec, by name: how to make it do so (`OFFERS`)."""


PLACEHOLDERS = frozenset(
    {"python", "port", "database_url", "owner_url", "jwt_secret", "cors_origin"}
)
OFFERED = frozenset({"jwks_url", "issuer"})
"""Placeholders that only the variables under `offers` can have."""
VARIABLES = frozenset({"env", "published_keys", "row_security"})
"""Keys whose tables hold environment variables."""
KINDS = {"list": "a list of texts", "dict": "a table of texts", "str": "a text"}
COLUMNS = frozenset({"id", "name", "email"})
SHAPE: dict[str, dict[str, type]] = {
    "server": {"command": list, "env": dict, "folder": str, "ready": str, "measure": list},
    "database": {"schema": list, "teardown": list, "env": dict, "grant": str},
    "users": {"insert": str},
    "tokens": {"claims": dict},
    "offers": {"published_keys": dict, "row_security": dict, "contract": list},
}
"""Tables and keys of a target file.

Under `offers`: `published_keys`, environment variables with which the server verifies tokens by
the key set at `{jwks_url}`, whose `iss` and `aud` are `{issuer}`; `row_security`, variables with
which it must refuse to start, because its login could see every row; `contract`, the command
that compares the file at its end with what the server does.
"""


def read(path: Path) -> Description:
    """Read a target file; whatever is wrong with it is one sentence that names file and key."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise TargetError(f"{path}: there is no such target file.") from error
    except OSError as error:
        raise TargetError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: not valid TOML: {error}.") from error
    name = data.pop("name", path.stem)
    if not isinstance(name, str):
        raise TargetError(f"{path}: name must be a text.")
    for table, values in data.items():
        _check(path, table, values)
    server, database = data.get("server", {}), data.get("database", {})
    if not server.get("command"):
        raise TargetError(f"{path}: [server] command is missing: say what starts the server.")
    folder = (path.parent / server.get("folder", ".")).resolve()
    if not folder.is_dir():
        raise TargetError(f"{path}: [server] folder: there is no folder {folder}.")
    if not server.get("ready", "/").startswith("/"):
        raise TargetError(f"{path}: [server] ready must be a path that begins with /.")
    for measured in server.get("measure", ()):
        if not (folder / measured).is_dir():
            raise TargetError(f"{path}: [server] measure: there is no folder {folder / measured}.")
    for column in re.findall(r"%\((.*?)\)", data.get("users", {}).get("insert", "")):
        if column not in COLUMNS:
            raise TargetError(
                f"{path}: [users] insert: %({column})s is unknown: use "
                f"{', '.join(f'%({known})s' for known in sorted(COLUMNS))}."
            )
    return Description(
        name=name,
        path=path,
        server=ServerDescription(
            command=tuple(server["command"]),
            env=server.get("env", {}),
            folder=folder,
            ready=server.get("ready", "/"),
            measure=tuple(server.get("measure", ())),
        ),
        database=DatabaseDescription(
            schema=tuple(database.get("schema", ())),
            teardown=tuple(database.get("teardown", ())),
            env=database.get("env", {}),
            grant=database.get("grant", ""),
        ),
        insert_user=data.get("users", {}).get("insert", DEFAULT_INSERT),
        claims=data.get("tokens", {}).get("claims", {}),
        offers=data.get("offers", {}),
    )


def _check(path: Path, table: str, values: object) -> None:
    if table not in SHAPE or not isinstance(values, dict):
        raise TargetError(
            f"{path}: [{table}] is not a table of a target file: use {_names(SHAPE)}."
        )
    for key, value in values.items():
        expected = SHAPE[table].get(key)
        if expected is None:
            raise TargetError(f"{path}: [{table}] {key} is unknown: use {_names(SHAPE[table])}.")
        texts = value if isinstance(value, list) else value.values() if key in VARIABLES else ()
        if not isinstance(value, expected) or not all(isinstance(text, str) for text in texts):
            kind = KINDS[expected.__name__]
            raise TargetError(f"{path}: [{table}] {key} must be {kind}.")
        _check_placeholders(path, table, key, value)


def _check_placeholders(path: Path, table: str, key: str, value: object) -> None:
    """Refuse a `{placeholder}` that nobody fills in, where placeholders are filled in at all."""
    if key in {"command", "schema", "teardown", "contract"} and isinstance(value, list):
        texts, known = value, PLACEHOLDERS
    elif key in VARIABLES and isinstance(value, dict):
        texts = list(value.values())
        known = PLACEHOLDERS | OFFERED if table == "offers" else PLACEHOLDERS
    elif key == "grant":
        texts, known = [value], frozenset({"role"})
    else:
        return
    for text in texts:
        for name in _placeholders(f"{path}: [{table}] {key}", str(text)):
            if name not in known:
                raise TargetError(
                    f"{path}: [{table}] {key}: {{{name}}} is unknown: use "
                    f"{', '.join(f'{{{one}}}' for one in sorted(known))}; {{{{ is a brace."
                )


def _placeholders(place: str, text: str) -> Iterator[str]:
    try:
        for _, name, spec, conversion in string.Formatter().parse(text):
            if name is not None:
                yield name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    except ValueError as error:
        raise TargetError(
            f"{place}: {text!r}: {str(error).lower()}; {{{{ and }}}} are braces."
        ) from error


def _names(known: Mapping[str, object]) -> str:
    return ", ".join(known)
