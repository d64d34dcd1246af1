"""Generates projects of any size for the tool: n requirements, scenarios and functions.

Written as a project keeps them: a spec, feature files, source files, and the evidence of a run in
which every scenario passed. The sets for other tools say the same in their own format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from traceability.evidence.write import EvidenceWriter
from traceability.model import Exchange, Result, Scenario, ScenarioEvidence, StepEvidence
from traceability.project.config import load_config
from traceability.project.read import read_project

PER_FILE = 50
"""Scenarios of a feature file, functions of a source file."""
CONFIGURATION = """\
[tool.traceability]
spec = "spec.md"
features = "features"
sources = ["library"]
title = "A lending library"
"""
EVIDENCE = "evidence.jsonl"
LINES = 6
"""Of a function, with the two empty ones before the next."""


def write(folder: Path, size: int) -> Path:
    """Write a project of `size` requirements into `folder`; return its evidence."""
    (folder / "features").mkdir(parents=True)
    (folder / "library").mkdir()
    (folder / "pyproject.toml").write_text(CONFIGURATION, "utf-8")
    (folder / "spec.md").write_text("\n".join(_spec(size)) + "\n", "utf-8")
    for file in range(-(-size // PER_FILE)):
        numbers = range(file * PER_FILE + 1, min(size, (file + 1) * PER_FILE) + 1)
        feature, code = _feature(file, numbers), _code(numbers)
        (folder / _feature_path(file)).write_text("\n".join(feature) + "\n", "utf-8")
        (folder / _code_path(file)).write_text("\n".join(code) + "\n", "utf-8")
    return _evidence(folder)


def sentence(number: int) -> str:
    """Return the text of a requirement, as long as in real specs."""
    return f"The library MUST lend copy {number} to a reader who signed in, within the rules of it."


def _spec(size: int) -> Iterator[str]:
    yield from ("# Feature Specification: A lending library", "", "### Functional Requirements", "")
    for number in range(1, size + 1):
        yield f"- **FR-{number:05}**: {sentence(number)}"


def _feature(file: int, numbers: range) -> Iterator[str]:
    yield from (f"Feature: Lending, part {file}", "")
    for number in numbers:
        yield from (
            f"  @FR-{number:05}",
            f"  Scenario: Copy {number} is lent",
            "    Given a reader who signed in",
            f"    When the reader asks for copy {number}",
            "    Then the reader has it",
            "",
        )


def _code(numbers: range) -> Iterator[str]:
    for number in numbers:
        yield from (
            f"def lend_{number}(reader):",
            f'    """Lend copy {number}."""',
            f"    # Implements: FR-{number:05}",
            f"    return reader, {number}",
            "",
            "",
        )


def _feature_path(file: int) -> str:
    return f"features/part_{file:04}.feature"


def _code_path(file: int) -> str:
    return f"library/part_{file:04}.py"


def _evidence(folder: Path) -> Path:
    its = read_project(load_config(folder))
    path = folder / EVIDENCE
    with EvidenceWriter(path) as writer:
        writer.write_run(spec_digest=its.spec.digest, features_digest=its.features.digest)
        for source in its.sources:
            digest = hashlib.sha256((folder / source.path).read_bytes()).hexdigest()
            writer.write_source(source.path, digest)
        for number, scenario in enumerate(its.features.scenarios, start=1):
            writer.write_scenario(_passed(scenario, number))
        writer.write_end(len(its.features.scenarios))
    return path


def _passed(scenario: Scenario, number: int) -> ScenarioEvidence:
    file, index = divmod(number - 1, PER_FILE)
    lines = {_code_path(file): frozenset({index * LINES + 4})}
    steps = tuple(
        StepEvidence(
            keyword,
            text,
            scenario.line + at,
            Result.PASSED,
            0.001,
            lines=lines if keyword == "When" else {},
        )
        for at, (keyword, _, text) in enumerate((s.partition(" ") for s in scenario.steps), start=1)
    )
    exchange = Exchange(
        step=1,
        method="POST",
        path=f"/copies/{number}/loans",
        request_headers=(("content-type", "application/json"),),
        request_body='{"reader": "somebody"}',
        status=201,
        response_headers=(("content-type", "application/json"),),
        response_body=f'{{"copy": {number}, "reader": "somebody"}}',
        seconds=0.001,
    )
    return ScenarioEvidence(scenario.id, Result.PASSED, "", 0.003, steps, exchanges=(exchange,))
