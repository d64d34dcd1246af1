"""A log file that a server writes itself, followed into the log that the harness reads."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import BinaryIO

PAUSE_SECONDS = 0.02
"""Shorter than any wait for a log that has settled (`server_log`, `log_excerpts`)."""
BLOCK_BYTES = 1024 * 1024


class FollowedLog:
    """Copies what is added to `file` to the end of `into`, until it is closed.

    What stands in the file already was written by an earlier start. A file that is not there yet,
    or becomes shorter, because the server begins it anew, is read from its beginning.
    """

    def __init__(self, file: Path, into: Path) -> None:
        self._file, self._into = file, into
        self._read = self._size()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"follows {file.name}")
        self._thread.daemon = True
        self._thread.start()

    def close(self) -> None:
        """Copy the rest, and end."""
        self._closed.set()
        self._thread.join()

    def _follow(self) -> None:
        with self._into.open("ab", buffering=0) as into:
            while not self._closed.wait(PAUSE_SECONDS):
                self._copy(into)
            self._copy(into)

    def _copy(self, into: BinaryIO) -> None:
        size = self._size()
        if size < self._read:
            self._read = 0
        if size == self._read:
            return
        try:
            with self._file.open("rb") as file:
                file.seek(self._read)
                while block := file.read(BLOCK_BYTES):
                    into.write(block)
                    self._read += len(block)
        except OSError:  # it is being put aside for a new one: that is read the next time
            return

    def _size(self) -> int:
        try:
            return self._file.stat().st_size
        except OSError:
            return 0
