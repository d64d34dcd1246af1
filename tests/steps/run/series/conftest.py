"""A series of judgings in a process of its own, with a judging that the test defines."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.steps.run.judge import restore_sigint
from tests.traceability.matrix_files import write_matrix
from tests.traceability.shops import Project

ROOT = Path(__file__).parents[4]
FAKE = Path(__file__).with_name("fake_judging.py")
PROGRAM = (
    "import sys; from steps.run.series.__main__ import main; "
    f"sys.exit(main(sys.argv[1:], [sys.executable, {str(FAKE)!r}]))"
)


@dataclass(frozen=True)
class SeriesOfThisTest:
    """Target files in `folder`, reports in `output`."""

    folder: Path
    matrix: Path

    @property
    def output(self) -> Path:
        return self.folder / "judged"

    @property
    def journal(self) -> list[str]:
        return (self.folder / "journal").read_text("utf-8").splitlines()

    def target(self, name: str, server: str = 'command = ["x", "{port}"]') -> str:
        file = self.folder / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"[server]\n{server}\n", "utf-8")
        return str(file)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "--output", str(self.output), *arguments],
            cwd=ROOT,
            env=os.environ
            | {"FAKE_JOURNAL": str(self.folder / "journal"), "FAKE_MATRIX": str(self.matrix)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=restore_sigint,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=120)
        assert "Traceback" not in output, output
        return process.returncode, output


@pytest.fixture
def series(tmp_path: Path) -> SeriesOfThisTest:
    matrix = write_matrix(Project(tmp_path / "shop"), "matrix.json", "x")
    (tmp_path / "journal").touch()
    return SeriesOfThisTest(tmp_path, matrix)
