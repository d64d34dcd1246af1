"""`traceability report`: the reports of one or several runs."""

from __future__ import annotations

import argparse
import difflib
import sys
from itertools import islice
from pathlib import Path

from traceability.cli.judged_code import judged_code
from traceability.cli.output import encoding, shown_path, terminal_width
from traceability.evidence.read import read_evidence
from traceability.matrix.build import Rules, build_matrix
from traceability.matrix.difference import compute_difference
from traceability.matrix.read import read_matrix
from traceability.model import Matrix
from traceability.project.config import Config, load_config
from traceability.project.read import read_project
from traceability.report import markdown, terminal
from traceability.report.changes import render_terminal
from traceability.report.write import PAGE_FILE, write_reports

DIFF_LINES = 20
"""Lines of the difference to a stale Markdown that are printed at most."""


def run(options: argparse.Namespace) -> int:
    """Write the reports, print the summary, and return the exit status."""
    config = load_config(options.root)
    foreign = judged_code(options)
    project = read_project(config, foreign)
    evidence = read_evidence(*options.evidence)
    rules = Rules.from_config(config, foreign_code=foreign is not None, strict=options.strict)
    traced = build_matrix(
        project.spec, project.features, project.sources, evidence, rules, project.findings
    )
    output: Path = options.output or config.root / config.output
    base = read_matrix(options.base) if options.base else None
    code_root = foreign.root if foreign is not None and foreign.paths else None
    write_reports(traced, output, config.root, base, code_root)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        text = markdown.render(traced, _path_in_project(options.markdown, config))
        options.markdown.write_text(text, encoding="utf-8", newline="\n")
    if base:
        since = compute_difference(base, read_matrix(output / "matrix.json"))
        print(render_terminal(since, terminal_width(), encoding()))
    place = shown_path(output / PAGE_FILE)
    print(terminal.render(traced, terminal_width(), place, encoding()), end="")
    fresh = options.check_markdown is None or _markdown_is_current(
        options.check_markdown, traced, config
    )
    return 0 if traced.acceptable and fresh else 1


def _markdown_is_current(file: Path, traced: Matrix, config: Config) -> bool:
    """Return whether the committed Markdown is that of this run; print the difference if not."""
    expected = markdown.render(traced, _path_in_project(file, config))
    found = file.read_text(encoding="utf-8") if file.is_file() else ""
    if found == expected:
        return True
    diff = difflib.unified_diff(
        found.splitlines(), expected.splitlines(), str(file), "this run", lineterm="", n=0
    )
    print(f"{file} is stale: write it again with --markdown {file}", file=sys.stderr)
    for line in islice(diff, DIFF_LINES):
        print(line[: terminal_width()], file=sys.stderr)
    return False


def _path_in_project(file: Path, config: Config) -> str:
    root = config.root.resolve()
    resolved = file.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else file.name
