"""A small sample project and the evidence of its run. Tests change one place of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from traceability.cli.command import main
from traceability.evidence.read import read_evidence
from traceability.evidence.write import EvidenceWriter
from traceability.matrix.build import Rules, build_matrix
from traceability.model import (
    Evidence,
    Exchange,
    Matrix,
    Measurement,
    Result,
    Scenario,
    ScenarioEvidence,
    StepEvidence,
)
from traceability.project.config import Config, load_config
from traceability.project.features import inspect_features
from traceability.project.read import ForeignSources, read_project
from traceability.project.spec import inspect_spec

PYPROJECT = """\
[tool.traceability]
spec = "spec.md"
features = "features"
sources = ["app"]
schema = ["schema"]
title = "A | shop <&>"
without_code = ["OS", "C"]
other_tags = ["needs-till"]
minimum_traced = 40
"""

SPEC = """\
# Feature Specification: Shop

### User Story 1 - Buy (Priority: P1)

1. **US1-AS1**: **Given** a shop, **When** somebody *buys*,
   **Then** there is a bill.

### Requirements

- **FR-001**: The shop MUST sell `cake|pie` from `/{shop_id}`.
- **FR-002**: The shop MUST write a bill, not <b>two</b>.
- **SR-001**: No bill MUST be lost.

### Constraints

- **C-001**: The shop is built of wood. *(Not testable: a client
  sees no (wooden) wall.)*
- **OS-01**: The shop sells no bread.

### Assumptions

- **A-001**: Cake exists.
"""

SHOP_FEATURE = """\
@US1-AS1
Feature: Shop

  Rule: Buying

    @FR-001
    Scenario: Buy cake
      Given a shop
      When somebody buys "cake"
      And somebody buys "pie"
      Then the bill has 2 lines

    @FR-002 @A-001 @needs-till
    Scenario Outline: Buy <what>
      Given a shop
      When somebody buys "<what>"
      Then there is a bill

      Examples:
        | what |
        | tea  |
        | milk |
"""

LOSSES_FEATURE = """\
Feature: Losses

  @SR-001
  Scenario: No bill is lost
    When the shop burns
    Then the bill is there

  @OS-01
  Scenario: No bread
    When somebody buys "bread"
    Then the shop has none
"""

SOURCE = '''\
"""The shop."""


def sell(what):
    """Sell one thing."""
    # Implements: FR-001, US1-AS1
    bill = [what]
    return bill


class Bill:
    lines = ()

    # Implements: FR-002
    def write(self):
        return list(
            self.lines
        )
'''

SCHEMA = """\
-- Every bill is kept.
-- Implements: SR-001
CREATE TABLE bills (id int);
"""

SHOP, LOSSES = "features/shop.feature", "features/losses.feature"
CAKE, TEA, MILK = f"{SHOP}:7", f"{SHOP}:21", f"{SHOP}:22"
LOST, BREAD = f"{LOSSES}:4", f"{LOSSES}:9"

LINES_RUN: dict[str, frozenset[int]] = {
    CAKE: frozenset({7, 8}),
    TEA: frozenset({16, 17}),
    MILK: frozenset({7, 8, 16, 17}),
    LOST: frozenset({8}),
    BREAD: frozenset(),
}
"""Scenario to the lines of app/shop.py that it runs."""


def passed_evidence(scenario: Scenario, lines: frozenset[int]) -> ScenarioEvidence:
    """Return the evidence of a passed scenario."""
    steps = tuple(
        StepEvidence(
            keyword=step.partition(" ")[0],
            text=step.partition(" ")[2],
            line=scenario.line,
            result=Result.PASSED,
            seconds=0.25,
            lines={"app/shop.py": lines} if lines and step.startswith("When") else {},
        )
        for step in scenario.steps
    )
    exchange = Exchange(1, "POST", "/1", (("a", "b"),), "", 201, (("c", "d"),), "\ud800", 0.1)
    measurement = Measurement(1, "slowest call", 0.1, "s", 3.0, (0.1, 0.05), "plan")
    return ScenarioEvidence(scenario.id, Result.PASSED, "", 0.5, steps, (exchange,), (measurement,))


@dataclass
class Project:
    """A conformant project in a folder."""

    folder: Path
    unmeasured: str = ""
    """Why the run measured no lines."""
    order: int = 1
    """-1 writes the evidence in reverse order."""
    leave_out: set[str] = field(default_factory=set)
    """Ids of scenarios, or paths of features, without evidence."""
    results: dict[str, tuple[Result, str]] = field(default_factory=dict)
    """Scenario to result and reason; all others pass."""
    lines: dict[str, frozenset[int]] = field(default_factory=lambda: dict(LINES_RUN))
    finished: bool = True
    """Whether the evidence ends with the record of a complete run."""

    def __post_init__(self) -> None:
        self.write("pyproject.toml", PYPROJECT)
        self.write("spec.md", SPEC)
        self.write(SHOP, SHOP_FEATURE)
        self.write(LOSSES, LOSSES_FEATURE)
        self.write("app/shop.py", SOURCE)
        self.write("schema/1.sql", SCHEMA)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new, 1))

    def append(self, path: str, text: str) -> None:
        self.write(path, (self.folder / path).read_text(encoding="utf-8") + text)

    @property
    def config(self) -> Config:
        return load_config(self.folder)

    def record(self, name: str = "evidence.jsonl") -> Path:
        """Write the evidence of a run of the project in its present state."""
        file = self.folder / name
        shop_features, _ = inspect_features("features", self.folder)
        shop_spec, _ = inspect_spec("spec.md", self.folder)
        code = self.folder / "app/shop.py"
        scenarios = list(self._scenario_evidence(shop_features.scenarios))
        with EvidenceWriter(file) as writer:
            writer.write_run(spec_digest=shop_spec.digest, features_digest=shop_features.digest)
            writer.write_environment(python="3", unmeasured=self.unmeasured)
            writer.write_source("app/shop.py", hashlib.sha256(code.read_bytes()).hexdigest())
            for scenario in scenarios[:: self.order]:
                writer.write_scenario(scenario)
            if self.finished:
                writer.write_end(len(scenarios))
        return file

    def _scenario_evidence(self, scenarios: tuple[Scenario, ...]) -> Iterator[ScenarioEvidence]:
        for scenario in scenarios:
            if scenario.id not in self.leave_out and scenario.feature not in self.leave_out:
                evidence = passed_evidence(scenario, self.lines.get(scenario.id, frozenset()))
                result, reason = self.results.get(scenario.id, (Result.PASSED, ""))
                yield replace(evidence, result=result, reason=reason)

    def evidence(self) -> Evidence:
        return read_evidence(self.record())

    def matrix(self, *, with_code: bool = True) -> Matrix:
        """Return the matrix of a run of the project in its present state."""
        foreign = None if with_code else ForeignSources(self.folder)
        project = read_project(self.config, foreign)
        rules = Rules.from_config(self.config, foreign_code=not with_code)
        ran = self.evidence()
        return build_matrix(
            project.spec, project.features, project.sources, ran, rules, project.findings
        )

    def found(self) -> list[tuple[str, str, int]]:
        """Return kind, path and line of each finding of a run of the project."""
        return [(one.kind, one.path, one.line) for one in self.matrix().findings]

    def report(self, *arguments: str) -> int:
        """Return the exit status of `traceability report` for a run of the project."""
        return main(["report", str(self.record()), "--root", str(self.folder), *arguments])

    def check(self) -> int:
        return main(["check", "--root", str(self.folder)])
