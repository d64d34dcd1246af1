"""The options of `nox -s acceptance`; options that it does not know go to pytest."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steps.http.time_limits import DEFAULT_MINUTES, minutes_argument
from steps.run.evidence_files import EVIDENCE_NAME
from steps.run.worker_count import DEFAULT_MAXIMUM, worker_number

ROOT = Path(__file__).parents[2]
DEFAULT_OUTPUT = ROOT / "build" / "traceability"
REFERENCE_TARGET_FILE = ROOT / "targets" / "reference.toml"
DESCRIPTION = """The main job: run every feature against the target, then write the matrix.

Exit status: 0 everything is shown, or differs from a clarification of the spec only, 1 something
falls short, 2 the judging could not be done.
"""
DISTRIBUTION_OPTIONS = ("-n", "--numprocesses", "--dist", "--tx")
"""Options by which pytest-xdist distributes tests over processes."""


@dataclass(frozen=True)
class Options:
    """The options of one judging."""

    target_file: Path
    database: str
    """embedded, testcontainers, or a URL."""
    output: Path
    """Folder for all reports; absolute."""
    minutes: float
    workers: int | None
    """None: `worker_count` decides."""
    anyway: bool
    """Whether a server is judged of which nothing seems to work."""
    turns: Path | None
    """Folder of the lock by which several judgings take turns at what is timed."""
    pytest_options: list[str]
    """All other arguments: they select scenarios, or change how pytest runs and shows them."""
    inherited: list[str]
    """Options of pytest that the variable PYTEST_ADDOPTS adds."""
    strict: bool = False
    """Whether the server is held to the clarifications of the spec, too."""

    @property
    def all_pytest_options(self) -> list[str]:
        """In the order in which pytest reads them."""
        return [*self.inherited, *self.pytest_options]


def parse(arguments: Sequence[str], inherited: str = "") -> Options:
    """Read a command line, and the value of PYTEST_ADDOPTS.

    Raises `SystemExit` with status 2 when an option is wrong.
    """
    parser = argparse.ArgumentParser(prog="nox -s acceptance --", description=DESCRIPTION)
    parser.add_argument(
        "--target", type=Path, default=REFERENCE_TARGET_FILE, help="target file of the server"
    )
    parser.add_argument(
        "--database", default="embedded", help="embedded, testcontainers or postgresql://…"
    )
    parser.add_argument(
        "--output", type=Path, default=DEFAULT_OUTPUT, metavar="DIR", help="folder for all reports"
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
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="judge a server, too, that creates no task or has nothing at the paths of the spec",
    )
    parser.add_argument("--turns", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument(
        "--strict",
        action="store_true",
        help="hold the server to the clarifications of the spec, too: what differs from one falls "
        "short; the reference server is always judged so",
    )
    parser.epilog = "All other options go to pytest."
    known, pytest_options = parser.parse_known_args(arguments)
    try:
        inherited_options = shlex.split(inherited)
    except ValueError as error:
        parser.error(f"PYTEST_ADDOPTS of the environment: {error}")
    return Options(
        target_file=known.target,
        database=known.database,
        output=known.output.absolute(),
        minutes=known.minutes,
        workers=known.workers,
        anyway=known.anyway,
        turns=known.turns,
        pytest_options=pytest_options,
        inherited=inherited_options,
        strict=known.strict or known.target.resolve() == REFERENCE_TARGET_FILE,
    )


def refusal_of_pytest_options(options: Options) -> str:
    """Return why the options of pytest cannot be passed on; empty: they can."""
    reason = _refusal(options.inherited)
    return (
        f"PYTEST_ADDOPTS of the environment: {reason}"
        if reason
        else _refusal(options.pytest_options)
    )


def _refusal(pytest_options: Sequence[str]) -> str:
    if any(option.startswith("--evidence") for option in pytest_options):
        return f"--evidence is ours: it will be {DEFAULT_OUTPUT / EVIDENCE_NAME}.jsonl."
    if any(option.startswith(DISTRIBUTION_OPTIONS) for option in pytest_options):
        return "How the work is shared out is ours: say --workers N."
    return ""
