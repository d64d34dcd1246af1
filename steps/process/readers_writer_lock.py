"""A readers-writer lock between workers: scenarios run side by side, a timed action runs alone.

It consists of two locked files (flock), so that the kernel releases the locks of a killed worker.
A worker locks `entry` before it locks `access`, and unlocks `entry` afterwards. A worker that waits
for exclusive access keeps `entry` locked meanwhile: no other worker can get access before it, so
that none waits for ever.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ReadersWriterLock:
    """The lock, in a folder that the workers share; one instance for each process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        # A child must not inherit a lock: Python opens files so that `exec` closes them.
        self._entry, self._access = (
            os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600) for name in ("entry", "access")
        )

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the lock together with other workers, none of which holds it exclusively."""
        self._enter(fcntl.LOCK_SH)
        try:
            yield
        finally:
            self._leave()

    def to_exclusive(self) -> None:
        """Hold it exclusively from here on, until `to_shared` or the end of `shared`."""
        self._leave()  # two workers that kept shared access would wait for each other
        self._enter(fcntl.LOCK_EX)

    def to_shared(self) -> None:
        """Hold it together with other workers again."""
        fcntl.flock(self._access, fcntl.LOCK_SH)

    def _enter(self, how: int) -> None:
        fcntl.flock(self._entry, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._access, how)
        finally:
            fcntl.flock(self._entry, fcntl.LOCK_UN)

    def _leave(self) -> None:
        fcntl.flock(self._access, fcntl.LOCK_UN)
