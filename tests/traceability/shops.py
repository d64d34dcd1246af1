"""A project of a few lines and the evidence of a run of it, for a test to break in one place."""

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
from traceability.project import features, spec
from traceability.project import read as project
from traceability.project.config import Config, load

CONFIGURATION = """\
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

FEATURE = """\
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

OTHER = """\
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

RAN: dict[str, frozenset[int]] = {
    CAKE: frozenset({7, 8}),
    TEA: frozenset({16, 17}),
    MILK: frozenset({7, 8, 16, 17}),
    LOST: frozenset({8}),
    BREAD: frozenset(),
}
"""Lines of app/shop.py that each scenario runs."""


def passed(scenario: Scenario, lines: frozenset[int]) -> ScenarioEvidence:
    """What the run of a scenario leaves behind that has done well."""
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
    figure = Measurement(1, "slowest call", 0.1, "s", 3.0, (0.1, 0.05), "plan")
    return ScenarioEvidence(scenario.id, Result.PASSED, "", 0.5, steps, (exchange,), (figure,))


@dataclass
class Project:
    """A folder with everything in order. `results` replaces what the run says of a scenario."""

    folder: Path
    measured: str = ""
    order: int = 1
    """-1 writes the evidence backwards."""
    leave_out: set[str] = field(default_factory=set)
    results: dict[str, tuple[Result, str]] = field(default_factory=dict)
    lines: dict[str, frozenset[int]] = field(default_factory=lambda: dict(RAN))
    finished: bool = True

    def __post_init__(self) -> None:
        self.write("pyproject.toml", CONFIGURATION)
        self.write("spec.md", SPEC)
        self.write(SHOP, FEATURE)
        self.write(LOSSES, OTHER)
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
        return load(self.folder)

    def record(self, name: str = "evidence.jsonl") -> Path:
        """Write the evidence of a run of the project as it stands now."""
        file = self.folder / name
        its_features, _ = features.inspect("features", self.folder)
        its_spec, _ = spec.inspect("spec.md", self.folder)
        code = self.folder / "app/shop.py"
        done = list(self._done(its_features.scenarios))
        with EvidenceWriter(file) as writer:
            writer.write_run(spec_digest=its_spec.digest, features_digest=its_features.digest)
            writer.write_environment(python="3", measured=self.measured)
            writer.write_source("app/shop.py", hashlib.sha256(code.read_bytes()).hexdigest())
            for one in done[:: self.order]:
                writer.write_scenario(one)
            if self.finished:
                writer.write_end(len(done))
        return file

    def _done(self, scenarios: tuple[Scenario, ...]) -> Iterator[ScenarioEvidence]:
        for scenario in scenarios:
            if scenario.id not in self.leave_out and scenario.feature not in self.leave_out:
                one = passed(scenario, self.lines.get(scenario.id, frozenset()))
                result, reason = self.results.get(scenario.id, (Result.PASSED, ""))
                yield replace(one, result=result, reason=reason)

    def evidence(self) -> Evidence:
        return read_evidence(self.record())

    def matrix(self, *, with_code: bool = True) -> Matrix:
        """The matrix of a run of the project as it stands now."""
        foreign = None if with_code else project.Code(self.folder)
        its = project.read(self.config, foreign)
        rules = Rules.from_config(self.config, foreign_code=not with_code)
        ran = self.evidence()
        return build_matrix(its.spec, its.features, its.sources, ran, rules, its.findings)

    def found(self) -> list[tuple[str, str, int]]:
        """Kind and place of everything that a run of the project finds."""
        return [(one.kind, one.path, one.line) for one in self.matrix().findings]

    def report(self, *arguments: str) -> int:
        """Exit status of `traceability report` for a run of the project as it stands now."""
        return main(["report", str(self.record()), "--root", str(self.folder), *arguments])

    def check(self) -> int:
        return main(["check", "--root", str(self.folder)])
