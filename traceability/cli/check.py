"""`traceability check`: spec, tags and claims, without a run."""

from __future__ import annotations

import argparse

from traceability.cli.judged_code import judged_code
from traceability.cli.output import terminal_width
from traceability.matrix.build import merge_findings
from traceability.model import Finding
from traceability.project.config import Config, load_config
from traceability.project.cross_check import cross_check
from traceability.project.read import ForeignSources, read_project
from traceability.report import terminal


def run(options: argparse.Namespace) -> int:
    """Print the findings and return the exit status."""
    config = load_config(options.root)
    found = static_findings(config, judged_code(options))
    print(terminal.findings(found, terminal_width()), end="")
    kinds = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    print(f"{config.spec}: {kinds if found else 'every id leads somewhere'}.")
    return 1 if found else 0


def static_findings(config: Config, foreign: ForeignSources | None = None) -> tuple[Finding, ...]:
    """Return the findings in spec, features and claims that need no run."""
    project = read_project(config, foreign, measured=False)
    found = cross_check(project.spec, project.features, project.sources, config.known_tags)
    return merge_findings(project.findings, found)
