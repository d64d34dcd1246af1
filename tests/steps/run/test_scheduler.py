"""The scheduler loses no scenario, and reports each result and each error once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from steps.run.scheduler import TOGETHER, batches
from tests.steps.run.judge import FOREIGN, judged

EXPIRY_IGNORED = FOREIGN.replace("[server.env]\n", '[server.env]\nBREAK = "expiry-ignored"\n', 1)
FAILING_PLUGIN = """
def pytest_runtest_logfinish():
    raise RuntimeError("the error of a plugin")
"""


@dataclass
class Item:
    """A scenario with the one method that `batches` calls."""

    tags: set[str]

    def get_closest_marker(self, name: str) -> Any:
        return name if name in self.tags else None


def test_a_batch_is_one_scenario_or_neighbours_tagged_together() -> None:
    tags = [set(), {"alone"}, {TOGETHER}, {TOGETHER, "alone"}, set(), {TOGETHER}]
    items = cast("list[pytest.Item]", [Item(one) for one in tags])
    assert list(batches(items)) == [[0], [1], [2, 3], [4], [5]]
    assert list(batches([])) == []


@pytest.mark.judging
def test_a_failure_in_a_worker_is_printed_once_and_is_in_the_verdict(tmp_path: Path) -> None:
    judgement = judged(EXPIRY_IGNORED, tmp_path, "--workers", "2", "-m", "US1-AS3")
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]
    failed = [one for one in judgement.scenarios if one["result"] == "failed"]
    assert failed
    assert len(re.findall(r"FAILED features/\S+:\d+ ", judgement.output)) == len(failed)
    assert judgement.verdicts["US1-AS3"] == "failed"
    assert f"{len(failed)} failed" in judgement.output


@pytest.mark.judging
def test_a_single_batch_is_judged_with_three_workers(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "3", "-m", TOGETHER)
    found = re.search(r"\b(\d+) skipped, (\d+) deselected in ", judgement.output)  # no offers
    assert found, judgement.output
    together = [one for one in judgement.scenarios if TOGETHER in one["tags"]]
    assert [*map(int, found.groups())] == [
        len(together),
        len(judgement.scenarios) - len(together),
    ]
    assert judgement.status == 2  # a selection gives no verdict
    assert not judgement.matrix["acceptable"]


@pytest.mark.judging
def test_a_single_scenario_is_judged_with_three_workers(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "3", "-k", "challenge_names")
    assert [one["result"] for one in judgement.scenarios].count("passed") == 1
    assert "1 passed" in judgement.output


@pytest.mark.judging
def test_a_selection_without_scenarios_is_status_2(tmp_path: Path) -> None:
    judgement = judged(FOREIGN, tmp_path, "--workers", "2", "-k", "no_scenario_has_this_name")
    assert judgement.status == 2
    assert re.search(r"^\d+ deselected in ", judgement.text, re.MULTILINE)


@pytest.mark.judging
def test_an_exception_in_a_worker_ends_the_judging(tmp_path: Path) -> None:
    (tmp_path / "failing_plugin.py").write_text(FAILING_PLUGIN, "utf-8")
    options = ["--workers", "2", "-p", "failing_plugin", "-m", "US1-AS3"]
    judgement = judged(FOREIGN, tmp_path, *options, env={"PYTHONPATH": str(tmp_path)})
    assert judgement.status == 2
    message = "fell over (RuntimeError: the error of a plugin): run again."
    assert judgement.output.count(message) == 1
    assert [file.name for file in judgement.folder.iterdir()] == ["server.log"]
