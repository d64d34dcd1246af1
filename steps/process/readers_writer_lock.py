"""Turns of several workers: most of what they do together, what measures time alone.

A readers-writer lock of two locked files (flock), so that the kernel takes back what a killed
worker held. Whoever wants to enter the room passes the door, one at a time. Who wants to be alone
there stays in the door until the room is empty: nobody slips past, so that no turn waits for ever.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ReadersWriterLock:
    """The door and the room, in a folder that the workers share. One of these for each process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        # What we start must not inherit a lock: Python opens files so that `exec` closes them.
        self._entry, self._access = (
            os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600) for name in ("entry", "access")
        )

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Be in the room while nobody is alone there."""
        self._enter(fcntl.LOCK_SH)
        try:
            yield
        finally:
            self._leave()

    def to_exclusive(self) -> None:
        """Be there with nobody else from here on, until `to_shared` or the end of the turn."""
        self._leave()  # two who kept their places would wait for each other
        self._enter(fcntl.LOCK_EX)

    def to_shared(self) -> None:
        """Let others in again."""
        fcntl.flock(self._access, fcntl.LOCK_SH)

    def _enter(self, how: int) -> None:
        fcntl.flock(self._entry, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._access, how)
        finally:
            fcntl.flock(self._entry, fcntl.LOCK_UN)

    def _leave(self) -> None:
        fcntl.flock(self._access, fcntl.LOCK_UN)
