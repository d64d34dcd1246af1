"""The option that judges every broken server, and how one is judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.broken.layouts import read_layouts
from tests.broken.resume import Resume, digest_of_sources
from tests.broken.table import Fault, read, read_conforming

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "targets" / "foreign.toml"
SLOW = "not needs-restart and not needs-outage and not SC-001 and not SC-002 and not SC-009"
"""Scenarios that the short form leaves out: starts, outages and large tables."""


@dataclass(frozen=True)
class Judgement:
    """The verdicts of a judging of one server."""

    conformant: bool
    verdicts: dict[str, str]
    """By requirement."""
    results: dict[str, str]
    """By scenario: `path:line name`."""
    reasons: dict[str, str]
    """By scenario: why it failed or did not run."""
    tags: dict[str, list[str]]
    """By scenario: its requirements."""
    output: str
    """The end of what the run printed."""

    def says(self, fault: Fault) -> bool:
        """Return whether a scenario gives the fault's reason, of a requirement that it concerns."""
        return any(
            fault.reason in reason and self.results[scenario] == "failed"
            for scenario, reason in self.reasons.items()
            if {*fault.red, *fault.differs} & set(self.tags[scenario])
        )

    def having(self, verdict: str) -> list[str]:
        """Return the requirements with that verdict."""
        return sorted(one for one, actual in self.verdicts.items() if actual == verdict)


Judge = Callable[..., Judgement]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that judges all broken servers."""
    parser.addoption(
        "--all-broken", action="store_true", help="judge every broken server, not only a few"
    )
    parser.addoption(
        "--resume", action="store_true", help="leave out what has passed since the last change"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Note what has passed in a run of all broken servers."""
    if config.getoption("--all-broken", default=False):
        resumed = bool(config.getoption("--resume", default=False))
        writes = not hasattr(config, "workerinput")
        digest, tables = digest_of_sources(), digest_of_sources(sources=["tests/broken"])
        plugin = Resume(resumed=resumed, writes=writes, digest=digest, tables=tables)
        config.pluginmanager.register(plugin)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests their faults: all of them, or the quick ones."""
    every = metafunc.config.getoption("--all-broken", default=False)
    faults = [fault for fault in read() if every or fault.quick]
    layouts = [layout for layout in read_layouts() if every or layout.quick]
    if "layout" in metafunc.fixturenames:
        metafunc.parametrize("layout", layouts, ids=lambda layout: layout.name)
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize("fault", faults, ids=lambda fault: fault.name)
    if "variant" in metafunc.fixturenames:
        variants = read_conforming()[: None if every else 1]  # none would be a skip
        metafunc.parametrize("variant", variants, ids=lambda variant: variant.name)


@pytest.fixture
def whole(pytestconfig: pytest.Config) -> bool:
    """Whether a judging plays all scenarios."""
    return bool(pytestconfig.getoption("--all-broken", default=False))


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judge the foreign server, broken in the way of one name, or varied in that of another."""

    def judge(
        fault: str = "", variant: str = "", *, whole: bool, users: str = "", text: str = ""
    ) -> Judgement:
        target = tmp_path / "foreign.toml"
        target.write_text(text or f"{broken_target(fault, variant)}\n{users}\n", "utf-8")
        evidence = tmp_path / "evidence.jsonl"
        selection = [] if whole else ["-m", SLOW]
        recording = [
            "-p",
            "traceability.recorder",
            "--evidence",
            str(evidence),
            "--tb=line",
            "-q",
            *("-p", "no:xdist", "-p", "no:anyio"),  # they take time to load, and have no part here
        ]
        run = [
            "pytest",
            *recording,
            "--target",
            str(target),
            "--minutes",
            "30",
            *selection,
            "features",
        ]
        output = python(*run, allowed={0, 1})
        report = ["report", str(evidence), "--output", str(tmp_path), "--without-code"]
        python("traceability", *report, allowed={0, 1})
        matrix = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
        scenarios = {
            f"{one['feature']}:{one['line']} {one['name']}": one for one in matrix["scenarios"]
        }
        return Judgement(
            conformant=matrix["conformant"],
            verdicts={one["id"]: one["verdict"] for one in matrix["requirements"]},
            results={scenario: one["result"] for scenario, one in scenarios.items()},
            reasons={scenario: one["reason"] for scenario, one in scenarios.items()},
            tags={scenario: one["tags"] for scenario, one in scenarios.items()},
            output=output[-4000:],
        )

    return judge


def broken_target(fault: str, variant: str = "") -> str:
    """Return the foreign server's target file with BREAK and VARY set for server and schema."""
    folder = (TARGET.parent / "../tests/broken").resolve()
    text = TARGET.read_text("utf-8").replace("../tests/broken", str(folder))
    text = text.replace('python = "../../build/foreign/bin/python"\n', "")  # aiohttp is here, too
    text = text.replace('source = ["todo_api"]', 'source = ["todo_api"]\nmeasure = false')
    more = "".join(one.target for one in read() if one.name in fault.split(","))
    return text.replace("env]\n", f'env]\nBREAK = "{fault}"\nVARY = "{variant}"\n') + more


def python(module: str, *arguments: str, allowed: set[int]) -> str:
    """Run a module as a command would be; its output. Another exit status fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in allowed, f"{module} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout
