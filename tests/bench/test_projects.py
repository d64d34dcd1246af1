"""Generated projects have no findings, so that the work is measured and not the findings."""

import json
from pathlib import Path

import pytest

from bench import projects
from traceability.cli.command import main


@pytest.mark.parametrize("size", [1, projects.PER_FILE, projects.PER_FILE + 1, 120])
def test_every_requirement_is_verified(
    tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = projects.write(tmp_path / "set", size)
    assert main(["check", "--root", str(tmp_path / "set")]) == 0, capsys.readouterr().out
    assert main(["report", str(evidence), "--root", str(tmp_path / "set")]) == 0
    matrix = json.loads((tmp_path / "set/build/traceability/matrix.json").read_text())
    assert matrix["summary"]["verified"] == size
    assert all(len(one["code"]) == 1 for one in matrix["requirements"])
    assert all(one["code"][0]["claimed"] for one in matrix["requirements"])
