"""Reads a target file. A mistake in it becomes one sentence that names the file and the key."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from steps.errors import TargetError
from steps.target.description.placeholders import placeholder_names
from steps.target.description.tables import Description

TYPE_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}


def read(path: Path) -> Description:
    """Return the description. Raises `TargetError` when the file is missing or has a mistake."""
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
        # A misspelt key makes another one missing: the sentence names the cause.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise TargetError(f"{path}: {_describe_error(first)}.") from None
    for problem in (*_missing_files(description), *_conflicting_keys(description)):
        raise TargetError(f"{path}: {problem}.")
    return description


def _missing_files(description: Description) -> Sequence[str]:
    """Return a sentence for each file and folder that is named and not there."""
    server, tokens, folder = description.server, description.tokens, description.folder
    if not folder.is_dir():
        return [f"[server] folder: there is no folder {folder}"]
    files = [("[database] sql", name) for name in description.database.sql]
    files += [("[tokens] private_key", tokens.private_key)] if tokens.private_key else []
    problems = [
        f"{key}: there is no file {description.path_of(name)}"
        for key, name in files
        if not description.path_of(name).is_file()
    ]
    problems += [
        f"[server] source: there is no folder {folder / name}"
        for name in server.source
        if not (folder / name).is_dir()
    ]
    if server.python and not (folder / server.python).is_file():
        problems.append(f"[server] python: there is no interpreter {folder / server.python}")
    return problems


def _fields_of_the_spec(description: Description) -> Iterator[str]:
    """Yield a sentence for each field that would stand in the place of what a scenario sends.

    The user's id is none of them: a server may want it in a body, and a scenario that names another
    user overrules it.
    """
    names = {theirs or ours: ours for ours, theirs in description.fields if ours != "user_id"}
    for operation, fields in description.bodies:
        for name in fields.keys() & names.keys():
            yield (
                f"[bodies] {operation}: {name} is a field of the specification: leave it out, the "
                "scenarios say what it holds"
            )


def _claims_of_the_harness(description: Description) -> Iterator[str]:
    for name in sorted(description.tokens.claims.keys() & {"sub", "iat", "exp"}):
        yield f"[tokens] claims: {name} is in every token already: leave it out"


def _conflicting_keys(description: Description) -> Sequence[str]:
    """Return a sentence for each pair of keys that exclude one another, or lack the other."""
    server, tokens = description.server, description.tokens
    problems = [*_fields_of_the_spec(description), *_claims_of_the_harness(description)]
    if tokens.algorithm == "HS256" and tokens.private_key:
        problems.append("[tokens] private_key goes with the algorithms EdDSA, ES256 and RS256")
    if tokens.algorithm != "HS256" and tokens.secret:
        problems.append("[tokens] secret goes with the algorithm HS256")
    if tokens.jwks_url and tokens.algorithm == "HS256":
        problems.append("[tokens] jwks_url goes with the algorithms EdDSA, ES256 and RS256")
    if tokens.jwks_url and server.url:
        problems.append(
            "[tokens] jwks_url goes with [server] command: the keys of a server at a url are "
            "published already, name one of them as private_key"
        )
    if server.command and tokens.secret:
        problems.append(
            "[tokens] secret goes with url: tell the server {jwt_secret} in env instead"
        )
    if server.url and tokens.algorithm != "HS256" and not tokens.private_key:
        problems.append("[tokens] private_key is missing: a server at a url knows no key of ours")
    if description.database.url and not server.url:
        problems.append(
            "[database] url goes with [server] url: a started server gets a fresh database"
        )
    if (
        server.url
        and not description.database.url
        and "insert" in description.users.model_fields_set
    ):
        problems.append("[users] insert needs [database] url: say where the users are")
    signing_key = tokens.secret or tokens.private_key
    if description.database.url and not description.users.sign_up and not signing_key:
        problems.append("[tokens] secret is missing: users in [database] url have no tokens")
    texts = [*server.command, *server.env.values()]
    if tokens.algorithm == "HS256" and any("jwks_url" in placeholder_names(t) for t in texts):
        problems.append(
            "[server] {jwks_url}: with the algorithm HS256 there are no keys to publish"
        )
    try:
        conninfo_to_dict(description.database.url)
    except psycopg.ProgrammingError:  # its message would show the password
        problems.append("[database] url is no connection URL of PostgreSQL: postgresql://…")
    listed = Counter(one.requirement for one in description.deviations)
    problems += [
        f"[[deviations]] requirement: {name} is listed {times} times: name all its scenarios in one"
        for name, times in listed.items()
        if times > 1
    ]
    if description.users.create_table:
        problems += _conflicts_of_create_table(description)
    if description.users.sign_in and not description.users.sign_up:
        problems.append("[users.sign_in] follows [users.sign_up], which is missing")
    return problems


def _conflicts_of_create_table(description: Description) -> Sequence[str]:
    """Return why the harness cannot make the table of users; empty: it can."""
    if description.server.url:
        return ["[users] create_table goes with [server] command: the database has its tables"]
    if description.users.sign_up:
        return ["[users] create_table and sign_up exclude one another: leave create_table out"]
    if description.users.insert:
        pair = "[users] create_table and insert exclude one another"
        return [f"{pair}: leave insert out, or make your own table by [database] sql"]
    return []


def _describe_error(error: ErrorDetails) -> str:
    """Return pydantic's error as a sentence: the key, and what its value should be."""
    path = [part for part in error["loc"] if isinstance(part, str)]
    table: type[BaseModel] = Description
    fields: dict[str, Any] = {}
    tables: list[str] = []
    key, annotation = "", None
    for part in path:
        fields = {f.alias or name: f.annotation for name, f in table.model_fields.items()}
        key = part
        if part not in fields:
            break
        annotation = fields[part]
        inner = _table_type(annotation)
        if inner is None:
            break
        tables.append(part)
        table = inner
    return _error_words(error, tables, key, [*fields], annotation)


