"""The format of the evidence file, JSON Lines: what writer and reader have in common.

A file is a `run` record, then `scenario`, `source`, `environment`, `deviation` and `finding`
records in any order, then an `end` record with the number of scenarios. Each record is flushed when
it is written: a run that is killed leaves all records until then, and no `end`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from traceability.model import TraceabilityError

FORMAT = 1
MAXIMUM_LINE = 10_000_000
"""Greatest line number that is read: a range is a short text, and could fill the memory."""
UNREACHED = "skipped: the run stopped before it"
"""Reason of a scenario that the run did not reach. The evidence of another run replaces it."""


class EvidenceError(TraceabilityError):
    """An evidence file cannot be read, or is of another spec or other features than the rest."""


def format_line_ranges(lines: Iterable[int]) -> str:
    """Return line numbers as text: 3, 4, 5 and 9 as `3-5,9`, none as an empty text."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)


def parse_line_ranges(text: str) -> frozenset[int]:
    """Return the line numbers that `format_line_ranges` wrote.

    Raises `ValueError` for a text that it cannot have written.
    """
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        if int(last or first) > MAXIMUM_LINE:
            raise ValueError(f"no file has a line {MAXIMUM_LINE:,} or more")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def worker_file(file: Path, worker: str) -> Path:
    """Return the file of a worker: `e.jsonl` and `gw0` give `e-gw0.jsonl`; no worker gives `file`.

    `file` is the one that `--evidence` names.
    """
    return file.with_name(f"{file.stem}-{worker}{file.suffix}") if worker else file


def recorded_files(file: Path) -> list[Path]:
    """Return the files that a run with `--evidence file` wrote: `file`, or those of its workers."""
    return [file] if file.exists() else sorted(file.parent.glob(f"{file.stem}-*{file.suffix}"))
