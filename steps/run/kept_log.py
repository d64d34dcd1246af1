"""The log of the judged server, kept in the output folder without tokens and secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

LOG_NAME = "server.log"
KEPT_BYTES = 4 * 1024 * 1024
"""Bytes at the end of each log that are kept: a server may log every statement of a judging."""


def keep_log(log: Path, into: Path, redact: Callable[[str], str]) -> None:
    """Write the end of a log into another file, each line through `redact`."""
    if not log.exists():
        return
    left_out = max(0, log.stat().st_size - KEPT_BYTES)
    with log.open("rb") as lines, into.open("w", encoding="utf-8", newline="\n") as kept:
        if left_out:
            lines.seek(left_out)
            left_out += len(lines.readline())  # the line in which the end begins is not whole
            kept.write(f"({left_out:,} bytes before this are left out)\n")
        for line in lines:
            kept.write(redact(line.decode("utf-8", "replace").rstrip("\r\n")) + "\n")


def log_beside(evidence: Path, worker: str = "") -> Path:
    """Return the file for the log beside an evidence file; each worker has one of its own."""
    name = f"{evidence.stem}-{worker}" if worker else evidence.stem
    return evidence.with_name(f"{name}.log")


def join_logs(evidence: Path, output: Path) -> Path | None:
    """Make the logs beside an evidence file one file in the output folder; return its path.

    Without a log, there is none: that of an earlier run is removed.
    """
    kept = output / LOG_NAME
    logs = sorted(evidence.parent.glob(f"{evidence.stem}*.log"))
    if not logs:
        kept.unlink(missing_ok=True)
        return None
    if len(logs) == 1:
        return logs[0].replace(kept)
    draft = evidence.with_suffix(".log.new")
    with draft.open("w", encoding="utf-8", newline="\n") as joined:
        for number, log in enumerate(logs, start=1):
            joined.write(f"===== server {number} of {len(logs)} =====\n")
            joined.write(log.read_text("utf-8"))
            log.unlink()
    return draft.replace(kept)
