"""Runs `python -m steps.acceptance` on a target file, and reads its output and its reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
FOREIGN = (
    (ROOT / "targets" / "foreign.toml")
    .read_text("utf-8")
    .replace("../tests/broken", f"{ROOT}/tests/broken")
    .replace('python = "../../build/foreign/bin/python"\n', "")
)
"""The target file of the foreign server, with absolute paths; the tests' Python has its aiohttp."""


def restore_sigint() -> None:
    """Handle SIGINT by default in this process; a shell makes its background jobs ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True)
class Judgement:
    """Exit status, output (white space collapsed) and folder of the reports of a judging."""

    status: int
    output: str
    folder: Path
    text: str = ""
    """The output as it was printed."""

    @property
    def matrix(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "matrix.json").read_text("utf-8"))
        return found

    @property
    def scenarios(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.matrix["scenarios"]
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        return {one["id"]: one["verdict"] for one in self.matrix["requirements"]}

    def results(self) -> set[str]:
        return {one["result"] for one in self.scenarios}

    def reasons(self, result: str) -> set[str]:
        return {one["reason"] for one in self.scenarios if one["result"] == result}


def judged(
    target: str, folder: Path, *options: str, env: Mapping[str, str] | None = None
) -> Judgement:
    """Judge the server that the text of a target file describes; the file is put into `folder`."""
    file = folder / "target.toml"
    file.write_text(target, "utf-8")
    report = folder / "report"
    arguments = ["--target", str(file), "--output", str(report), "--minutes", "30", *options]
    completed = subprocess.run(
        [sys.executable, "-m", "steps.acceptance", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": "", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    text = completed.stdout + completed.stderr
    output = " ".join(text.split())
    assert "Traceback" not in output, output
    return Judgement(completed.returncode, output, report, text)
