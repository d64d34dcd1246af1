"""What a run of the benchmark found: as JSON, as Markdown, as plots, and as a line of history."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import harness, pgbench, plots
from bench.growth import Listing, TableSize
from bench.harness import Harness
from bench.scale import NO_BALANCER, Scale
from bench.serving import BASE, HALF_ONE, HALF_TWO, ONE, POSTGRESQL, TWO, Series
from bench.tool import Run

HISTORY = Path(__file__).with_name("history.jsonl")
WORSE = 0.9
"""A ratio below this part of the last one on such a machine is called a regression."""
REPORT = "traceability report"
COMPARED = (
    ("rate", "rate", ONE, BASE),
    ("p99", "p99", ONE, BASE),
    ("two workers", "rate", TWO, ONE),
    ("two workers at half a core", "rate", HALF_TWO, HALF_ONE),
)
LESS_IS_BETTER = ("p99", "growth", "measuring", "memory", "5,000")
"""Ratios whose names end so."""


@dataclass
class Results:
    """All that was measured; a part that was not is empty."""

    machine: dict[str, Any]
    serving: list[Series] = field(default_factory=list)
    table_sizes: list[TableSize] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    tool: list[Run] = field(default_factory=list)
    scale: Scale | None = None
    harness: Harness | None = None

    @property
    def parts(self) -> list[Any]:
        """The parts that were measured; an interrupted or partly failed run has fewer."""
        measured = (
            self.serving,
            self.table_sizes,
            self.listings,
            self.tool,
            self.scale,
            self.harness,
        )
        return [one for one in measured if one]

    def ratio(self, operation: str, quantity: str, subject: str = ONE, to: str = BASE) -> float:
        """Return the ratio of one subject's median to another's, measured in the same run."""
        found = {series.subject: series for series in self.serving if series.operation == operation}
        return found[subject].median(quantity) / found[to].median(quantity)

    @property
    def ratios(self) -> dict[str, float]:
        """Return the ratios for the history: absolute figures of another day mean nothing."""
        found = {
            f"{operation}, {name}": self.ratio(operation, quantity, subject, to)
            for operation in dict.fromkeys(series.operation for series in self.serving)
            for name, quantity, subject, to in COMPARED
        }
        for operation, growth in self.growth.items():
            found[f"{operation}, growth"] = growth
        for listing in self.listings[-1:]:
            found["long list, memory"] = listing.grown / listing.answer
        reports = {run.size: run.processor for run in self.tool if run.program == REPORT}
        if {5_000, 50_000} <= reports.keys():
            found["tool, 50,000 to 5,000"] = reports[50_000] / reports[5_000]
        if self.harness:
            found["harness, measuring"] = self.harness.ratio(harness.ONE, harness.UNMEASURED)
            found["harness, two workers"] = self.harness.ratio(harness.ONE, harness.TWO)
        return {name: round(ratio, 3) for name, ratio in found.items()}

    @property
    def growth(self) -> dict[str, float]:
        """Return, for each operation, the ratio of the slowest table size to the fastest."""
        latencies = [size.latencies for size in self.table_sizes]
        return {
            name: max(one[name] for one in latencies) / min(one[name] for one in latencies)
            for name in (latencies[0] if latencies else ())
        }


def write(results: Results, folder: Path) -> list[Path]:
    """Write all files into the folder, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "results.json": json.dumps(_as_json(results), indent=1) + "\n",
        "results.md": "\n".join(markdown(results)) + "\n",
        **dict(_plots(results)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _as_json(results: Results) -> dict[str, Any]:
    # Files of older runs have the key `stages`, too.
    found = {
        "stages" if name == "table_sizes" else name: value
        for name, value in asdict(results).items()
    }
    return found | {"ratios": results.ratios}


def markdown(results: Results) -> Iterator[str]:
    """Yield the tables, line by line."""
    machine = results.machine
    yield (
        f"Measured on {machine['cores']} cores of {machine['processor']}, {machine['system']}, "
        f"Python {machine['python']}, PostgreSQL {machine['postgresql']}, at commit "
        f"{machine['commit']}; load average before: {', '.join(map(str, machine['load']))}."
    )
    if results.serving:
        yield from ("", "## Serving", "", *_serving(results))
    if results.table_sizes:
        yield from ("", "## Growth", "", *_growth(results))
    if results.listings:
        yield from ("", "## Long lists", "", *_listings(results))
    if results.scale:
        yield from ("", "## Many machines", "", *_scale(results.scale))
    if results.harness:
        yield from ("", "## The harness", "", *_harness(results.harness))
    if results.tool:
        yield from ("", "## The tool", "", *_tool(results))


def _serving(results: Results) -> Iterator[str]:
    yield "| operation | subject | requests/s (from, to) | p50 ms | p99 ms | µs processor |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for series in sorted(results.serving, key=lambda one: one.operation, reverse=True):
        low, high = series.spread("rate")
        yield (
            f"| {series.operation} | {series.subject} | {series.median('rate'):,.0f} "
            f"({low:,.0f} to {high:,.0f}) | {series.median('p50'):.1f} | "
            f"{_cell(series.median('p99'), 1)}| {_cell(series.median('processor'), 0)}|"
        )
    yield ""
    if pgbench.PROGRAM is None:
        yield from (pgbench.MISSING, "")
    yield (
        "| operation | reference : baseline | p99 : p99 | processor : processor | 2 workers : 1 | "
        "the same at half a core each |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for operation in dict.fromkeys(series.operation for series in results.serving):
        rate, p99 = results.ratio(operation, "rate"), results.ratio(operation, "p99")
        two = results.ratio(operation, "rate", TWO, ONE)
        used = results.ratio(operation, "processor")
        half = results.ratio(operation, "rate", HALF_TWO, HALF_ONE)
        yield f"| {operation} | {rate:.2f} | {p99:.2f} | {used:.2f} | {two:.2f} | {half:.2f} |"


def _cell(value: float, places: int) -> str:
    """Return the number with a space after it; 0 is not known and leaves the cell empty."""
    return f"{value:.{places}f} " if value else ""


def _growth(results: Results) -> Iterator[str]:
    yield "| tasks | users | list ms | get ms | create ms | pages of the lookup | its plan |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    for one in results.table_sizes:
        times = " | ".join(f"{one.latencies[name]:.2f}" for name in ("list", "get", "create"))
        yield (
            f"| {one.tasks:,} | {one.users:,} | {times} | {one.buffers} | "
            f"{one.plan}, bounded by `{one.index}` |"
        )
    yield ""
    for name, ratio in results.growth.items():
        yield f"- {name}: the slowest stage takes {ratio:.2f} times the fastest"


def _listings(results: Results) -> Iterator[str]:
    yield (
        "| tasks | ms | µs a task, beyond an empty list | answer, bytes | memory grown, bytes | "
        "grown : answer |"
    )
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    empty = min(one.seconds for one in results.listings)
    for one in results.listings:
        each = (one.seconds - empty) / max(1, one.tasks) * 1e6
        yield (
            f"| {one.tasks:,} | {one.seconds * 1000:.1f} | {each:.1f} | {one.answer:,} | "
            f"{one.grown:,} | {one.grown / one.answer:.2f} |"
        )


def _scale(scale: Scale) -> Iterator[str]:
    yield "| arrangement | list, requests/s | get, requests/s |"
    yield "| --- | ---: | ---: |"
    for arrangement, rates in scale.rates.items():
        yield f"| {arrangement} | {rates['list']:,.0f} | {rates['get']:,.0f} |"
    yield ""
    if scale.served:
        shares = ", ".join(f"{count:,}" for count in scale.served.values())
        yield f"Behind the balancer the processes answered {shares} requests."
    else:
        yield NO_BALANCER
    yield from ("", "| statement on eight partitions | touches |", "| --- | --- |")
    for statement, touched in scale.partitions.items():
        yield f"| {statement} | {', '.join(touched)} |"


def _harness(found: Harness) -> Iterator[str]:
    yield "| arrangement | s from command to report (from, to) | s of processor |"
    yield "| --- | ---: | ---: |"
    for one in found.arrangements:
        low, high = one.spread
        yield f"| {one.name} | {one.seconds:.1f} ({low:.1f} to {high:.1f}) | {one.processor:.1f} |"
    yield from ("", "| part, with one worker | s |", "| --- | ---: |")
    for part, seconds in found.parts.items():
        yield f"| {part} | {seconds:.1f} |"
    whole = {one.name: one.seconds for one in found.arrangements}
    yield f"| of all this, measuring | {whole[harness.ONE] - whole[harness.UNMEASURED]:.1f} |"
    measuring = found.ratio(harness.ONE, harness.UNMEASURED) - 1
    two = found.ratio(harness.ONE, harness.TWO)
    yield from ("", f"- measuring makes the run longer by {measuring:.0%}")
    yield f"- two workers make it {two:.2f} times as fast"


def _tool(results: Results) -> Iterator[str]:
    yield "| program | requirements | s | s of processor | MB |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for run in results.tool:
        yield (
            f"| {run.program} | {run.size:,} | {run.seconds:.2f} | {run.processor:.2f} | "
            f"{run.megabytes:.0f} |"
        )


def _plots(results: Results) -> Iterator[tuple[str, str]]:
    if results.serving:
        groups: dict[str, dict[str, float]] = {}
        for series in results.serving:
            if series.subject != POSTGRESQL:
                groups.setdefault(series.operation, {})[series.subject] = series.median("rate")
        yield "serving.svg", plots.bars("Serving", "requests per second", groups)
    if len(results.table_sizes) > 1:
        latencies = {
            name: [(one.tasks, one.latencies[name]) for one in results.table_sizes]
            for name in results.table_sizes[0].latencies
        }
        yield "growth.svg", plots.lines("One request", "tasks in the table", "ms", latencies)
    if results.tool:
        seconds: dict[str, list[tuple[float, float]]] = {}
        for run in results.tool:
            seconds.setdefault(run.program, []).append((run.size, run.seconds))
        yield "tool.svg", plots.lines("The tool", "requirements", "s", seconds)


def compare(results: Results, history: Path = HISTORY) -> list[str]:
    """Return a sentence for each ratio that is worse than in the last run on such a machine."""
    machine = (results.machine["processor"], results.machine["cores"])
    lines = history.read_text("utf-8").splitlines() if history.exists() else []
    before = [one for one in map(json.loads, lines) if (one["processor"], one["cores"]) == machine]
    if not before:
        return []
    last = {name: (was, line) for line in before for name, was in line["ratios"].items()}
    worse = []
    for name, now in results.ratios.items():
        if name not in last:
            continue
        was, line = last[name]
        lost = was < now * WORSE if name.endswith(LESS_IS_BETTER) else now < was * WORSE
        if lost:
            worse.append(f"{name}: {now:.2f}, and {was:.2f} at {line['commit']} ({line['date']})")
    return worse


def remember(results: Results, history: Path = HISTORY) -> None:
    """Add a line to the history."""
    line = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": results.machine["commit"],
        "processor": results.machine["processor"],
        "cores": results.machine["cores"],
        "ratios": results.ratios,
    }
    with history.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
