"""Keeps tokens and the machine's paths out of pytest's texts of failures, and files these texts.

They show the harness's code, which says nothing to the author of a server: the terminal names the
file, and says of each failure what was expected and what came.
"""

from __future__ import annotations

import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from steps.run.acceptance_options import ROOT

FILE_NAME = "failures.txt"


class FailureFile:
    """A pytest plugin: the texts of all failures, in the order in which they are reported."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the text of a failure."""
        if report.failed:
            scenario = getattr(report, "scenario", {})
            name = f"{scenario.get('id', report.nodeid)} {scenario.get('name', '')}".rstrip()
            self._keep(name, report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the text of a module that could not be read, and print it: nothing is judged."""
        if report.failed:
            self._keep(report.nodeid, report)
            print(self._texts[-1], file=sys.stderr)

    def _keep(self, name: str, report: pytest.TestReport | pytest.CollectReport) -> None:
        sections = [f"{title}\n{text}" for title, text in report.sections if text.strip()]
        self._texts.append("\n".join([name, "=" * len(name), report.longreprtext, *sections, ""]))

    def write(self, folder: Path) -> Path | None:
        """Write the file into a folder and return it; without a failure, there is no file."""
        file = folder / FILE_NAME
        if not self._texts:
            file.unlink(missing_ok=True)
            return None
        file.write_text("\n".join(self._texts), "utf-8", errors="replace")
        return file


def clean_report(report: pytest.TestReport, redacted: Callable[[str], str]) -> None:
    """Replace the texts of a failed report by ones without tokens and the machine's paths."""
    if report.failed and report.longrepr is not None:
        report.longrepr = without_folders(redacted(report.longreprtext))
        report.sections = [(title, redacted(text)) for title, text in report.sections]


def without_folders(text: str) -> str:
    """Return a text whose paths begin below the folders of this project and of Python."""
    folders = {
        str(ROOT),
        *site.getsitepackages(),
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")),
        tempfile.gettempdir(),
        sys.prefix,
        str(Path.home()),
    }
    for folder in sorted(folders, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(f"{folder}/", "")
    return text
