"""What the server has logged during a fault: how much, and whether anything secret is in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from steps.run.secret_search import RunSecrets


@dataclass(frozen=True)
class Logged:
    """What is in the log."""

    lines: int
    size: int
    """Bytes."""
    secrets: tuple[str, ...]
    """A sentence for each secret that must not be there and is."""
    tracebacks: int


def read(log: Path, run_secrets: RunSecrets) -> Logged:
    """Read a log, and look in it for the secrets of the run, in whatever spelling."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    found = run_secrets.found([log] if log.exists() else [])
    return Logged(
        text.count("\n"),
        len(text.encode()),
        tuple(sentence.replace(str(log), "the log") for sentence in found),
        text.count("Traceback (most recent call last)"),
    )
