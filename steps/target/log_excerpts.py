"""Excerpts of the server's log: what it wrote while a request was answered, and its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from steps.process.child import last_lines

LINES = 20
"""Maximum number of lines of an excerpt, the last ones: of a traceback, these name the error."""
SETTLED_SECONDS = 0.05
"""A log that has not grown for so long is complete: servers write after they have answered."""
WAIT_SECONDS = 0.3
"""Maximum wait for that."""
SILENT_ANSWERS = 3
"""After so many errors of which nothing was logged, no more is waited for the server to log one."""


class LogExcerpts:
    """Reads the log of a server. `log` returns its file; None: the server prints elsewhere."""

    def __init__(self, log: Callable[[], Path | None]) -> None:
        self._log = log
        self._silent_answers = 0

    def size(self) -> int:
        """Return the bytes that the log has now."""
        file = self._log()
        return file.stat().st_size if file and file.exists() else 0

    def since(self, begin: int) -> str:
        """Return the last lines that were written since the log had `begin` bytes."""
        file = self._log()
        if file is None or not file.exists():
            return ""
        self._wait_until_written(file, begin)
        found = last_lines(file, LINES, begin=begin)
        self._silent_answers = 0 if found else self._silent_answers + 1
        return found

    def end(self) -> str:
        """Return the last lines of the log."""
        file = self._log()
        return last_lines(file, LINES) if file else ""

    def _wait_until_written(self, file: Path, begin: int) -> None:
        seconds = 0 if self._silent_answers >= SILENT_ANSWERS else WAIT_SECONDS
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = file.stat()
            if state.st_size > begin and time.time() - state.st_mtime >= SETTLED_SECONDS:
                return
            time.sleep(0.01)
