"""The main job: run every feature against the target, then write the matrix.

Exit status: 0 everything is shown, 1 something falls short, 2 the judging could not be done.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

import pytest

from steps.target.guard import PR_SET_PDEATHSIG
from traceability import cli

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "build" / "traceability"
COMMITTED = ROOT / "traceability" / "matrix.md"
NOT_DONE = 2


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments`, then the report."""
    die_with_nox()
    os.chdir(ROOT)
    evidence = OUTPUT / "evidence.jsonl"
    OUTPUT.mkdir(parents=True, exist_ok=True)
    evidence.unlink(missing_ok=True)
    options = ["-p", "traceability.recorder", "--evidence", str(evidence), "--tb=short", "-q"]
    status = pytest.main([*options, *arguments, "features"])
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        return NOT_DONE
    report = ["report", str(evidence), "--output", str(OUTPUT)]
    if "--target" not in " ".join(arguments):
        report += ["--markdown", str(COMMITTED)]  # an unchanged run leaves an empty diff
    return max(cli.main(report), int(status))


def die_with_nox() -> None:
    """Under nox, end when nox is killed: nobody would be left to see the result."""
    if sys.platform == "linux" and "NOX_CURRENT_SESSION" in os.environ:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
