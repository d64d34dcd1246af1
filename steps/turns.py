"""Turns of several workers: most scenarios together, those that measure time alone.

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


class Turns:
    """The door and the room, in a folder that the workers share. One of these for each process."""

    def __init__(self, folder: Path) -> None:
        # What we start must not inherit a lock: Python opens files so that `exec` closes them.
        self._door, self._room, self._first = (
            os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
            for name in ("door", "room", "first")
        )

    @contextmanager
    def together(self) -> Iterator[None]:
        """Be in the room while nobody is alone there."""
        with self._entered(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be in the room with nobody else."""
        with self._entered(fcntl.LOCK_EX):
            yield

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Be the only one whose server starts: what is wrong with it is wrong with all of them.

        Of two at once, one might find the other in its way, and blame that.
        """
        with _locked(self._first, fcntl.LOCK_EX):
            yield

    @contextmanager
    def _entered(self, how: int) -> Iterator[None]:
        with _locked(self._door, fcntl.LOCK_EX):
            fcntl.flock(self._room, how)
        try:
            yield
        finally:
            fcntl.flock(self._room, fcntl.LOCK_UN)


@contextmanager
def _locked(descriptor: int, how: int) -> Iterator[None]:
    fcntl.flock(descriptor, how)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