def _error_words(
    error: ErrorDetails, tables: Sequence[str], key: str, known: Sequence[str], annotation: Any
) -> str:
    where = f"[{'.'.join(tables)}]" if tables else ""
    at_key = f"{where} {key}".strip() if not tables or key != tables[-1] else where
    match error["type"]:
        case "extra_forbidden" if not tables:
            table_names = ", ".join(name for name in known if name != "path")
            return f"[{key}] is not a table of a target file: use {table_names}"
        case "extra_forbidden":
            return f"{at_key} is unknown: use {', '.join(known)}"
        case "missing":
            return f"{where} {error['loc'][-1]} is missing".strip()
        case "value_error":
            reason = str(error["ctx"]["error"])
            return f"{at_key} {reason}" if _continues_key(reason) else f"{at_key}: {reason}"
        case "literal_error":
            return f"{at_key} must be one of {error['ctx']['expected']}"
        case "list_type" if key == "deviations":
            return "[[deviations]] is a list of tables: write its brackets twice"
        case "string_type" | "int_type" | "list_type" | "dict_type" | "bool_type" | "model_type":
            return f"{at_key} must be {_type_words(annotation)}"
        case _:
            return f"{at_key}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _continues_key(reason: str) -> bool:
    """Whether a reason follows its table without a colon, as in `[server] command is missing`."""
    return reason.startswith(
        ("command", "must", "names", "cors_origin", "env", "port", "python", "start_")
    )


def _table_type(annotation: Any) -> type[BaseModel] | None:
    """Return the table that a key holds, also as `list[Table]` or `Table | None`; else None."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _type_words(annotation: Any) -> str:
    """Return in words which type a key holds: `a text`, `a list of texts`."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    inner = get_args(annotation)
    outer = get_origin(annotation) or annotation
    word = TYPE_WORDS.get(outer, "a table")
    if inner and inner[-1] is str:
        word += " of texts"
    return word
