"""The matrix of project and evidence: a verdict for each requirement, and the totals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from traceability.model.evidence import Result, ScenarioEvidence, seen_on
from traceability.model.project import (
    Clarification,
    Finding,
    Requirement,
    Scenario,
    SourceFile,
    Spec,
)


class Verdict(StrEnum):
    """The verdict on one requirement. Only `VERIFIED` is a pass.

    `DIFFERS`: its own sentence is kept, and only scenarios failed that rest on a clarification.
    """

    FAILED = "failed"
    DIFFERS = "differs"
    UNTESTED = "untested"
    NOT_RUN = "not run"
    UNIMPLEMENTED = "unimplemented"
    VERIFIED = "verified"
    EXCLUDED = "excluded"


class Outcome(StrEnum):
    """What the scenarios that rest on one clarification say of it."""

    DIFFERS = "differs"
    NOT_RUN = "not run"
    UNTESTED = "untested"
    KEPT = "kept"


@dataclass(frozen=True)
class CodePlace:
    """A definition that claims a requirement, or that ran in the requirement's passed scenarios."""

    path: str
    symbol: str
    first_line: int
    last_line: int
    claimed: bool
    measured: bool
    lines: tuple[int, ...]
    """The lines of the body that ran in passed scenarios of the requirement."""
    specificity: float
    """1 / number of requirements whose scenarios ran it; 1.0: it ran for this requirement alone."""


@dataclass(frozen=True)
class TracedScenario:
    """A scenario joined with its evidence."""

    scenario: Scenario
    evidence: ScenarioEvidence
    clarifications: tuple[str, ...] = ()
    """Ids of the clarifications on which it rests. Empty: it shows its requirements' own words."""

    @property
    def result(self) -> Result:
        return self.evidence.result


@dataclass(frozen=True)
class Failure:
    """One deviation of the target, with all scenarios that show it: it is said once."""

    sentence: str
    """As in `Mismatch`."""
    cases: tuple[str, ...]
    """The circumstances under which it was seen, as in `Mismatch`."""
    subjects: tuple[str, ...]
    """What it was seen on, as in `Mismatch`."""
    expected: str
    actual: str
    """What the first scenario expected, and what came."""
    scenarios: tuple[str, ...]
    """Ids of the scenarios that failed by it, in the order of the features."""
    requirements: tuple[str, ...]
    """Ids of the requirements that these scenarios show, in the order of the spec."""
    clarifications: tuple[str, ...] = ()
    """Ids of the clarifications on which all of these scenarios rest; empty: they rest on none."""

    @property
    def text(self) -> str:
        """The failure in one line: `403 instead of 401 without a header: 6 operations`."""
        first, *more = self.cases or ("",)
        cases = f"{first} and in {len(more)} more case{'s' * (len(more) > 1)}" if more else first
        words = " ".join(filter(None, (self.sentence, cases)))
        return words + seen_on(self.subjects, len(self.scenarios))

    @property
    def short_text(self) -> str:
        """The failure in fewer words, for a narrow line: cases and operations are counted."""
        count = len(self.cases)
        cases = f"in {count} cases" if count > 1 else "".join(self.cases)
        words = " ".join(filter(None, (self.sentence, cases)))
        one = len(self.subjects) == 1
        return words + seen_on(() if one else self.subjects, len(self.scenarios))


@dataclass(frozen=True)
class TracedRequirement:
    """A requirement with its verdict, and the scenarios and code that led to the verdict."""

    requirement: Requirement
    verdict: Verdict
    reason: str
    """Why the requirement is not verified; for a verified one, a few words on the proof."""
    scenarios: tuple[TracedScenario, ...]
    code: tuple[CodePlace, ...]
    """Claimed definitions first, then by falling specificity."""
    deviation: str = ""
    """Why the failure is accepted; empty when it is not accepted, or nothing failed."""

    @property
    def differs_from(self) -> tuple[str, ...]:
        """The ids of the clarifications on which its failed scenarios rest, each once."""
        failed = (one for one in self.scenarios if one.result is Result.FAILED)
        return tuple(dict.fromkeys(id_ for one in failed for id_ in one.clarifications))


@dataclass(frozen=True)
class TracedClarification:
    """A clarification with the scenarios that rest on it, and what they say of it."""

    clarification: Clarification
    outcome: Outcome
    scenarios: tuple[TracedScenario, ...]


@dataclass(frozen=True)
class TracedFile:
    """A source file with the requirements of each line: the trace from code to spec."""

    source: SourceFile
    requirements: dict[int, tuple[str, ...]]
    """Executable line to the ids of the requirements in whose passed scenarios the line ran."""


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
    """How many of the failed requirements are accepted as known deviations."""
    differs: int = 0


@dataclass(frozen=True)
class Matrix:
    """The whole trace. Every report renders it, and the exit status follows from it."""

    title: str
    spec: Spec
    summary: Summary
    requirements: tuple[TracedRequirement, ...]
    scenarios: tuple[TracedScenario, ...]
    files: tuple[TracedFile, ...]
    findings: tuple[Finding, ...]
    environment: dict[str, Any]
    features_digest: str = ""
    """Digest of the feature files. Only matrices of the same features can be compared."""
    clarifications: tuple[TracedClarification, ...] = ()
    strict: bool = False
    """Whether a clarification binds as a requirement does, so that what differs falls short."""
    failures: tuple[Failure, ...] = ()
    """Why scenarios failed, each deviation once, the one that most scenarios show first."""

    @property
    def conformant(self) -> bool:
        """Whether every requirement is verified, or excluded by the spec, without any finding.

        One that differs from a clarification only is no shortfall unless the matrix is strict.
        """
        total = self.summary
        fine = total.verified + total.excluded + self._tolerated
        return fine == total.requirements and not self.findings and total.verified > 0

    @property
    def acceptable(self) -> bool:
        """Whether the matrix is conformant but for known deviations, so that a run may pass."""
        total = self.summary
        fine = total.verified + total.excluded + total.known_deviations + self._tolerated
        return fine == total.requirements and not self.findings and total.verified > 0

    @property
    def _tolerated(self) -> int:
        return 0 if self.strict else self.summary.differs
