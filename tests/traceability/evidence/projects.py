"""A small project with spec, features and steps, in which the tests run pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from traceability.evidence.read import read_evidence
from traceability.model import Evidence, ScenarioEvidence

ROOT = Path(__file__).parents[3]

NO_PLUGIN_AUTOLOAD = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Other installed plugins take a second to load, and these tests do not need them."""

CONFIGURATION = """
[tool.traceability]
spec = "spec.md"
features = "features"
sources = ["app"]
title = "Shop"
other_tags = ["needs-oven"]
"""

SPEC = """# Feature Specification: Shop

## User Scenarios & Testing *(mandatory)*

### User Story 1 - Buy (Priority: P1)

**Acceptance Scenarios**:

1. **US1-AS1**: **Given** a shop, **When** somebody buys, **Then** there is a bill.

## Requirements *(mandatory)*

### Functional Requirements

- **FR-001**: The shop MUST sell cake.
- **FR-002**: The shop MUST write a bill.

## Success Criteria *(mandatory)*

- **SC-001**: Buying takes under 3 s.
"""

FEATURE = """Feature: Shop

  @FR-001 @US1-AS1
  Scenario: Buy cake
    Given a shop
    When somebody buys "cake"
    And somebody buys "pie"
    Then the bill has 2 lines

  @FR-002 @SC-001
  Scenario Outline: Buy <what>
    Given a shop
    When somebody buys "<what>"
    Then the bill has 1 lines

    Examples:
      | what  |
      | bread |
      | salt  |
"""

STEPS = """
from pytest_bdd import given, parsers, then, when


@given("a shop", target_fixture="bill")
def shop():
    return []


@when(parsers.parse('somebody buys "{what}"'))
def buy(bill, what):
    bill.append(what)


@then(parsers.parse("the bill has {count:d} lines"))
def count_lines(bill, count):
    assert len(bill) == count, f"the bill has {len(bill)} lines: {bill}"
"""

TEST_MODULE = """
from pytest_bdd import scenarios

scenarios("features")
"""

CAKE_ID = "features/shop.feature:4"
BREAD_ID, SALT_ID = "features/shop.feature:18", "features/shop.feature:19"


@dataclass
class PytestRun:
    """One pytest run: exit status, output and evidence file."""

    status: int
    output: str
    file: Path

    @property
    def evidence(self) -> Evidence:
        return read_evidence(self.file)

    def scenario(self, id_: str = CAKE_ID) -> ScenarioEvidence:
        return self.evidence.scenarios[id_]

    def finding_places(self) -> list[tuple[str, str, int]]:
        return [(one.kind, one.path, one.line) for one in self.evidence.findings]


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pyproject.toml", CONFIGURATION)
        self.write("spec.md", SPEC)
        self.write("features/shop.feature", FEATURE)
        self.write("conftest.py", STEPS)
        self.write("test_features.py", TEST_MODULE)
        self.write("app/__init__.py", "")

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def append(self, path: str, text: str) -> None:
        file = self.folder / path
        self.write(path, file.read_text(encoding="utf-8") + text)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new, 1))

    def run(self, *arguments: str, file: str | None = "evidence.jsonl") -> PytestRun:
        pytest = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "pytest_bdd.plugin",
        ]
        plugin = ["-p", "traceability.recorder", *(["--evidence", file] if file else [])]
        ended = subprocess.run(
            [*pytest, *plugin, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **NO_PLUGIN_AUTOLOAD},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return PytestRun(ended.returncode, ended.stdout, self.folder / (file or "none"))
