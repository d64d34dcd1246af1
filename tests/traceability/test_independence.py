"""The tool serves any project: it knows neither the server nor the steps of this one."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import traceability

FILES = sorted(Path(traceability.__file__).parent.rglob("*.py"))


def imported(tree: ast.Module) -> set[str]:
    names = [
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    ]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("file", FILES, ids=str)
def test_module(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not imported(ast.parse(text)) & {"server", "steps"}
    assert not re.findall(r"\b(?:todos?|tasks?|(?i:fastapi))\b", text)


def test_there_are_modules() -> None:
    assert "spec.py" in [file.name for file in FILES]


def test_the_command_needs_neither_pytest_nor_a_harness() -> None:
    """Whoever installs the tool alone has coverage and the parser of Gherkin, and nothing else."""
    script = (
        "import sys\n"
        "for name in ('pytest', '_pytest', 'pytest_bdd', 'psycopg', 'httpx2', 'pydantic'):\n"
        "    sys.modules[name] = None\n"
        "from traceability.cli import check, compare, diff, report\n"
        "from traceability.evidence import read\n"
        "from traceability.report import changes, comparison, write\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
