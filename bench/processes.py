"""What a process and its children used so far, as Linux counts it; 0 where nobody counts."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")


def family(pid: int) -> list[int]:
    """Give the process and all that descend from it."""
    children = PROCESSES / str(pid) / "task" / str(pid) / "children"
    try:
        found = children.read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in found for one in family(int(child)))]


def seconds_used(pid: int) -> float:
    """Give the processor time of the family, in seconds."""
    return sum(_ticks(one) for one in family(pid)) / TICKS


def busiest(pid: int, count: int) -> list[int]:
    """Give those of the family that have worked most: the ones that serve."""
    return sorted(family(pid), key=_ticks)[-count:]


def _ticks(pid: int) -> int:
    try:
        fields = (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def peak_kilobytes(pid: int, *, reset: bool = False) -> int:
    """Give the most memory that the process held since the last reset, or since it began."""
    folder = PROCESSES / str(pid)
    try:
        if reset:
            (folder / "clear_refs").write_text("5")
        lines = (folder / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
