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
from textwrap import fill

import pytest

from steps.errors import TargetError
from steps.http.time_limits import DEFAULT_MINUTES, minutes_argument
from steps.postgres.cluster import cluster
from steps.process.child import end_with_parent, process_exists
from steps.run.worker_count import DEFAULT_MAXIMUM, worker_count, worker_number
from steps.target.description.announcement import announcement
from steps.target.description.read import read
from steps.target.description.tables import Description
from traceability.cli import command as cli
from traceability.evidence.file_format import files_of
from traceability.evidence.merge import merge
from traceability.model import TraceabilityError
from traceability.project import spec
from traceability.project.config import load

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "build" / "traceability"
COMMITTED = ROOT / "traceability" / "matrix.md"
REFERENCE = ROOT / "targets" / "reference.toml"
EVIDENCE = "evidence"
NOT_JUDGED = 2


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments`, then the report."""
    end_with_parent()
    os.chdir(ROOT)
    parser = argparse.ArgumentParser(prog="nox -s acceptance --", description=__doc__)
    parser.add_argument("--target", type=Path, default=REFERENCE, help="target file of the server")
    parser.add_argument(
        "--database", default="embedded", help="embedded, testcontainers or postgresql://…"
    )
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="DIR", help="folder for all reports"
    )
    parser.add_argument(
        "--minutes",
        type=minutes_argument,
        default=DEFAULT_MINUTES,
        help="how long a server that is slow or hangs is judged",
    )
    parser.add_argument(
        "--workers",
        type=worker_number,
        default="auto",
        metavar="N",
        help="how many judge at the same time, each with a server and a database of its own; "
        f"auto (default): one for each core, at most {DEFAULT_MAXIMUM}, and one for a "
        "selection of scenarios",
    )
    parser.epilog = "All other options go to pytest."
    options, selection = parser.parse_known_args(arguments)
    if not __debug__:
        print("Steps assert: run without PYTHONOPTIMIZE and python -O.", file=sys.stderr)
        return NOT_JUDGED
    if any(one.startswith("--evidence") for one in selection):
        print(f"--evidence is ours: it will be {OUTPUT / EVIDENCE}.jsonl.", file=sys.stderr)
        return NOT_JUDGED
    if any(one.startswith(("-n", "--numprocesses", "--dist", "--tx")) for one in selection):
        print("How the work is shared out is ours: say --workers N.", file=sys.stderr)
        return NOT_JUDGED
    output: Path = options.output.absolute()
    try:
        target = read(options.target)
        check_deviations(target)
        count = worker_count(options.workers, target, selection)
        cluster(options.database).close()
    except (TargetError, TraceabilityError) as error:
        print(error, file=sys.stderr)
        return NOT_JUDGED
    except Exception as error:  # noqa: BLE001 - an error here is no verdict on the server
        print(f"{options.target}: {type(error).__name__}: {error}", file=sys.stderr)
        return NOT_JUDGED
    print(fill(announcement(target, options.database, count), 80), flush=True)
    with evidence_file(output) as evidence:
        recording = [
            "-p",
            "traceability.evidence.plugin",
            "--evidence",
            str(evidence),
            "--tb=short",
            "-q",
        ]
        # pytest-xdist may be there for other tests; anyio's plugin takes 0.17 s to load.
        recording += ["-p", "no:xdist", "-p", "no:anyio"]
        judging = ["--target", options.target, "--database", options.database]
        judging += ["--minutes", options.minutes]
        judging += ["--workers", count]
        status = pytest.main([*recording, *map(str, judging), *selection, "features"])
        done = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        recorded = files_of(evidence)
        if status not in done or not recorded:
            return NOT_JUDGED
        try:
            if recorded != [evidence]:
                merge(*recorded, into=evidence)
        except (TraceabilityError, OSError) as error:
            print(f"The evidence of the workers is not that of one run: {error}", file=sys.stderr)
            return NOT_JUDGED
        with output_lock(output):
            kept = evidence.replace(output / f"{EVIDENCE}.jsonl")
            report = ["report", str(kept), "--output", str(output)]
            if options.target.resolve() != REFERENCE:  # what is judged is not made of our sources
                shown = target.server.command and target.server.measure
                measured = target.server.source if shown else []
                report += ["--code-root", str(target.folder)] if measured else ["--without-code"]
                report += [word for name in measured for word in ("--code", name)]
            elif not selection and not status and output == OUTPUT:
                report += ["--markdown", str(COMMITTED)]  # an unchanged run leaves an empty diff
            return exit_status(cli.main(report), int(status))


def exit_status(report: int, scenarios: int) -> int:
    """Return the exit status. A scenario that failed is in the report, which knows if it may."""
    return report if scenarios == pytest.ExitCode.TESTS_FAILED else max(report, scenarios)


def check_deviations(target: Description) -> None:
    """Raise `TargetError` for a known deviation of what the spec does not have."""
    config = load(ROOT)
    known = {one.id for one in spec.read(config.spec, ROOT).requirements}
    for deviation in target.deviations:
        if deviation.requirement not in known:
            raise TargetError(
                f"{target.path}: [[deviations]] requirement: the spec has no "
                f"{deviation.requirement}."
            )


@contextmanager
def evidence_file(output: Path) -> Iterator[Path]:
    """Give a file that no other run writes to, nor its workers to theirs; sweep left ones."""
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{EVIDENCE}-{os.getpid()}.jsonl"
    remove_abandoned_evidence(output)
    try:
        yield path
    finally:
        remove_abandoned_evidence(output)


def remove_abandoned_evidence(output: Path) -> None:
    """Remove the files of this run, and those of runs that were killed."""
    for left in output.glob(f"{EVIDENCE}-*.jsonl"):
        pid = left.stem.split("-")[1]
        if pid.isdigit() and (int(pid) == os.getpid() or not process_exists(int(pid))):
            left.unlink(missing_ok=True)


@contextmanager
def output_lock(output: Path) -> Iterator[None]:
    """Let one run at a time write its reports: they stay those of one run."""
    descriptor = os.open(output, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
