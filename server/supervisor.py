"""Several workers on one port: each that dies or stands still is replaced, and all end together."""

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

log = logging.getLogger("server.workers")

FROZEN_SECONDS = 5.0
"""Seconds without a word from a worker after which it is killed, and so replaced."""
START_AGAIN_SECONDS = 1.0
"""Least time between two starts in place of one that dies."""
LOOK_SECONDS = 0.2
GRACE_SECONDS = 1.0
"""What a worker gets beyond its own limit for ending before it is killed."""


@dataclass
class _Worker:
    pid: int
    words: socket.socket
    """One end of a pair: the worker writes to the other while it lives, and ends at its end."""
    started: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)


class Supervisor:
    """Forks the workers and watches them until SIGTERM or SIGINT."""

    def __init__(self, serve: Callable[[int], None], listener: socket.socket, seconds: float):
        """`serve` is called in each worker with its end of a pair of sockets.

        It returns within `seconds` of the end of what can be read there.
        """
        self._serve = serve
        self._listener = listener
        self._seconds = seconds
        self._workers: list[_Worker] = []
        self._signals = 0

    def run(self, count: int) -> None:
        """Keep `count` workers alive until a signal comes; a second signal kills them."""
        # Implements: SC-007
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)
        while not self._signals:
            while len(self._workers) < count:
                self._fork()
            self._look(LOOK_SECONDS)
        self._listener.close()
        # Not by a signal: one to the whole group (Ctrl-C in a terminal, or systemd) has reached the
        # workers already, and a second one would end them at once.
        for worker in self._workers:
            with suppress(OSError):  # it has ended just now
                worker.words.shutdown(socket.SHUT_WR)
        end = time.monotonic() + self._seconds + GRACE_SECONDS
        while self._workers and self._signals < 2 and time.monotonic() < end:
            self._look(0.02)
        for worker in self._workers:
            os.kill(worker.pid, signal.SIGKILL)
            os.waitpid(worker.pid, 0)

    def _note(self, *_: object) -> None:
        # Implements: SC-007
        self._signals += 1

    def _fork(self) -> None:
        # Implements: SC-007
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        pid = os.fork()
        if pid == 0:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            # If another worker held it open, no worker would see the end.
            for end in (ours, *(other.words for other in self._workers)):
                end.close()
            self._serve(theirs.fileno())
            sys.exit(0)
        theirs.close()
        self._workers.append(_Worker(pid, ours))

    def _look(self, seconds: float) -> None:
        """Wait so long for words of the workers; forget those that ended, kill the frozen ones."""
        # Implements: SC-007
        time.sleep(seconds)
        now = time.monotonic()
        for worker in list(self._workers):
            with suppress(BlockingIOError):
                if worker.words.recv(65536):
                    worker.heard = now
            frozen = now - worker.heard > FROZEN_SECONDS and not self._signals
            if frozen:
                log.error("A worker stands still: it is replaced.", extra={"worker": worker.pid})
                os.kill(worker.pid, signal.SIGKILL)
            ended, status = os.waitpid(worker.pid, 0 if frozen else os.WNOHANG)
            if not ended:
                continue
            worker.words.close()
            self._workers.remove(worker)
            if not self._signals:
                extra = {"worker": worker.pid, "status": os.waitstatus_to_exitcode(status)}
                log.error("A worker ended: it is replaced.", extra=extra)
                time.sleep(max(0.0, START_AGAIN_SECONDS - (now - worker.started)))
