"""Checks of single keys of a target file.

Each returns the text, and raises `ValueError` with what is to be done.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import ConfigDict

from steps.target.description.placeholders import placeholder_names

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
"""Of every table: an unknown key is an error."""
USER_COLUMNS = frozenset({"id", "name", "email"})


def check_columns(statement: str) -> str:
    """Check the columns of the users that a statement names, as `%(id)s`."""
    for column, end in re.findall(r"%\(([^)\n]*+)(\)?)", statement):
        if end and column not in USER_COLUMNS:
            shown = ", ".join(f"%({one})s" for one in sorted(USER_COLUMNS))
            raise ValueError(f"%({column})s is unknown: use {shown}")
    return statement


def check_path(text: str) -> str:
    """Check a path of the server."""
    if not text.startswith("/"):
        raise ValueError("must be a path that begins with /")
    return text


def check_url(text: str) -> str:
    """Check a URL that reports show; drop a slash at its end."""
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


def check_variable_name(name: str) -> str:
    """Check the name of an environment variable."""
    if not name or {"=", "\0"} & set(name):
        raise ValueError(f"{name!r} can be no name of a variable")
    return name


def check_header_name(name: str) -> str:
    """Check the name of a header (RFC 9110, section 5.6.2)."""
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # RFC 9110, section 5.6.2
        raise ValueError(f"{name!r} can be no name of a header")
    return name


def check_path_or_url(text: str) -> str:
    """Check a path of the server, or a whole URL."""
    return text if text.startswith(("/", "{env:")) else check_url(text)


def check_name(name: str) -> str:
    """Check the name of a field or of a column."""
    if not name or "\0" in name:
        raise ValueError(f"{name!r} can be no name of a field or a column")
    return name


def check_operation(text: str) -> str:
    """Check a method and a path with `{user_id}` and `{task_id}`."""
    method, _, path = text.partition(" ")
    if not re.fullmatch(r"[A-Z]+", method) or not re.fullmatch(r"/[!-~]*", path):
        raise ValueError(f"must be a method and a path, such as GET /tasks, not {text!r}")
    for name in placeholder_names(path):
        if name not in {"user_id", "task_id"}:
            raise ValueError(f"{{{name}}} is unknown: use {{user_id}}, {{task_id}}")
    return text


def check_operation_on_all(text: str) -> str:
    """Check a method and a path that needs no `{task_id}`."""
    if "{task_id}" in check_operation(text):
        raise ValueError(f"must not hold {{task_id}}: it is about all tasks, not {text!r}")
    return text


def check_operation_on_a_task(text: str) -> str:
    """Check a method and a path that holds `{task_id}`."""
    if "{task_id}" not in check_operation(text):
        raise ValueError(f"must hold {{task_id}}, the id of the task, not {text!r}")
    return text


def check_key_set_url(text: str) -> str:
    """Check where keys are published: a URL on this machine, with its port."""
    url = urlsplit(check_url(text))
    if url.scheme != "http" or url.hostname not in {"localhost", "127.0.0.1"} or not url.port:
        raise ValueError(
            "must be a URL on this machine with its port, such as "
            "http://localhost:3000/api/auth/jwks: the harness publishes the keys there"
        )
    return text
