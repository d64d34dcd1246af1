"""Figures of an endurance run beside the scenarios of their requirements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from steps.endurance import report
from steps.endurance.fault import Fault, Stage
from steps.endurance.history import Exchange, Wrong
from steps.endurance.result import Result
from steps.run.other_runs import FORMAT, read_figures, share_out


async def nothing(stage: Stage) -> None:
    """Never played."""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The figures of a run in which one row was lost."""
    fault = Fault("a fault", "database", "Nothing happens.", nothing)
    good = Exchange("get", 1.0, 1.1, 200, frozenset({200}))
    result = Result(fault, exchanges=[good], wrong=(Wrong("lost", "u-1: a row"),))
    report.write([result], tmp_path, form="full", clients=200)
    return tmp_path / "endurance.json"


class Item:
    """A scenario with tags."""

    def __init__(self, nodeid: str, *tags: str) -> None:
        self.nodeid = nodeid
        self._tags = tags

    def get_closest_marker(self, name: str) -> object | None:
        return name if name in self._tags else None


def test_what_endurance_writes_is_read_with_its_source(written: Path) -> None:
    assert FORMAT == report.FORMAT
    figures = read_figures(written)
    assert {one.requirement: one.value for one in figures} == {
        "SC-005": 0,
        "SC-007": 1,
        "SC-008": 0,
    }
    for one in figures:
        assert "nox -s endurance, full form, 20" in one.source
        assert "1 of 1 faults did not end well" in one.source


def test_each_figure_stands_with_the_first_scenario_of_its_requirement(written: Path) -> None:
    items = [Item("one", "FR-001"), Item("two", "SC-005", "SC-008"), Item("three", "SC-005")]
    shared = share_out(read_figures(written), cast("list[pytest.Item]", items))
    assert {nodeid: [one.requirement for one in found] for nodeid, found in shared.items()} == {
        "two": ["SC-005", "SC-008"]
    }


@pytest.mark.parametrize(
    "change",
    [{"format": "endurance/0"}, {"measurements": None}, {"faults": [{}]}, {"measurements": [7]}],
)
def test_a_file_that_cannot_be_read_changes_nothing(written: Path, change: dict[str, Any]) -> None:
    value = json.loads(written.read_text("utf-8")) | change
    written.write_text(json.dumps(value), "utf-8")
    assert read_figures(written) == ()
    written.write_text("{", "utf-8")
    assert read_figures(written) == ()
    assert read_figures(written.with_name("none.json")) == ()
