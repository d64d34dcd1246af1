"""The scheduler loses no scenario, and reports each result and each error once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from steps.run.scheduler import TOGETHER, batches
from tests.steps.run.judge import FOREIGN, ROOT, judged

FAULTY = FOREIGN.replace("[server.env]\n", '[server.env]\nBREAK = "expiry-ignored"\n', 1)
BREAKER = """
def pytest_runtest_logfinish():
    raise RuntimeError("a plugin that falls over")
"""


@dataclass
class Item:
    """A scenario with the one method that `batches` calls."""

    tags: set[str]

    def get_closest_marker(self, name: str) -> Any:
        return name if name in self.tags else None


def test_one_by_one_but_for_those_that_stay_together() -> None:
    tags = [set(), {"alone"}, {TOGETHER}, {TOGETHER, "alone"}, set(), {TOGETHER}]
    items = cast("list[pytest.Item]", [Item(one) for one in tags])
    assert list(batches(items)) == [[0], [1], [2, 3], [4], [5]]
    assert list(batches([])) == []


@pytest.mark.judging
def test_a_failure_on_a_worker_is_shown_once_and_judged(tmp_path: Path) -> None:
    judgement = judged(FAULTY, tmp_path, "--workers", "2", "-m", "US1-AS3")
    assert judgement.status == 1
    failed = [one for one in judgement.scenarios if one["result"] == "failed"]
    assert failed
    assert len(re.findall(r"FAILED features/\S+:\d+ ", judgement.said)) == len(failed)
    assert judgement.verdicts["US1-AS3"] == "failed"
    assert f"{len(failed)} failed" in judgement.said


@pytest.mark.judging
def test_scenarios_that_stay_together_leave_nothing_for_another(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "3", "-m", TOGETHER)
    assert re.search(r"[^\d]9 skipped, 418 deselected in ", judgement.said)  # it publishes no keys
    assert judgement.status == 1


@pytest.mark.judging
def test_more_workers_than_scenarios(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "3", "-k", "challenge_names")
    assert [one["result"] for one in judgement.scenarios].count("passed") == 1
    assert "1 passed" in judgement.said


@pytest.mark.judging
def test_workers_of_pytest_xdist_are_none_of_ours(tmp_path: Path) -> None:
    target = tmp_path / "target.toml"
    target.write_text(FOREIGN, "utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "steps.acceptance",
            "--target",
            target,
            "--output",
            tmp_path / "o",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": "-n 2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "unrecognized arguments: -n" in done.stderr


@pytest.mark.judging
def test_no_scenario_at_all_is_no_judgement(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "2", "-k", "nothing_is_called_so")
    assert judgement.status == 2
    assert "427 deselected" in judgement.said


@pytest.mark.judging
def test_a_worker_that_falls_over_ends_the_judging(tmp_path: Path) -> None:
    (tmp_path / "breaker.py").write_text(BREAKER, "utf-8")
    options = ["--workers", "2", "-p", "breaker", "-m", "US1-AS3"]
    judgement = judged(FOREIGN, tmp_path, *options, env={"PYTHONPATH": str(tmp_path)})
    assert judgement.status == 2
    said = "fell over (RuntimeError: a plugin that falls over): run again, or with --workers 1."
    assert judgement.said.count(said) == 1
    assert list(judgement.folder.iterdir()) == []
