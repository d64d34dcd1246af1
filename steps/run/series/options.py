"""The options of `nox -s judge`; options that it does not know go to each judging."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from steps.run.acceptance_options import ROOT

DEFAULT_OUTPUT = ROOT / "build" / "judged"
DEFAULT_LIMIT = 60.0
"""Minutes of one judging. It bounds itself, but for commands of the server that hang."""
DESCRIPTION = """Judge many servers, and set them side by side.

Exit status: 0 all of them are as they should be, 1 one falls short, 2 one was not judged.
"""
EPILOG = """Other options, such as --database or --minutes=9, go to each judging; options of pytest
with a value come last, behind --."""


@dataclass(frozen=True)
class Options:
    """The options of a series of judgings."""

    targets: list[Path]
    """Target files, as they were named."""
    output: Path
    """Folder of all reports; absolute."""
    jobs: int
    """How many servers are judged at a time."""
    limit: float
    """Minutes after which a judging is ended."""
    resume: bool
    """Whether what an earlier run has judged in the same way is taken over."""
    judging: list[str]
    """Options of each judging."""


def parse(arguments: Sequence[str]) -> Options:
    """Read a command line. Raises `SystemExit` with status 2 when an option is wrong."""
    parser = argparse.ArgumentParser(
        prog="nox -s judge --", description=DESCRIPTION, epilog=EPILOG, allow_abbrev=False
    )
    parser.add_argument("targets", nargs="+", type=Path, metavar="TARGET.toml")
    parser.add_argument(
        "--output", type=Path, default=DEFAULT_OUTPUT, metavar="DIR", help="folder for all reports"
    )
    parser.add_argument(
        "--jobs", type=_positive(int), default=1, metavar="N", help="how many at a time (default 1)"
    )
    parser.add_argument(
        "--limit",
        type=_positive(float),
        default=DEFAULT_LIMIT,
        metavar="MINUTES",
        help="end a judging that takes longer (default %(default)g)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="take over what an earlier run has judged by the same target files and features",
    )
    parser.add_argument("--database", help=argparse.SUPPRESS)
    parser.add_argument("--minutes", help=argparse.SUPPRESS)
    parser.add_argument("--workers", help=argparse.SUPPRESS)
    own, behind = _split(arguments)
    known, passed = parser.parse_known_args(own)
    words = [word for word in passed if not word.startswith("-")]
    if words:
        parser.error(f"{words[0]}: options of pytest with a value come last, behind --")
    if refused := [word for word in [*passed, *behind] if word.startswith("--target")]:
        parser.error(f"{refused[0]}: name the target file without an option")
    for name in ("database", "minutes", "workers"):
        if (value := getattr(known, name)) is not None:
            passed += [f"--{name}", value]
    return Options(
        targets=known.targets,
        output=known.output.absolute(),
        jobs=known.jobs,
        limit=known.limit,
        resume=known.resume,
        judging=[*passed, *behind],
    )


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what stands before `--`, and what stands behind it."""
    words = list(arguments)
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


class _positive:  # noqa: N801 - used as a function, whose name argparse shows
    """Reads a number above 0."""

    def __init__(self, kind: type[int] | type[float]) -> None:
        self._kind = kind
        self.__name__ = "number above 0"

    def __call__(self, text: str) -> float:
        value = self._kind(text)
        if not 0 < value < float("inf"):
            raise ValueError
        return value
