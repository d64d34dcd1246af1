"""The command `traceability`.

Exit status of `check` and `report`: 0 everything is verified or a known deviation and nothing was
found, 1 something falls short, 2 it could not be found out (a mistake in the configuration,
evidence that cannot be read). `compare`: 0 it could compare, 2 it could not. `diff`: 0 nothing is
worse than before, 1 something is, 2 it could not tell.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from traceability.matrix.build import Rules, build_matrix, merge_findings
from traceability.model import Finding, Matrix, TraceabilityError
from traceability.project import cross_check as crosscheck
from traceability.project import read as project
from traceability.project.config import Config, load
from traceability.project.read import Code
from traceability.report import terminal

# What single commands need is imported where they run: `check` starts in half the time then.

DIFF = 20
"""Lines of a difference that are shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)
    # A name that the terminal cannot show must not end the run in an error.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # What is read is kept to the end: looking for garbage in it would take an eighth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        status: int = options.run(options)
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
    commands = parser.add_subparsers(required=True, metavar="command")
    check = commands.add_parser("check", help="check spec, tags and claims, without a run")
    check.set_defaults(run=_check)
    report = commands.add_parser("report", help="write the reports of one or several runs")
    report.set_defaults(run=_report)
    report.add_argument("evidence", nargs="+", type=Path, help="what the runs recorded")
    report.add_argument("--output", type=Path, metavar="DIR", help="folder for all reports")
    report.add_argument(
        "--base",
        type=Path,
        metavar="OLD.json",
        help="matrix.json of another run: the reports say what has changed since",
    )
    report.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the Markdown here, too"
    )
    report.add_argument(
        "--check-markdown", type=Path, metavar="FILE", help="fail when this Markdown is stale"
    )
    versus = commands.add_parser(
        "compare", help="hold the runs of several implementations of one spec against each other"
    )
    versus.set_defaults(run=_compare)
    versus.add_argument(
        "matrices", nargs="+", type=Path, metavar="MATRIX.json", help="one for each implementation"
    )
    versus.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("build/comparison"),
        help="folder for page and Markdown (default: %(default)s)",
    )
    diff = commands.add_parser(
        "diff", help="say what changed between two runs; status 1 when anything is worse"
    )
    diff.set_defaults(run=_diff)
    diff.add_argument("old", type=Path, metavar="OLD.json", help="matrix.json of the base")
    diff.add_argument("new", type=Path, metavar="NEW.json", help="matrix.json of the change")
    diff.add_argument("--markdown", action="store_true", help="print it for a pull request")
    for command in (check, report):
        command.add_argument(
            "--without-code",
            action="store_true",
            help="leave the sources out: the server that is judged is not made of them",
        )
        command.add_argument(
            "--code",
            action="append",
            default=[],
            metavar="PATH",
            help="instead of the sources: code of the server that is judged, below --code-root",
        )
        command.add_argument("--code-root", type=Path, metavar="DIR", help="folder of that code")
        command.add_argument(
            "--root", type=Path, default=Path(), metavar="DIR", help="folder of pyproject.toml"
        )
    return parser


def _check(options: argparse.Namespace) -> int:
    config = load(options.root)
    found = static_findings(config, _foreign(options))
    print(terminal.findings(found, _width()), end="")
    kinds = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    print(f"{config.spec}: {kinds if found else 'every id leads somewhere'}.")
    return 1 if found else 0


def _foreign(options: argparse.Namespace) -> Code | None:
    """Return the code that is judged, if it is another than the project's."""
    if options.code and options.code_root is None:
        raise TraceabilityError("--code needs --code-root: the folder that the paths start from")
    if options.code_root is None:
        return Code(Path()) if options.without_code else None
    root = options.code_root.resolve()
    for path in options.code:
        if not (root / path).exists():
            raise TraceabilityError(f"--code {path}: there is no such file or folder in {root}")
    return Code(root, tuple(options.code))


def static_findings(config: Config, foreign: Code | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with spec, features and claims, as far as no run is needed."""
    its = project.read(config, foreign, measured=False)
    found = crosscheck.findings(its.spec, its.features, its.sources, config.known_tags)
    return merge_findings(its.findings, found)


def _report(options: argparse.Namespace) -> int:
    from traceability.evidence.read import read_evidence
    from traceability.matrix.difference import compute_difference
    from traceability.matrix.read import read_matrix
    from traceability.report import difference as difference_reports
    from traceability.report import markdown
    from traceability.report.write import PAGE, write_reports

    config = load(options.root)
    foreign = _foreign(options)
    its = project.read(config, foreign)
    ran = read_evidence(*options.evidence)
    rules = Rules.from_config(config, foreign_code=foreign is not None)
    traced = build_matrix(its.spec, its.features, its.sources, ran, rules, its.findings)
    output: Path = options.output or config.root / config.output
    base = read_matrix(options.base) if options.base else None
    write_reports(traced, output, config.root, base)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        text = markdown.render(traced, _location(options.markdown, config))
        options.markdown.write_text(text, encoding="utf-8", newline="\n")
    encoding = sys.stdout.encoding or "ascii"
    place = output / PAGE
    if base:
        since = compute_difference(base, read_matrix(output / "matrix.json"))
        print(difference_reports.terminal(since, _width(), encoding))
    print(terminal.render(traced, _width(), _shown(place), encoding), end="")
    fresh = options.check_markdown is None or _fresh(options.check_markdown, traced, config)
    return 0 if traced.acceptable and fresh else 1


def _compare(options: argparse.Namespace) -> int:
    from traceability.matrix.compare import compare_runs
    from traceability.matrix.read import read_matrix
    from traceability.report import comparison as compare_reports

    compared = compare_runs([read_matrix(file) for file in options.matrices])
    files = compare_reports.write(compared, options.output)
    print(compare_reports.terminal(compared, _width()), end="")
    print(f"Comparison: {', '.join(_shown(file) for file in files)}")
    return 0


def _diff(options: argparse.Namespace) -> int:
    from traceability.matrix.difference import compute_difference
    from traceability.matrix.read import read_matrix
    from traceability.report import difference as difference_reports

    old, new = read_matrix(options.old), read_matrix(options.new)
    found = compute_difference(old, new)
    if options.markdown:
        print(difference_reports.markdown(found), end="")
    else:
        encoding = sys.stdout.encoding or "ascii"
        print(difference_reports.terminal(found, _width(), encoding), end="")
    return 1 if found.worse else 0


def _shown(place: Path) -> str:
    here = Path.cwd()
    return str(place.relative_to(here) if place.is_relative_to(here) else place)


def _fresh(file: Path, traced: Matrix, config: Config) -> bool:
    """Say whether a committed Markdown is what this run gives, and show where it is not."""
    import difflib

    from traceability.report import markdown

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
