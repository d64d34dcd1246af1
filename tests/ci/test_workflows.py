"""What CI runs of others is pinned, and both ways of CI run the same sessions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_version(workflow: Path) -> None:
    used = [line for line in workflow.read_text("utf-8").splitlines() if "uses:" in line]
    assert used
    for line in used:
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", line), line


def test_the_two_ways_of_ci_run_the_same_sessions() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    here = set(re.findall(r"nox -s (\w+)", run)) - {"compare"}
    for workflow in WORKFLOWS:
        assert set(re.findall(r"run: nox -s (\w+)", workflow.read_text("utf-8"))) == here
