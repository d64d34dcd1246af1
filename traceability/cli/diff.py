"""`traceability diff`: what changed between two runs."""

from __future__ import annotations

import argparse

from traceability.cli.output import encoding, terminal_width
from traceability.matrix.difference import compute_difference
from traceability.matrix.read import read_matrix
from traceability.report.changes import render_markdown, render_terminal


def run(options: argparse.Namespace) -> int:
    """Print the changes and return the exit status."""
    found = compute_difference(read_matrix(options.old), read_matrix(options.new))
    if options.markdown:
        print(render_markdown(found), end="")
    else:
        print(render_terminal(found, terminal_width(), encoding()), end="")
    return 1 if found.worse else 0
