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

ANSWER_SECONDS = 10.0
"""A request that takes longer is a failure of its scenario."""
SHORT_SECONDS = 3.0
"""The same, once a minute has been lost: what the spec gives an answer (SC-001)."""
SLOW_SECONDS = 0.5
"""What an answer may take without being slow."""
START_SECONDS = 5.0
"""The same for a start."""
LOST_SECONDS_BEFORE_DEADLINE = 30.0
"""From so many seconds on that were lost in waiting, the minutes are counted."""
LOST_SECONDS_BEFORE_SHORT_LIMIT = 60.0
MAX_UNANSWERED = 3
"""How many requests of one kind may go unanswered, one after the other."""
MINUTES = 5.0
"""How long the judging of such a server takes at most."""
REPORT_SECONDS = 40.0
"""What is kept of that for stopping, cleaning up and the report."""
EXCUSED_WAITING_SECONDS = 30.0
"""Seconds of waiting for other workers that are no part of it; less than is kept."""


def minutes(text: str) -> float:
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

    def __init__(self, minutes: float = MINUTES) -> None:
        self._minutes = minutes
        seconds = minutes * 60
        self._end = time.monotonic() + max(seconds - REPORT_SECONDS, seconds / 2)
        self._lost = 0.0
        self._forgivable = EXCUSED_WAITING_SECONDS
        self._unanswered: Counter[str] = Counter()

    def limit(self, kind: str, seconds: float = ANSWER_SECONDS) -> float:
        """Return how many seconds to wait for the next answer to a request of that kind.

        Raises `NotRun` when it should not be sent at all.
        """
        if self._unanswered[kind] >= MAX_UNANSWERED:
            raise NotRun(
                f"target cannot answer {kind}: {MAX_UNANSWERED} such requests had no answer"
            )
        self.check()
        if self._lost >= LOST_SECONDS_BEFORE_SHORT_LIMIT:
            seconds = min(seconds, SHORT_SECONDS)
        return self.start_limit(seconds)

    def check(self) -> None:
        """Raise `NotRun` when a server that is waited for has had its minutes."""
        if self._left() <= 0:
            raise NotRun(
                f"target cannot answer in time: {self._minutes:g} minutes are over, --minutes "
                "gives it more"
            )

    def start_limit(self, seconds: float) -> float:
        """Return how long a start may take that has so many seconds otherwise."""
        return min(seconds, max(self._left(), 1.0))

    def _left(self) -> float:
        """Return the seconds that are left; without end for a server that answers at once."""
        return (
            math.inf if self._lost < LOST_SECONDS_BEFORE_DEADLINE else self._end - time.monotonic()
        )

    def answered(self, kind: str, seconds: float) -> None:
        """Note that an answer came."""
        self._unanswered[kind] = 0
        # Many at once wait for one another, which is no fault of the server.
        if seconds > SLOW_SECONDS and threading.current_thread() is threading.main_thread():
            self._lost += seconds

    def unanswered(self, kind: str, seconds: float) -> None:
        """Note that somebody has waited so long for nothing."""
        self._lost += seconds
        self._unanswered[kind] += 1

    def started(self, seconds: float) -> None:
        """Note that a start took so long."""
        self._lost += max(0.0, seconds - START_SECONDS)

    def excuse(self, seconds: float) -> None:
        """Note that the harness itself was waiting so long, which is no fault of the server.

        In all it is forgiven half a minute: the run as a whole must end, too.
        """
        forgiven = min(seconds, self._forgivable)
        self._forgivable -= forgiven
        self._end += forgiven

    @contextmanager
    def excuse_waiting(self) -> Iterator[None]:
        """Wait for other workers of the harness."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.excuse(time.monotonic() - began)

    def begin_feature(self) -> None:
        """Give each kind of request one more try."""
        for kind, count in self._unanswered.items():
            self._unanswered[kind] = min(count, MAX_UNANSWERED - 1)
