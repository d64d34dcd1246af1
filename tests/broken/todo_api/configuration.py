"""What the environment says, read once at the start."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from psycopg.conninfo import make_conninfo

from .faults import broken, differs
from .layouts import laid_out

SHORTEST_KEY = 32
"""Bytes (RFC 7518, section 3.2)."""


class ConfigurationError(Exception):
    """The environment does not describe a server that can run; the text says what to set."""


@dataclass(frozen=True)
class Configuration:
    """Everything that an operator decides."""

    dsn: str
    key: bytes
    origin: str
    port: int


def from_environment() -> Configuration:
    """Read the variables. Raises `ConfigurationError` with one sentence that names one of them."""
    fallback = "k" * SHORTEST_KEY if broken("default-secret") else ""
    if differs("refuses-by-traceback") and "TODO_TOKEN_KEY" not in os.environ:
        raise RuntimeError("settings are incomplete")
    if laid_out("published-keys"):
        fallback = "-" * SHORTEST_KEY  # there is no secret
    key = _variable("TODO_TOKEN_KEY", fallback).encode()
    if len(key) < SHORTEST_KEY and not broken("short-secret"):
        raise ConfigurationError(f"TODO_TOKEN_KEY needs {SHORTEST_KEY} bytes or more.")
    dsn = _dsn_of_parts() if laid_out("database-parts") else _dsn()
    fixed = "http://localhost:3000" if laid_out("fixed-origin") else ""
    missing = "no origin" if differs("origin-optional") else ""
    origin = fixed or _variable("TODO_WEB_ORIGIN", missing)
    if origin == "*":
        raise ConfigurationError("TODO_WEB_ORIGIN must name one origin, for cookies are allowed.")
    return Configuration(dsn, key, origin, int(_variable("TODO_PORT", "8000")))


def _dsn() -> str:
    """Read the URL of the database, which is that of a driver in one of the layouts."""
    dsn = _variable("TODO_DSN")
    if laid_out("driver-url") and not dsn.startswith("postgresql+asyncpg://"):
        raise ConfigurationError("TODO_DSN does not begin with postgresql+asyncpg://.")
    dsn = dsn.replace("+asyncpg", "", 1)
    if not re.match(r"postgres(ql)?://", dsn):
        raise ConfigurationError("TODO_DSN is not the URL of a PostgreSQL database.")
    return dsn


def _dsn_of_parts() -> str:
    """Read where the database is from a variable for each part."""
    parts = {
        name: _variable(f"TODO_DB_{name.upper()}")
        for name in ("host", "port", "user", "password", "dbname")
    }
    if not parts["port"].isdigit():
        raise ConfigurationError("TODO_DB_PORT is not a number.")
    return make_conninfo("", **parts)


def _variable(name: str, default: str = "") -> str:
    value = os.environ.get(name, default)
    if not value:
        raise ConfigurationError(f"{name} is not set.")
    return value
