"""Holds processes to half a core each: `python -m bench.half_core PID [PID]`.

Two processes cannot serve twice as much as one where PostgreSQL and the load generator need the
same two cores. With half a core for each process there is room for both: they run alternately, so
two of them together use one core, as one unlimited process does.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

SWITCH_INTERVAL = 0.01
"""Seconds that one process runs before the other one does."""


@contextmanager
def at_half_a_core(pids: Sequence[int]) -> Iterator[None]:
    """Hold the processes, one or two, to half a core each until the block ends."""
    holder = subprocess.Popen([sys.executable, "-m", "bench.half_core", *map(str, pids)])
    try:
        yield
    finally:
        holder.kill()
        holder.wait()
        for pid in pids:
            _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(pid, number)


def main(pids: Sequence[int]) -> None:
    """Let one process run, then the other; with one process, let none run in between."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the measuring process ends this one
    parent = os.getppid()
    for turn in itertools.cycle((0, 1)):
        for at, pid in enumerate(pids):
            _signal(pid, signal.SIGCONT if at == turn else signal.SIGSTOP)
        time.sleep(SWITCH_INTERVAL)
        # The measuring process was killed: the stopped processes must continue.
        if os.getppid() != parent:
            break
    for pid in pids:
        _signal(pid, signal.SIGCONT)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
