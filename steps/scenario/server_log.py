"""The server's log as a scenario reads it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from steps.target.capabilities import cannot
from steps.target.target import Target

SETTLED_SECONDS = 0.1
"""How long nothing is added to a log that is complete."""


class ServerLog:
    """Everything that the server has printed, and what it has printed since a mark.

    A server that the harness did not start prints elsewhere: reading then ends the scenario as
    not run (`NotRun`).
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._mark = 0
        self.ordinary = ""
        """What requests left in it that were served, where a scenario compares."""

    def mark_end(self) -> None:
        """Set the mark to where the log ends now."""
        self._mark = self._target.log.stat().st_size if self._target.log else 0

    def since_mark(self) -> str:
        """Return what the server has logged since the mark."""
        with self._path().open("rb") as log:
            log.seek(self._mark)
            return log.read().decode("utf-8", "replace")

    def lines_since_mark(self, wanted: Callable[[str], bool], seconds: float = 2) -> list[str]:
        """Return the wanted lines since the mark; wait so long for the first one."""
        return self.found_since_mark(
            lambda log: [line for line in log.splitlines() if wanted(line)], seconds
        )

    def found_since_mark(self, find: Callable[[str], list[str]], seconds: float = 2) -> list[str]:
        """Return what `find` finds in the log since the mark; wait so long for the first of it."""
        deadline = time.monotonic() + seconds
        while True:
            found = find(self.since_mark())
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def settled_since_mark(self) -> str:
        """Return what was logged since the mark, once nothing is added any more.

        A server may write a line after its answer; one that writes nothing is waited for, too.
        """
        before, deadline = "", time.monotonic() + SETTLED_SECONDS * 10
        while True:
            time.sleep(SETTLED_SECONDS)
            log = self.since_mark()
            if log == before or time.monotonic() > deadline:
                return log
            before = log

    def _path(self) -> Path:
        return self._target.log or cannot("restart")
