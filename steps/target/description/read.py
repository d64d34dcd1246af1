"""Reads a target file; whatever is wrong with it is one sentence that names file and key."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from steps.errors import TargetError
from steps.target.description import placeholders
from steps.target.description.tables import Description, Table

KINDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}


def read(path: Path) -> Description:
    """Return the description. Raises `TargetError`."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise TargetError(f"{path}: there is no such target file.") from error
    except OSError as error:
        raise TargetError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TargetError(f"{path}: not valid TOML: {error}.") from error
    if "path" in data:
        raise TargetError(f"{path}: [path] is not a table of a target file.")
    data.setdefault("name", path.stem)
    data.setdefault("server", {})
    try:
        description = Description.model_validate({**data, "path": path})
    except ValidationError as error:
        # A key that is misspelt makes another one missing: the cause is said first.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise TargetError(f"{path}: {_sentence(first)}.") from None
    for problem in (*_missing_files(description), *_conflicting_keys(description)):
        raise TargetError(f"{path}: {problem}.")
    return description


def _missing_files(description: Description) -> Sequence[str]:
    """Return which of the files and folders that are named are not there."""
    server, tokens, folder = description.server, description.tokens, description.folder
    if not folder.is_dir():
        return [f"[server] folder: there is no folder {folder}"]
    files = [("[database] sql", name) for name in description.database.sql]
    files += [("[tokens] private_key", tokens.private_key)] if tokens.private_key else []
    found = [
        f"{key}: there is no file {description.path_of(name)}"
        for key, name in files
        if not description.path_of(name).is_file()
    ]
    found += [
        f"[server] source: there is no folder {folder / name}"
        for name in server.source
        if not (folder / name).is_dir()
    ]
    if server.python and not (folder / server.python).is_file():
        found.append(f"[server] python: there is no interpreter {folder / server.python}")
    return found


def _conflicting_keys(description: Description) -> Sequence[str]:
    """Return what is wrong with keys that exclude or need one another."""
    server, tokens, found = description.server, description.tokens, list[str]()
    if tokens.algorithm == "HS256" and tokens.private_key:
        found.append("[tokens] private_key goes with the algorithms EdDSA, ES256 and RS256")
    if tokens.algorithm != "HS256" and tokens.secret:
        found.append("[tokens] secret goes with the algorithm HS256")
    if server.command and tokens.secret:
        found.append("[tokens] secret goes with url: tell the server {jwt_secret} in env instead")
    if server.url and tokens.algorithm != "HS256" and not tokens.private_key:
        found.append("[tokens] private_key is missing: a server at a url knows no key of ours")
    if description.database.url and not server.url:
        found.append(
            "[database] url goes with [server] url: a started server gets a fresh database"
        )
    if (
        server.url
        and not description.database.url
        and "insert" in description.users.model_fields_set
    ):
        found.append("[users] insert needs [database] url: say where the users are")
    signs = tokens.secret or tokens.private_key
    if description.database.url and not description.users.sign_up and not signs:
        found.append("[tokens] secret is missing: users in [database] url have no tokens")
    told = [*server.command, *server.env.values()]
    if tokens.algorithm == "HS256" and any("jwks_url" in placeholders.names(t) for t in told):
        found.append("[server] {jwks_url}: with the algorithm HS256 there are no keys to publish")
    try:
        conninfo_to_dict(description.database.url)
    except psycopg.ProgrammingError:  # its words would show the password
        found.append("[database] url is no connection URL of PostgreSQL: postgresql://…")
    listed = Counter(one.requirement for one in description.deviations)
    found += [
        f"[[deviations]] requirement: {name} is listed {times} times: name all its scenarios in one"
        for name, times in listed.items()
        if times > 1
    ]
    if description.users.sign_in and not description.users.sign_up:
        found.append("[users.sign_in] follows [users.sign_up], which is missing")
    return found


def _sentence(error: ErrorDetails) -> str:
    """Say in words what pydantic found: the key, and what it should be."""
    place = [part for part in error["loc"] if isinstance(part, str)]
    table: type[Table] = Description
    fields: dict[str, Any] = {}
    shown: list[str] = []
    key, annotation = "", None
    for part in place:
        fields = {f.alias or name: f.annotation for name, f in table.model_fields.items()}
        key = part
        if part not in fields:
            break
        annotation = fields[part]
        inner = _table(annotation)
        if inner is None:
            break
        shown.append(part)
        table = inner
    return _worded(error, shown, key, [*fields], annotation)


def _worded(
    error: ErrorDetails, tables: Sequence[str], key: str, known: Sequence[str], annotation: Any
) -> str:
    where = f"[{'.'.join(tables)}]" if tables else ""
    at_key = f"{where} {key}".strip() if not tables or key != tables[-1] else where
    match error["type"]:
        case "extra_forbidden" if not tables:
            tables_known = ", ".join(name for name in known if name != "path")
            return f"[{key}] is not a table of a target file: use {tables_known}"
        case "extra_forbidden":
            return f"{at_key} is unknown: use {', '.join(known)}"
        case "missing":
            return f"{where} {error['loc'][-1]} is missing".strip()
        case "value_error":
            reason = str(error["ctx"]["error"])
            return f"{at_key} {reason}" if _continues(reason) else f"{at_key}: {reason}"
        case "literal_error":
            return f"{at_key} must be one of {error['ctx']['expected']}"
        case "list_type" if key == "deviations":
            return "[[deviations]] is a list of tables: write its brackets twice"
        case "string_type" | "int_type" | "list_type" | "dict_type" | "bool_type" | "model_type":
            return f"{at_key} must be {_kind(annotation)}"
        case _:
            return f"{at_key}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _continues(reason: str) -> bool:
    """Whether a reason goes on where the key ends, as `command is missing` does after a table."""
    return reason.startswith(("command", "must", "cors_origin", "env", "port", "python", "start_"))


def _table(annotation: Any) -> type[Table] | None:
    """Return the table that a key holds, also in a list or where it may be left out."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one if issubclass(one, Table) else None
    return None


def _kind(annotation: Any) -> str:
    """Say what a key holds, in the plural where it is a list: `a list of texts`."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    inner = get_args(annotation)
    outer = get_origin(annotation) or annotation
    word = KINDS.get(outer, "a table")
    if inner and inner[-1] is str:
        word += " of texts"
    return word
