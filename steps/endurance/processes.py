"""What Linux says of a process: its children, memory and open files, from /proc."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1_000_000
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="starts")


async def in_lasting_thread(action: Callable[[], object]) -> None:
    """Run what starts a process in a thread that lasts as long as this process.

    Linux sends the death signal of `steps.process.child.spawn` when the thread ends that started
    the child.
    """
    await asyncio.get_running_loop().run_in_executor(_STARTER, action)


def available() -> bool:
    """Return whether this system has /proc, without which nothing can be measured."""
    return (PROC / "self" / "statm").exists()


def memory(pid: int) -> float:
    """Return the resident memory of a process, in MB; 0 when it has ended."""
    try:
        return int((PROC / str(pid) / "statm").read_text("ascii").split()[1]) * PAGE / MB
    except (OSError, IndexError):
        return 0.0


def open_files(pid: int) -> int:
    """Return how many file descriptors a process has open; 0 when it has ended."""
    try:
        return len(os.listdir(PROC / str(pid) / "fd"))  # noqa: PTH208 - only their number matters
    except OSError:
        return 0


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has used; 0 when it has ended."""
    try:
        fields = (PROC / str(pid) / "stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Return the processes that `pid` has started and that run, the oldest first."""
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append((int(fields[19]), int(entry.name)))
    return [child for _, child in sorted(found)]


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Let a process and its children stand still (SIGSTOP), and go on in the end."""
    stopped = [pid, *children(pid)]
    for one in stopped:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in reversed(stopped):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def command(pid: int) -> str:
    """Return the command line of a process; empty when it has ended."""
    try:
        return (
            (PROC / str(pid) / "cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode("utf-8", "replace")
        )
    except OSError:
        return ""
