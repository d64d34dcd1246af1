"""What follows from project and evidence: a verdict for each requirement, and its summary."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from traceability.model.evidence import Result, ScenarioEvidence
from traceability.model.project import Finding, Requirement, Scenario, SourceFile, Spec


class Verdict(StrEnum):
    """What a run shows about one requirement. Only `VERIFIED` is a pass."""

    FAILED = "failed"
    UNTESTED = "untested"
    NOT_RUN = "not run"
    UNIMPLEMENTED = "unimplemented"
    VERIFIED = "verified"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class CodePlace:
    """A definition, seen from one requirement."""

    path: str
    symbol: str
    first_line: int
    last_line: int
    claimed: bool
    measured: bool
    lines: tuple[int, ...]
    """Of its body, those that ran in this requirement's passed scenarios."""
    specificity: float
    """1 / number of requirements whose scenarios ran it: 1.0 is code of this requirement alone."""


@dataclass(frozen=True)
class TracedScenario:
    """A scenario joined with its evidence."""

    scenario: Scenario
    evidence: ScenarioEvidence

    @property
    def result(self) -> Result:
        return self.evidence.result


@dataclass(frozen=True)
class TracedRequirement:
    """A requirement with its verdict and everything that led to it."""

    requirement: Requirement
    verdict: Verdict
    reason: str
    """Why it is not verified; for a verified one, what showed it, in a few words."""
    scenarios: tuple[TracedScenario, ...]
    code: tuple[CodePlace, ...]
    """Claimed first, then by falling specificity."""
    deviation: str = ""
    """Why its failure is accepted; empty when it is not, or when it did not fail."""


@dataclass(frozen=True)
class TracedFile:
    """A source file with the requirements of each line: the way back."""

    source: SourceFile
    requirements: dict[int, tuple[str, ...]]
    """Executable line to the ids of the requirements in whose passed scenarios it ran."""


@dataclass(frozen=True)
class Summary:
    """The counts of a matrix, the same in every report."""

    requirements: int
    verified: int
    failed: int
    untested: int
    not_run: int
    unimplemented: int
    excluded: int
    scenarios: int
    scenarios_passed: int
    scenarios_failed: int
    scenarios_not_run: int
    traced_lines: int
    executable_lines: int
    known_deviations: int = 0
    """How many of the failed ones are accepted."""


@dataclass(frozen=True)
class Matrix:
    """The whole trace: every report renders it, and the exit status is taken from it."""

    title: str
    spec: Spec
    summary: Summary
    requirements: tuple[TracedRequirement, ...]
    scenarios: tuple[TracedScenario, ...]
    files: tuple[TracedFile, ...]
    findings: tuple[Finding, ...]
    environment: dict[str, Any]
    features_digest: str = ""
    """Digest of the feature files: matrices of other features cannot be compared with this one."""

    @property
    def conformant(self) -> bool:
        """Everything is verified or excluded by the spec itself, and nothing was found wrong."""
        short = self.summary.requirements - self.summary.verified - self.summary.excluded
        return short == 0 and not self.findings and self.summary.verified > 0

    @property
    def acceptable(self) -> bool:
        """Conformant but for known deviations: no reason for a run to fail."""
        total = self.summary
        fine = total.verified + total.excluded + total.known_deviations
        return fine == total.requirements and not self.findings and total.verified > 0
