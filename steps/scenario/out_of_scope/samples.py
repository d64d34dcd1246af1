"""Values that fit what a description says of a request: a person's data, ids, and the rest."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from steps.scenario.out_of_scope.names import plain
from steps.target.user_accounts import new_email

DEEPEST = 6
"""How many levels of a schema are filled; deeper ones may refer to themselves."""
REFERENCES = 10


def credentials() -> dict[str, Any]:
    """Return what a new person gives when they sign up; the password is made for this one."""
    return {
        "email": new_email(),
        "username": f"user{secrets.token_hex(6)}",
        "password": f"Aa1!{secrets.token_hex(8)}",
        "name": "Carol",
    }


def resolved(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a `$ref` inside the document points to; {} for what is no object."""
    for _ in range(REFERENCES):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        found: Any = document if reference.startswith("#/") else None
        for part in reference.removeprefix("#/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        schema = found
    return {}


def sample(
    schema: Any,
    document: Mapping[str, Any],
    person: Mapping[str, Any],
    name: str = "",
    depth: int = 0,
) -> Any:
    """Return a value that fits a JSON schema; `name` is that of the field that it is for."""
    schema = resolved(schema, document)
    if depth > DEEPEST:
        return None
    for key in ("const", "example", "default"):
        if schema.get(key) is not None and not _of_person(name, person):
            return schema[key]
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    merged: dict[str, Any] = {}
    for part in _parts(schema):
        value = sample(part, document, person, name, depth + 1)
        if not isinstance(value, dict):
            return value
        merged |= value
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for field, inner in properties.items():
            merged[str(field)] = sample(inner, document, person, str(field), depth + 1)
    if merged or schema.get("type") == "object":
        return merged
    return _simple(schema, document, person, name, depth)


def _parts(schema: Mapping[str, Any]) -> list[Any]:
    """Return the schemas of which all must hold, or the first of which one must, but not null."""
    if isinstance(schema.get("allOf"), list):
        return list(schema["allOf"])
    for key in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(key), list):
            fitting = [c for c in choices if isinstance(c, dict) and c.get("type") != "null"]
            return fitting[:1]
    return []


def _simple(
    schema: Mapping[str, Any],
    document: Mapping[str, Any],
    person: Mapping[str, Any],
    name: str,
    depth: int,
) -> Any:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind in {"integer", "number"}:
        least = schema.get("minimum")
        return least if isinstance(least, int | float) else 1
    if kind == "boolean":
        return True
    if kind == "array":
        return [sample(schema.get("items"), document, person, name, depth + 1)]
    if key := _of_person(name, person):
        return person[key]
    formats = {"email": person.get("email"), "uuid": str(uuid.uuid4())}
    formats |= {"date-time": "2030-01-01T00:00:00Z", "date": "2030-01-01"}
    least = schema.get("minLength")
    text = formats.get(str(schema.get("format"))) or "text"
    return text.ljust(min(least, 1000), "x") if isinstance(least, int) else text


def _of_person(name: str, person: Mapping[str, Any]) -> str:
    """Return which of a person's data a field of that name takes: `confirmPassword`, `userEmail`.

    Empty: none of them.
    """
    word = plain(name)
    known = {"password": "password", "email": "email", "username": "username", "login": "username"}
    known |= {"mail": "email", "name": "name"}
    found = next((known[one] for one in known if one in word), "")
    return found if found in person else ""
