"""The command `traceability`.

Exit status of `check` and `report`: 0 if every requirement is verified or a known deviation, or
differs from a clarification only, and there is no finding, 1 if something falls short; with
`report --strict`, what differs falls short, too. Of `diff`: 0 if nothing is worse than before, 1 if
something is. Of `compare`: 0. Of all: 2 if the command cannot do its work (a mistake in the
configuration, a file that cannot be read or written).
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from traceability.model import TraceabilityError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)
    # A character that the terminal cannot show must not end the command in an error.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # The command keeps all that it reads; collecting garbage would take an eighth of its time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        # Only the module of this command is imported: `check` starts in half the time then.
        status: int = importlib.import_module(f"traceability.cli.{options.command}").run(options)
    except TraceabilityError as error:
        print(f"traceability: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"traceability: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    finally:
        if collecting:
            gc.enable()
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="traceability",
        description="Trace every requirement of a spec to scenarios and to the code that ran.",
    )
    commands = parser.add_subparsers(required=True, dest="command", metavar="command")
    check = commands.add_parser("check", help="check spec, tags and claims, without a run")
    _judged_code_arguments(check)
    _report_arguments(
        commands.add_parser("report", help="write the reports of one or several runs")
    )
    _compare_arguments(
        commands.add_parser(
            "compare",
            help="hold the runs of several implementations of one spec against each other",
        )
    )
    _diff_arguments(
        commands.add_parser(
            "diff", help="say what changed between two runs; status 1 when anything is worse"
        )
    )
    return parser


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("evidence", nargs="+", type=Path, help="what the runs recorded")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for all reports")
    parser.add_argument(
        "--base",
        type=Path,
        metavar="OLD.json",
        help="matrix.json of another run: the reports say what has changed since",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="hold the server to the clarifications, too: what differs from one falls short",
    )
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the Markdown here, too"
    )
    parser.add_argument(
        "--check-markdown", type=Path, metavar="FILE", help="fail when this Markdown is stale"
    )
    _judged_code_arguments(parser)


def _judged_code_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that `judged_code` reads, and the folder of the project."""
    parser.add_argument(
        "--without-code",
        action="store_true",
        help="leave the sources out: the server that is judged is not made of them",
    )
    parser.add_argument(
        "--code",
        action="append",
        default=[],
        metavar="PATH",
        help="instead of the sources: code of the server that is judged, below --code-root",
    )
    parser.add_argument("--code-root", type=Path, metavar="DIR", help="folder of that code")
    parser.add_argument(
        "--root", type=Path, default=Path(), metavar="DIR", help="folder of pyproject.toml"
    )


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "matrices", nargs="+", type=Path, metavar="MATRIX.json", help="one for each implementation"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("build/comparison"),
        help="folder for page and Markdown (default: %(default)s)",
    )


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD.json", help="matrix.json of the base")
    parser.add_argument("new", type=Path, metavar="NEW.json", help="matrix.json of the change")
    parser.add_argument("--markdown", action="store_true", help="print it for a pull request")
