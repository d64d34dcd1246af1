"""The figures are written down so that a regression is seen."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench import plots, results
from bench.growth import Listing, TableSize
from bench.harness import ONE as ONE_WORKER
from bench.harness import TWO as TWO_WORKERS
from bench.harness import UNMEASURED, Arrangement, Harness
from bench.results import Results
from bench.scale import Scale
from bench.serving import BASE, HALF_ONE, HALF_TWO, ONE, TWO, Repeat, Series
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


def arrangement(name: str, *seconds: float) -> Arrangement:
    return Arrangement(name, tuple(Run(name, 0, one, one, 100) for one in seconds))


def found(reference: float = 750, p99: float = 12, measured: float = 30) -> Results:
    return Results(
        MACHINE,
        serving=[
            series(BASE, 900, 1000, 5000),
            series(ONE, reference, reference, reference, p99=p99),
            series(TWO, 1200, 1300, 1400),
            series(HALF_ONE, 400),
            series(HALF_TWO, 760),
        ],
        table_sizes=[
            TableSize(10, 1, {"list": 1, "get": 1, "create": 2}, "Index Scan", "user_id = x", 3),
            TableSize(
                1000, 10, {"list": 1.2, "get": 1, "create": 2}, "Index Scan", "user_id = x", 3
            ),
        ],
        listings=[Listing(10, 0.01, 1000, 0)],
        tool=[Run("traceability check", 1000, 1, 1, 40)],
        scale=Scale({"1 process": {"list": 1, "get": 2}}, {}, {"list": ["tasks_1"]}),
        harness=Harness(
            (
                arrangement(ONE_WORKER, measured, measured, 90),
                arrangement(UNMEASURED, 25),
                arrangement(TWO_WORKERS, measured / 2),
            ),
            {"migration": 0.6},
        ),
    )


def test_ratios_are_of_medians() -> None:
    assert found().ratios == {
        "list, rate": 0.75,
        "list, p99": 1.2,
        "list, two workers": 1.733,
        "list, two workers at half a core": 1.9,
        "list, growth": 1.2,
        "get, growth": 1.0,
        "create, growth": 1.0,
        "long list, memory": 0.0,
        "harness, measuring": 1.2,
        "harness, two workers": 2.0,
    }


def test_everything_is_written(tmp_path: Path) -> None:
    files = results.write(found(), tmp_path)
    names = {"results.json", "results.md", "serving.svg", "growth.svg", "tool.svg"}
    assert {file.name for file in files} == names
    assert json.loads((tmp_path / "results.json").read_text())["ratios"]["list, rate"] == 0.75
    text = (tmp_path / "results.md").read_text()
    assert "| list | reference | 750 (750 to 750) | 5.0 | 12.0 | 300 |" in text
    assert "| list | 0.75 | 1.20 | 1.00 | 1.73 | 1.90 |" in text
    assert "- measuring makes the run longer by 20%" in text
    assert "- two workers make it 2.00 times as fast" in text
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
        (found(measured=40), ["harness, measuring"]),
    ],
)
def test_a_ratio_that_is_worse_than_in_the_last_run_is_named(
    tmp_path: Path, now: Results, worse: list[str]
) -> None:
    history = tmp_path / "history.jsonl"
    assert results.compare(now, history) == []
    results.remember(found(), history)
    assert [line.partition(":")[0] for line in results.compare(now, history)] == worse


def test_a_part_that_was_not_measured_last_time_is_held_against_the_time_before(
    tmp_path: Path,
) -> None:
    history = tmp_path / "history.jsonl"
    results.remember(found(), history)
    results.remember(Results(MACHINE, table_sizes=found().table_sizes), history)
    assert len(results.compare(found(reference=600), history)) == 1


def test_another_machine_is_no_yardstick(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    results.remember(found(), history)
    slow = found(reference=100)
    slow.machine = MACHINE | {"processor": "slide rule"}
    assert results.compare(slow, history) == []


def test_names_in_a_plot_are_escaped() -> None:
    ET.fromstring(plots.bars("a < b & c", "1/s", {"<list>": {"&": 3.0}}))


def test_a_plot_shows_every_name_and_figure_in_full() -> None:
    long = "reference, 2 workers, half a core each, on a machine with a long name"
    drawn = plots.bars("Serving", "requests per second", {"list": {long: 2495.4, "b": 1.0}})
    shown = set(ET.fromstring(drawn).itertext())
    assert {"Serving", "requests per second", "list", long, "b", "2,495", "1"} <= shown
    curve = plots.lines("Growth", "tasks", "ms", {long: [(1000, 0.5), (10_000_000, 0.6)]})
    shown = set(ET.fromstring(curve).itertext())
    assert {"Growth", "tasks", "ms", long, "1,000", "10,000,000", "0.1", "1"} <= shown
