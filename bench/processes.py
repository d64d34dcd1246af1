"""Processor time and memory of a process and its children, from /proc; 0 where there is none."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")


def family(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    children = PROCESSES / str(pid) / "task" / str(pid) / "children"
    try:
        found = children.read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in found for one in family(int(child)))]


def seconds_used(pid: int) -> float:
    """Return the processor time of the process and its descendants, in seconds."""
    return sum(_ticks(one) for one in family(pid)) / TICKS


def busiest(pid: int, count: int) -> list[int]:
    """Return those of them that have used most processor time: the processes that serve."""
    return sorted(family(pid), key=_ticks)[-count:]


def _ticks(pid: int) -> int:
    try:
        fields = (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def peak_kilobytes(pid: int, *, reset: bool = False) -> int:
    """Return the peak memory of the process since the last reset, or since it began."""
    folder = PROCESSES / str(pid)
    try:
        if reset:
            (folder / "clear_refs").write_text("5")
        lines = (folder / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
