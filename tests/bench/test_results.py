"""The figures are written down so that a regression is seen."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench import plots, results
from bench.growth import Listing, Stage
from bench.results import Results
from bench.scale import Scale
from bench.serving import BASE, ONE, TWO, Repeat, Series
from bench.tool import Run

MACHINE = {
    "processor": "abacus",
    "cores": 2,
    "load": [0.1, 0.2, 0.3],
    "system": "Linux",
    "python": "3.13",
    "postgresql": "18",
    "packages": {},
    "commit": "abc",
}


def series(subject: str, *rates: float, p99: float = 10) -> Series:
    return Series(subject, "list", tuple(Repeat(rate, 5, p99, 300) for rate in rates))


def found(reference: float = 750, p99: float = 12) -> Results:
    return Results(
        MACHINE,
        serving=[
            series(BASE, 900, 1000, 5000),
            series(ONE, reference, reference, reference, p99=p99),
            series(TWO, 1200, 1300, 1400),
        ],
        stages=[
            Stage(10, 1, {"list": 1, "get": 1, "create": 2}, "Index Scan", "user_id = x", 3),
            Stage(1000, 10, {"list": 1.2, "get": 1, "create": 2}, "Index Scan", "user_id = x", 3),
        ],
        listings=[Listing(10, 0.01, 1000, 0)],
        tool=[Run("traceability check", 1000, 1, 1, 40)],
        scale=Scale({"1 process": {"list": 1, "get": 2}}, {}, {"list": ["tasks_1"]}),
    )


def test_ratios_are_of_medians() -> None:
    assert found().ratios == {"list, rate": 0.75, "list, p99": 1.2, "list, two workers": 1.733}


def test_everything_is_written(tmp_path: Path) -> None:
    files = results.write(found(), tmp_path)
    names = {"results.json", "results.md", "serving.svg", "growth.svg", "tool.svg"}
    assert {file.name for file in files} == names
    assert json.loads((tmp_path / "results.json").read_text())["ratios"]["list, rate"] == 0.75
    text = (tmp_path / "results.md").read_text()
    assert "| list | reference | 750 (750 to 750) | 5.0 | 12.0 | 300 |" in text
    for file in files:
        if file.suffix == ".svg":
            ET.parse(file)


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        (found(), []),
        (found(reference=690), []),
        (found(reference=600), ["list, rate"]),
        (found(p99=20), ["list, p99"]),
    ],
)
def test_what_is_worse_than_the_last_time_is_named(
    tmp_path: Path, now: Results, worse: list[str]
) -> None:
    history = tmp_path / "history.jsonl"
    assert results.compare(now, history) == []
    results.remember(found(), history)
    assert [line.partition(":")[0] for line in results.compare(now, history)] == worse


def test_another_machine_is_no_yardstick(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    results.remember(found(), history)
    slow = found(reference=100)
    slow.machine = MACHINE | {"processor": "slide rule"}
    assert results.compare(slow, history) == []


def test_names_in_a_plot_are_escaped() -> None:
    ET.fromstring(plots.bars("a < b & c", "1/s", {"<list>": {"&": 3.0}}))
