"""The evidence file: JSON Lines, and what writer and reader have to agree about.

A file is a `run` record, then `scenario`, `source`, `environment`, `deviation` and `finding`
records in any order, then an `end` record with the number of scenarios. Each record is flushed when
it is written, so that a run that is killed leaves all that it had done, and no `end`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from traceability.model import TraceabilityError

FORMAT = 1
UNREACHED = "skipped: the run stopped before it"
"""Why a scenario did not run whose turn never came. Another run may know more of it."""


class EvidenceError(TraceabilityError):
    """An evidence file cannot be read, or does not belong to the others."""


def format_line_ranges(lines: Iterable[int]) -> str:
    """Return line numbers as text: 3, 4, 5 and 9 as `3-5,9`."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)


def parse_line_ranges(text: str) -> frozenset[int]:
    """Return the line numbers that `format_line_ranges` wrote."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def worker_file(file: Path, worker: str) -> Path:
    """Return where a worker of a run records; `file` itself where there are no workers."""
    return file.with_name(f"{file.stem}-{worker}{file.suffix}") if worker else file


def recorded_files(file: Path) -> list[Path]:
    """Return the files into which a run has recorded that was told `file`, or its workers."""
    return [file] if file.exists() else sorted(file.parent.glob(f"{file.stem}-*{file.suffix}"))
