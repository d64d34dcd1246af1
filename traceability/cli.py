"""The command `traceability`.

Exit status: 0 everything is verified and nothing was found, 1 something falls short, 2 it could not
be found out (a mistake in the configuration, evidence that cannot be read).
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from traceability import crosscheck, evidence, markdown, matrix, project, terminal
from traceability.config import Config, TraceabilityError, load
from traceability.model import Finding, Matrix
from traceability.reports import PAGE, write_reports

DIFF = 20
"""Lines of a difference that are shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)
    # A name that the terminal cannot show must not end the run in an error.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status: int = options.run(options, load(options.root))
    except TraceabilityError as error:
        print(f"traceability: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"traceability: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="traceability",
        description="Trace every requirement of a spec to scenarios and to the code that ran.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    check = commands.add_parser("check", help="check spec, tags and claims, without a run")
    check.set_defaults(run=_check)
    report = commands.add_parser("report", help="write the reports of one or several runs")
    report.set_defaults(run=_report)
    report.add_argument("evidence", nargs="+", type=Path, help="what the runs recorded")
    report.add_argument("--output", type=Path, metavar="DIR", help="folder for all reports")
    report.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the Markdown here, too"
    )
    report.add_argument(
        "--check-markdown", type=Path, metavar="FILE", help="fail when this Markdown is stale"
    )
    for command in (check, report):
        command.add_argument(
            "--without-code",
            action="store_true",
            help="leave the sources out: the server that is judged is not made of them",
        )
        command.add_argument(
            "--root", type=Path, default=Path(), metavar="DIR", help="folder of pyproject.toml"
        )
    return parser


def _check(options: argparse.Namespace, config: Config) -> int:
    found = static_findings(config, with_code=not options.without_code)
    print(terminal.findings(found, _width()), end="")
    kinds = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    print(f"{config.spec}: {kinds if found else 'every id leads somewhere'}.")
    return 1 if found else 0


def static_findings(config: Config, *, with_code: bool = True) -> tuple[Finding, ...]:
    """Return what is wrong with spec, features and claims, as far as no run is needed."""
    its = project.read(config, with_code=with_code)
    found = crosscheck.findings(its.spec, its.features, its.sources, config.known_tags)
    return matrix.merged(its.findings, found)


def _report(options: argparse.Namespace, config: Config) -> int:
    its = project.read(config, with_code=not options.without_code)
    ran = evidence.read(*options.evidence)
    rules = matrix.Rules.of(config)
    traced = matrix.build(its.spec, its.features, its.sources, ran, rules, its.findings)
    output: Path = options.output or config.root / config.output
    write_reports(traced, output, config.root)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        text = markdown.render(traced, _location(options.markdown, config))
        options.markdown.write_text(text, encoding="utf-8", newline="\n")
    encoding = sys.stdout.encoding or "ascii"
    place = output / PAGE
    here = Path.cwd()
    shown = place.relative_to(here) if place.is_relative_to(here) else place
    print(terminal.render(traced, _width(), str(shown), encoding), end="")
    fresh = options.check_markdown is None or _fresh(options.check_markdown, traced, config)
    return 0 if traced.conformant and fresh else 1


def _fresh(file: Path, traced: Matrix, config: Config) -> bool:
    """Say whether a committed Markdown is what this run gives, and show where it is not."""
    expected = markdown.render(traced, _location(file, config))
    found = file.read_text(encoding="utf-8") if file.is_file() else ""
    if found == expected:
        return True
    difference = difflib.unified_diff(
        found.splitlines(), expected.splitlines(), str(file), "this run", lineterm="", n=0
    )
    print(f"{file} is stale: write it again with --markdown {file}", file=sys.stderr)
    for line in islice(difference, DIFF):
        print(line[: _width()], file=sys.stderr)
    return False


def _location(file: Path, config: Config) -> str:
    root = config.root.resolve()
    resolved = file.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else file.name


def _width() -> int:
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
