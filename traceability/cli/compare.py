"""`traceability compare`: the runs of several implementations of one spec, side by side."""

from __future__ import annotations

import argparse

from traceability.cli.output import shown_path, terminal_width
from traceability.matrix.compare import compare_runs
from traceability.matrix.read import read_matrix
from traceability.report import comparison


def run(options: argparse.Namespace) -> int:
    """Write the comparison, print its totals, and return the exit status."""
    compared = compare_runs([read_matrix(file) for file in options.matrices])
    files = comparison.write_reports(compared, options.output)
    print(comparison.render_terminal(compared, terminal_width()), end="")
    print(f"Comparison: {', '.join(shown_path(file) for file in files)}")
    return 0
