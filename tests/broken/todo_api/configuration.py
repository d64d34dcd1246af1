"""What the environment says, read once at the start."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from .faults import broken, differs

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
    key = _variable("TODO_TOKEN_KEY", fallback).encode()
    if len(key) < SHORTEST_KEY and not broken("short-secret"):
        raise ConfigurationError(f"TODO_TOKEN_KEY needs {SHORTEST_KEY} bytes or more.")
    dsn = _variable("TODO_DSN")
    if not re.match(r"postgres(ql)?://", dsn):
        raise ConfigurationError("TODO_DSN is not the URL of a PostgreSQL database.")
    origin = _variable("TODO_WEB_ORIGIN", "no origin" if differs("origin-optional") else "")
    if origin == "*":
        raise ConfigurationError("TODO_WEB_ORIGIN must name one origin, for cookies are allowed.")
    return Configuration(dsn, key, origin, int(_variable("TODO_PORT", "8000")))


def _variable(name: str, default: str = "") -> str:
    value = os.environ.get(name, default)
    if not value:
        raise ConfigurationError(f"{name} is not set.")
    return value
