"""How long the harness waits: for one answer, for answers of one kind, and for the whole judging.

A server that hangs fails its scenarios, but must not keep the judging from ending. Each request has
a timeout. After several timeouts of one kind of request, the harness sends no more of that kind
until the server is restarted, or until the next feature. A server that is slow, or does not answer,
gets a deadline: scenarios that have not run by then are "not run". A server that answers at once
has no deadline, however busy the machine of the harness is.
"""

from __future__ import annotations

import argparse
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from traceability.evidence.recording.not_run import NotRun

ANSWER_TIMEOUT_SECONDS = 10.0
"""Timeout of a request; its scenario fails."""
SHORT_TIMEOUT_SECONDS = 3.0
"""Timeout after a minute of waiting: the time that the spec allows for an answer (SC-001)."""
SLOW_ANSWER_SECONDS = 0.5
"""An answer that takes longer is slow: its time counts as waiting."""
SLOW_START_SECONDS = 5.0
"""A start that takes longer is slow: only the time beyond counts as waiting."""
WAITED_SECONDS_BEFORE_DEADLINE = 30.0
"""The deadline applies once the harness has waited so long for slow or missing answers."""
WAITED_SECONDS_BEFORE_SHORT_TIMEOUT = 60.0
"""`SHORT_TIMEOUT_SECONDS` applies once the harness has waited so long."""
MAX_CONSECUTIVE_TIMEOUTS = 3
"""After so many timeouts in a row, no more requests of that kind are sent."""
DEFAULT_MINUTES = 5.0
"""How long the judging of a slow server takes at most, if `--minutes` says nothing else."""
CLOSING_SECONDS = 40.0
"""Part of the minutes that is kept for stopping, cleaning up and the report."""
MAX_PAUSED_SECONDS = 30.0
"""By how much pauses extend the deadline in all; less than `CLOSING_SECONDS`."""


def minutes_argument(text: str) -> float:
    """Return the minutes of a command line's option. Raises `ArgumentTypeError` if it has none."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of minutes above 0")
    return number


class TimeLimits:
    """Timeouts and the deadline of one judging. Safe to use from several threads at once.

    `minutes` is how long the judging of a slow server takes at most, its end included. The `kind`
    of a request is its method and its path without ids.
    """

    def __init__(self, minutes: float = DEFAULT_MINUTES) -> None:
        self._minutes = minutes
        seconds = minutes * 60
        self._deadline = time.monotonic() + max(seconds - CLOSING_SECONDS, seconds / 2)
        self._waited = 0.0
        self._pause_left = MAX_PAUSED_SECONDS
        self._timeouts: Counter[str] = Counter()
        self._lock = threading.Lock()
        """Held while timeouts of requests that other threads sent are counted."""
        self._counted_until = -math.inf
        self._counted_kinds: dict[str, float] = {}
        """When the last timeout of each kind was counted; both by `time.monotonic`."""

    def answer_timeout(self, kind: str, seconds: float = ANSWER_TIMEOUT_SECONDS) -> float:
        """Return how many seconds to wait for the answer to a request of that kind.

        `seconds` is its timeout while the server is not slow. Raises `NotRun` when the request
        should not be sent at all.
        """
        if self._timeouts[kind] >= MAX_CONSECUTIVE_TIMEOUTS:
            raise NotRun(
                f"target cannot answer {kind}: {MAX_CONSECUTIVE_TIMEOUTS} such requests had no "
                "answer"
            )
        if self._waited >= WAITED_SECONDS_BEFORE_SHORT_TIMEOUT:
            seconds = min(seconds, SHORT_TIMEOUT_SECONDS)
        return self.start_timeout(seconds)

    def check_deadline(self) -> None:
        """Raise `NotRun` when the deadline of a slow server is over."""
        if self._seconds_left() <= 0:
            raise NotRun(
                f"target cannot answer in time: {self._minutes:g} minutes are over, --minutes "
                "gives it more"
            )

    def start_timeout(self, seconds: float) -> float:
        """Return the timeout of a start: `seconds`, or less where the deadline comes first.

        Raises `NotRun` when the deadline is over: there is no time left to start in.
        """
        self.check_deadline()
        return min(seconds, self._seconds_left())

    def _seconds_left(self) -> float:
        """Return the seconds until the deadline; infinite while it does not apply."""
        return (
            math.inf
            if self._waited < WAITED_SECONDS_BEFORE_DEADLINE
            else self._deadline - time.monotonic()
        )

    def note_answer(self, kind: str, seconds: float) -> None:
        """Note that a request of that kind was answered after so many seconds."""
        self._timeouts[kind] = 0
        # Requests sent at once from other threads wait for one another: not the server's fault.
        if seconds > SLOW_ANSWER_SECONDS and threading.current_thread() is threading.main_thread():
            self._waited += seconds

    def note_timeout(self, kind: str, seconds: float) -> None:
        """Note that a request of that kind was not answered within so many seconds.

        Requests that were sent at once, from other threads, waited at the same time: that time
        counts once, and so does their timeout.
        """
        if threading.current_thread() is threading.main_thread():
            self._waited += seconds
            self._timeouts[kind] += 1
            return
        with self._lock:
            now = time.monotonic()
            sent = now - seconds
            self._waited += now - max(sent, self._counted_until)
            self._counted_until = now
            if sent >= self._counted_kinds.get(kind, -math.inf):
                self._counted_kinds[kind] = now
                self._timeouts[kind] += 1

    def note_silence(self, seconds: float) -> None:
        """Note that the server did not answer the watchdog within so many seconds."""
        self._waited += seconds

    def note_start(self, seconds: float) -> None:
        """Note that a start took so many seconds."""
        self._waited += max(0.0, seconds - SLOW_START_SECONDS)

    def extend_deadline(self, seconds: float) -> None:
        """Put the deadline off by so many seconds, for which the server is not to blame.

        In all by `MAX_PAUSED_SECONDS` at most: the run as a whole must end, too.
        """
        extension = min(seconds, self._pause_left)
        self._pause_left -= extension
        self._deadline += extension

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Put the deadline off by the time that the block waits for other workers."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.extend_deadline(time.monotonic() - began)

    def allow_retry(self) -> None:
        """Let one request of each kind be sent again: in a new feature, or after a restart."""
        for kind, count in self._timeouts.items():
            self._timeouts[kind] = min(count, MAX_CONSECUTIVE_TIMEOUTS - 1)
