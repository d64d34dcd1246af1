"""What the server has logged during a fault: how much, and whether anything secret is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Logged:
    """What is in the log."""

    lines: int
    size: int
    """Bytes."""
    secrets: tuple[str, ...]
    """Names of what must never be logged and is."""
    tracebacks: int


def read(log: Path, secrets: Mapping[str, Iterable[str]]) -> Logged:
    """Read a log; `secrets` has for each name the texts that must not be in it."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    found = tuple(name for name, values in secrets.items() if any(one in text for one in values))
    return Logged(
        text.count("\n"), len(text.encode()), found, text.count("Traceback (most recent call last)")
    )
