"""How long the harness waits: for one answer, for answers of one kind, and for the whole judging.

A server that hangs costs its scenarios, not the run. Each request has a limit. When several of one
kind were never answered, no more of that kind are sent until the next feature. And a server that
was waited for in vain, or for long, has only so many minutes: what has not run by then does not
run. A server that answers at once is never hurried, however busy the machine of the harness is.
"""

from __future__ import annotations

import argparse
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from traceability.evidence.not_run import NotRun

ANSWER_TIMEOUT_SECONDS = 10.0
"""A request that takes longer is a failure of its scenario."""
SHORT_TIMEOUT_SECONDS = 3.0
"""The same, once a minute has been lost: what the spec gives an answer (SC-001)."""
SLOW_ANSWER_SECONDS = 0.5
"""What an answer may take without being slow."""
SLOW_START_SECONDS = 5.0
"""The same for a start."""
WAITED_SECONDS_BEFORE_DEADLINE = 30.0
"""From so many seconds on that were lost in waiting, the minutes are counted."""
WAITED_SECONDS_BEFORE_SHORT_TIMEOUT = 60.0
MAX_CONSECUTIVE_TIMEOUTS = 3
"""How many requests of one kind may go unanswered, one after the other."""
DEFAULT_MINUTES = 5.0
"""How long the judging of such a server takes at most."""
CLOSING_SECONDS = 40.0
"""What is kept of that for stopping, cleaning up and the report."""
MAX_PAUSED_SECONDS = 30.0
"""Seconds of waiting for other workers that are no part of it; less than is kept."""


def minutes_argument(text: str) -> float:
    """Read a number of minutes, for a command line."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes above 0")
    return number


class TimeLimits:
    """What is left of it. Safe to use from several threads at once."""

    def __init__(self, minutes: float = DEFAULT_MINUTES) -> None:
        self._minutes = minutes
        seconds = minutes * 60
        self._deadline = time.monotonic() + max(seconds - CLOSING_SECONDS, seconds / 2)
        self._waited = 0.0
        self._pause_left = MAX_PAUSED_SECONDS
        self._timeouts: Counter[str] = Counter()

    def answer_timeout(self, kind: str, seconds: float = ANSWER_TIMEOUT_SECONDS) -> float:
        """Return how many seconds to wait for the next answer to a request of that kind.

        Raises `NotRun` when it should not be sent at all.
        """
        if self._timeouts[kind] >= MAX_CONSECUTIVE_TIMEOUTS:
            raise NotRun(
                f"target cannot answer {kind}: {MAX_CONSECUTIVE_TIMEOUTS} such requests had no "
                "answer"
            )
        self.check_deadline()
        if self._waited >= WAITED_SECONDS_BEFORE_SHORT_TIMEOUT:
            seconds = min(seconds, SHORT_TIMEOUT_SECONDS)
        return self.start_timeout(seconds)

    def check_deadline(self) -> None:
        """Raise `NotRun` when a server that is waited for has had its minutes."""
        if self._seconds_left() <= 0:
            raise NotRun(
                f"target cannot answer in time: {self._minutes:g} minutes are over, --minutes "
                "gives it more"
            )

    def start_timeout(self, seconds: float) -> float:
        """Return how long a start may take that has so many seconds otherwise."""
        return min(seconds, max(self._seconds_left(), 1.0))

    def _seconds_left(self) -> float:
        """Return the seconds that are left; without end for a server that answers at once."""
        return (
            math.inf
            if self._waited < WAITED_SECONDS_BEFORE_DEADLINE
            else self._deadline - time.monotonic()
        )

    def note_answer(self, kind: str, seconds: float) -> None:
        """Note that an answer came."""
        self._timeouts[kind] = 0
        # Many at once wait for one another, which is no fault of the server.
        if seconds > SLOW_ANSWER_SECONDS and threading.current_thread() is threading.main_thread():
            self._waited += seconds

    def note_timeout(self, kind: str, seconds: float) -> None:
        """Note that somebody has waited so long for nothing."""
        self._waited += seconds
        self._timeouts[kind] += 1

    def note_start(self, seconds: float) -> None:
        """Note that a start took so long."""
        self._waited += max(0.0, seconds - SLOW_START_SECONDS)

    def extend_deadline(self, seconds: float) -> None:
        """Note that the harness itself was waiting so long, which is no fault of the server.

        In all it is forgiven half a minute: the run as a whole must end, too.
        """
        extension = min(seconds, self._pause_left)
        self._pause_left -= extension
        self._deadline += extension

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Wait for other workers of the harness."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.extend_deadline(time.monotonic() - began)

    def allow_retry(self) -> None:
        """Give each kind of request one more try."""
        for kind, count in self._timeouts.items():
            self._timeouts[kind] = min(count, MAX_CONSECUTIVE_TIMEOUTS - 1)
