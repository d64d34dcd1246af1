"""The values that a trace consists of. Every other package of the tool makes or reads them.

::

    spec.md ──> Requirement ─┐
    *.feature ──> Scenario ──┼──> Matrix ──> page, Markdown, JSON, JUnit, terminal
    source ──> SourceFile ───┤        └────> exit status
    a run ──> Evidence ──────┘

Paths are POSIX paths relative to the project's root, lines count from 1, seconds are floats. All
values are frozen. The code that makes them is in `project/`, `evidence/` and `matrix/`.
"""

from traceability.model.errors import TraceabilityError
from traceability.model.evidence import (
    TARGET_CANNOT,
    Deviation,
    Evidence,
    Exchange,
    Measurement,
    Mismatch,
    Result,
    ScenarioEvidence,
    StepEvidence,
)
from traceability.model.matrix import (
    CodePlace,
    Failure,
    Matrix,
    Outcome,
    Summary,
    TracedClarification,
    TracedFile,
    TracedRequirement,
    TracedScenario,
    Verdict,
)
from traceability.model.project import (
    Claim,
    Clarification,
    Definition,
    Features,
    Finding,
    Requirement,
    Scenario,
    SourceFile,
    Spec,
)

__all__ = [
    "TARGET_CANNOT",
    "Claim",
    "Clarification",
    "CodePlace",
    "Definition",
    "Deviation",
    "Evidence",
    "Exchange",
    "Failure",
    "Features",
    "Finding",
    "Matrix",
    "Measurement",
    "Mismatch",
    "Outcome",
    "Requirement",
    "Result",
    "Scenario",
    "ScenarioEvidence",
    "SourceFile",
    "Spec",
    "StepEvidence",
    "Summary",
    "TraceabilityError",
    "TracedClarification",
    "TracedFile",
    "TracedRequirement",
    "TracedScenario",
    "Verdict",
]
