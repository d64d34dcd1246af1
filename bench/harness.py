"""The acceptance run from command to report: how long, where the time goes, what measuring costs.

The arrangements run alternately, so that other load of the machine affects all of them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import tool
from bench.testbed import ROOT, migrate
from steps.postgres.cluster import cluster
from steps.target.database import Database
from steps.target.description.tables import DatabaseTable

REFERENCE = ROOT / "targets" / "reference.toml"
REPEATS = 3
REST = "Python, pytest, collecting, the server's start and end, between scenarios"
ONE, UNMEASURED, TWO = "one worker", "one worker, no lines measured", "two workers"


@dataclass(frozen=True)
class Arrangement:
    """One way to run all scenarios, several times."""

    name: str
    runs: tuple[tool.Run, ...]

    @property
    def seconds(self) -> float:
        """From the command to the report, the median."""
        return median(run.seconds for run in self.runs)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest, in seconds."""
        seconds = [run.seconds for run in self.runs]
        return min(seconds), max(seconds)

    @property
    def processor(self) -> float:
        """Seconds of processor time, of servers and databases too; the median."""
        return median(run.processor for run in self.runs)


@dataclass(frozen=True)
class Harness:
    """The measured times of the acceptance run."""

    arrangements: tuple[Arrangement, ...]
    parts: dict[str, float]
    """Seconds of each part of the last run with one worker, in their order."""

    def ratio(self, name: str, to: str) -> float:
        """Return the ratio of one arrangement's time to another's."""
        seconds = {one.name: one.seconds for one in self.arrangements}
        return seconds[name] / seconds[to]


def measure() -> Harness:
    """Run all scenarios in each arrangement, in turn."""
    with tool.temporary_folder() as folder:
        commands = {
            ONE: ["--workers", "1"],
            UNMEASURED: ["--workers", "1", "--target", str(_unmeasured(folder))],
            TWO: ["--workers", "2"],
        }
        runs: dict[str, list[tool.Run]] = {name: [] for name in commands}
        for _ in range(REPEATS):
            for number, (name, options) in enumerate(commands.items()):
                runs[name].append(_run(name, folder / str(number), options))
        arrangements = [Arrangement(name, tuple(its)) for name, its in runs.items()]
        return Harness(tuple(arrangements), _parts(runs[ONE][-1].seconds, folder / "0"))


def _run(name: str, output: Path, options: Sequence[str]) -> tool.Run:
    command = [sys.executable, "-m", "steps.acceptance", "--output", str(output), *options]
    # With this variable set, every run would compile the harness anew; users' runs do not.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return tool.command(name, 0, command, ROOT, log=output.with_suffix(".log"), env=env)


def _parts(whole: float, output: Path) -> dict[str, float]:
    """Return how long each part of a run takes; some parts are measured again, alone."""
    evidence = output / "evidence.jsonl"
    records = map(json.loads, evidence.read_text("utf-8").splitlines())
    scenarios = [one["seconds"] for one in records if one["record"] == "scenario"]
    parts = {
        **_database(output),
        "scenarios, measuring included": sum(scenarios),
        "rendering": tool.command(
            "report",
            0,
            [sys.executable, "-m", "traceability", "report", evidence, "--output", output],
            ROOT,
            log=output.with_suffix(".log"),
        ).seconds,
    }
    return {**parts, REST: whole - sum(parts.values())}


def _database(folder: Path) -> dict[str, float]:
    source = cluster("embedded", in_memory=True)
    began = time.perf_counter()
    try:
        source.start()
        started = time.perf_counter()
        database = Database(source, DatabaseTable(schema=[], grant="GRANT tasks_runtime TO {role}"))
        database.create()
        migrate(database, folder)
        return {"start of PostgreSQL": started - began, "migration": time.perf_counter() - started}
    finally:
        source.close()


def _unmeasured(folder: Path) -> Path:
    """Write the reference's target file so that no lines are measured."""
    text = REFERENCE.read_text("utf-8")
    before = '[server]\nfolder = ".."\n'
    if before not in text:
        raise RuntimeError(f"{REFERENCE} does not begin its table [server] with the folder")
    file = folder / "unmeasured.toml"
    file.write_text(
        text.replace(before, f'[server]\nfolder = "{ROOT}"\nmeasure = false\n'), "utf-8"
    )
    return file
