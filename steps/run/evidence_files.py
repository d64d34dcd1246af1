"""The evidence files of a run, in an output folder that other runs may use at the same time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steps.process.child import process_exists

EVIDENCE_NAME = "evidence"


@contextmanager
def evidence_file(output: Path) -> Iterator[Path]:
    """Yield the path of the evidence file of this run; no other run writes there.

    At both ends, remove the evidence of killed runs; at the end, that of this run, too. The
    workers write to files beside it, whose names begin like its own.
    """
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{EVIDENCE_NAME}-{os.getpid()}.jsonl"
    remove_abandoned_evidence(output)
    try:
        yield path
    finally:
        remove_abandoned_evidence(output)


def remove_abandoned_evidence(output: Path) -> None:
    """Remove the evidence files of this run, and of runs whose process does not exist any more.

    The logs of servers beside them are removed, too.
    """
    for left in output.glob(f"{EVIDENCE_NAME}-*"):
        pid = left.name.split("-")[1].partition(".")[0]
        if pid.isdigit() and (int(pid) == os.getpid() or not process_exists(int(pid))):
            left.unlink(missing_ok=True)


@contextmanager
def output_lock(output: Path) -> Iterator[None]:
    """Let one run at a time write into the folder, so that its reports belong to one run."""
    descriptor = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
