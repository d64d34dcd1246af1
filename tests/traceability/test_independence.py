"""The tool serves any project: it speaks of none, and its command needs no harness.

That it imports neither server nor steps, import-linter checks (tests/architecture).
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import traceability

PACKAGE = Path(traceability.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_module_has_no_word_of_this_project(module: str) -> None:
    text = (PACKAGE / module).read_text(encoding="utf-8")
    assert not re.findall(r"\b(?:todos?|tasks?|(?i:fastapi))\b", text)


def test_there_are_modules() -> None:
    assert "project/spec.py" in MODULES


def test_the_command_needs_neither_pytest_nor_a_harness() -> None:
    """The installed tool depends on coverage and the Gherkin parser alone."""
    script = (
        "import sys\n"
        "for name in ('pytest', '_pytest', 'pytest_bdd', 'psycopg', 'httpx2', 'pydantic'):\n"
        "    sys.modules[name] = None\n"
        "from traceability.cli import check, compare, diff, report\n"
        "from traceability.evidence import read\n"
        "from traceability.report import changes, comparison, write\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (completed.returncode, completed.stderr) == (0, "")
