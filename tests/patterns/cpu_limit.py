"""Ends what takes too much processor time, so that a test need not wait for quadratic work."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIZE = 100_000
"""Length of the worst inputs, in characters."""
SECONDS = 4.0
"""Processor time for such an input: linear work takes under 0.3 s of it, quadratic over 20 s."""


class TooLongError(Exception):
    """The processor time is used up."""


@contextmanager
def cpu_limit(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `TooLongError` in the block after `seconds` of processor time, also inside `re`.

    Only the process's own time counts: a busy machine changes nothing.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGPROF, end)
    started = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    # A function in C that lets no signal through, as `str.replace`, is measured afterwards.
    if time.process_time() - started > seconds:
        raise TooLongError(f"more than {seconds:g} s of processor time")
