"""The main job: run every feature against the target, then write the matrix.

Exit status: 0 everything is shown, 1 something falls short, 2 the judging could not be done.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from steps.target.cluster import cluster
from steps.target.description import read
from steps.target.process import TargetError, alive, follow_parent
from traceability import cli

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "build" / "traceability"
COMMITTED = ROOT / "traceability" / "matrix.md"
REFERENCE = ROOT / "targets" / "reference.toml"
EVIDENCE = "evidence"
NOT_DONE = 2


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments`, then the report."""
    follow_parent()
    os.chdir(ROOT)
    parser = argparse.ArgumentParser(prog="nox -s acceptance --", description=__doc__)
    parser.add_argument("--target", type=Path, default=REFERENCE, help="target file of the server")
    parser.add_argument(
        "--database", default="embedded", help="embedded, testcontainers or postgresql://…"
    )
    parser.epilog = "All other options go to pytest."
    options, selection = parser.parse_known_args(arguments)
    if not __debug__:
        print("Steps assert: run without PYTHONOPTIMIZE and python -O.", file=sys.stderr)
        return NOT_DONE
    if any(one.startswith("--evidence") for one in selection):
        print(f"--evidence is ours: it will be {OUTPUT / EVIDENCE}.jsonl.", file=sys.stderr)
        return NOT_DONE
    try:
        target = read(options.target)
        cluster(options.database).close()
    except TargetError as error:
        print(error, file=sys.stderr)
        return NOT_DONE
    own = target.server.folder == ROOT
    with own_evidence() as evidence:
        recording = ["-p", "traceability.recorder", "--evidence", str(evidence), "--tb=short", "-q"]
        status = pytest.main([*recording, *arguments, "features"])
        done = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        if status not in done or not evidence.exists():
            return NOT_DONE
        with turn():
            kept = evidence.replace(OUTPUT / f"{EVIDENCE}.jsonl")
            report = ["report", str(kept), "--output", str(OUTPUT)]
            if not own:
                report.append("--without-code")  # what is judged is not made of our sources
            elif options.target.resolve() == REFERENCE and not selection and not status:
                report += ["--markdown", str(COMMITTED)]  # an unchanged run leaves an empty diff
            return max(cli.main(report), int(status))


@contextmanager
def own_evidence() -> Iterator[Path]:
    """Give a file that no other run writes to; sweep those of runs that were killed."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for left in OUTPUT.glob(f"{EVIDENCE}-*.jsonl"):
        pid = left.stem.removeprefix(f"{EVIDENCE}-")
        if pid.isdigit() and not alive(int(pid)):
            left.unlink(missing_ok=True)
    path = OUTPUT / f"{EVIDENCE}-{os.getpid()}.jsonl"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def turn() -> Iterator[None]:
    """Let one run at a time write its reports: they stay those of one run."""
    descriptor = os.open(OUTPUT, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
