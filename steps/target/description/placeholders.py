"""`{placeholders}` in the texts of a target file: their names, and how they are filled in.

`{env:NAME}` may stand in every text that takes placeholders: the variable NAME of the environment
in which the harness itself runs, so that no secret has to be written into the file.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from steps.surroundings import inherited

SERVER_PLACEHOLDERS = frozenset(
    {
        "python",
        "port",
        "database_url",
        "database_host",
        "database_port",
        "database_user",
        "database_password",
        "database_name",
        "owner_url",
        "jwt_secret",
        "jwks_url",
        "issuer",
        "cors_origin",
    }
)
"""For a server that the harness starts, and for its other commands."""
USER_PLACEHOLDERS = frozenset({"email", "name", "password"})
"""For the requests that sign a user up."""
ENVIRONMENT = "env"
DATABASE_URLS = frozenset({"database_url", "owner_url"})
"""These can be given in the form of a driver: `{database_url:postgresql+asyncpg}`."""
DATABASE_PLACEHOLDERS = DATABASE_URLS | {name for name in SERVER_PLACEHOLDERS if "database" in name}
"""Each tells a server where its database is, whole or in part."""
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]*+")  # RFC 3986, section 3.1; `jdbc:postgresql`, too


class _Environment:
    def __format__(self, name: str) -> str:
        if (value := inherited(name)) is None:
            raise ValueError(f"the environment variable {name} is not set: export it")
        return value


class DatabaseUrl(str):
    """A URL of a database: `{database_url:SCHEME}` is the same URL with the scheme of a driver."""

    def __format__(self, scheme: str) -> str:
        rest = self.partition("://")[2]
        return f"{scheme}://{rest}" if scheme and rest else str(self)


def fill(text: str, values: Mapping[str, str] | None = None) -> str:
    """Return the text with its placeholders filled in; `{{` and `}}` become braces.

    Raises `ValueError` when `{env:NAME}` names a variable that is not set.
    """
    forms = {n: DatabaseUrl(v) if n in DATABASE_URLS else v for n, v in (values or {}).items()}
    return text.format(**{ENVIRONMENT: _Environment()}, **forms)


def same_setting(placeholder: str) -> frozenset[str]:
    """Return the placeholders that tell a server the same thing, whole or in part."""
    if placeholder in DATABASE_PLACEHOLDERS:
        return DATABASE_PLACEHOLDERS
    return frozenset({placeholder})


def fill_all(value: Any, values: Mapping[str, str] | None = None) -> Any:
    """Return a JSON value with the placeholders of all its texts filled in."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {key: fill_all(one, values) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [fill_all(one, values) for one in value]
    return value


def placeholder_names(text: str) -> Iterator[str]:
    """Yield the names of a text's placeholders but `{env:NAME}`.

    Raises `ValueError` for a single brace, a form that a placeholder does not have, and an
    environment variable that is not set.
    """
    try:
        for _, name, spec, conversion in string.Formatter().parse(text):
            if name == ENVIRONMENT and spec and "{" not in spec and not conversion:
                fill(f"{{{name}:{spec}}}")  # raises, before anything starts, when it is not set
            elif name in DATABASE_URLS and spec and not conversion and SCHEME.fullmatch(spec):
                yield name
            elif name is not None:
                yield name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    except ValueError as error:
        if "environment variable" in str(error):
            raise
        raise ValueError(f"{text!r}: {str(error).lower()}; {{{{ and }}}} are braces") from error


def texts_in(value: Any) -> Iterator[str]:
    """Yield all texts of a JSON value but the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(inner)


def only_placeholders(*placeholders: Iterable[str]) -> Any:
    """Return a validator, for `Annotated`, of a field whose texts may have these placeholders."""
    allowed = frozenset(name for some in placeholders for name in some)

    def check(value: Any) -> Any:
        try:
            json.dumps(value)
        except TypeError:
            raise ValueError("may hold texts, numbers, true, false, lists and tables") from None
        for text in texts_in(value):
            if "\0" in text:
                raise ValueError(f"{text!r} holds U+0000, which no program can be told")
            for name in placeholder_names(text):
                if name.partition(":")[0] in DATABASE_URLS & allowed and ":" in name:
                    raise ValueError(
                        f"{{{name}}} is unknown: write the scheme of a driver after the colon, as "
                        "in {database_url:postgresql+asyncpg}"
                    )
                if name not in allowed:
                    shown = ", ".join(f"{{{one}}}" for one in [*sorted(allowed), "env:NAME"])
                    raise ValueError(f"{{{name}}} is unknown: use {shown}; {{{{ is a brace")
        return value

    return AfterValidator(check)


EnvironmentText = Annotated[str, only_placeholders(), AfterValidator(fill)]
"""A text that may have no placeholder but `{env:NAME}`, which is filled in."""
