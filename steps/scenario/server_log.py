"""The server's log as a scenario reads it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from steps.target.capabilities import cannot
from steps.target.target import Target


class ServerLog:
    """Everything that the server has printed, and what it has printed since a mark.

    A server that the harness did not start prints elsewhere: reading then ends the scenario as
    not run (`NotRun`).
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._mark = 0

    def mark_end(self) -> None:
        """Set the mark to where the log ends now."""
        self._mark = self._target.log.stat().st_size if self._target.log else 0

    def since_mark(self) -> str:
        """Return what the server has logged since the mark."""
        with self._path().open("rb") as log:
            log.seek(self._mark)
            return log.read().decode("utf-8", "replace")

    def whole(self) -> str:
        """Return everything that the server has logged."""
        return self._path().read_text("utf-8", "replace")

    def lines_since_mark(self, wanted: Callable[[str], bool], seconds: float = 2) -> list[str]:
        """Return the wanted lines since the mark; wait so long for the first one."""
        deadline = time.monotonic() + seconds
        while True:
            lines = [line for line in self.since_mark().splitlines() if wanted(line)]
            if lines or time.monotonic() > deadline:
                return lines
            time.sleep(0.02)

    def _path(self) -> Path:
        return self._target.log or cannot("restart")
