"""What the parts of a trace are called. Every other module reads or makes these values.

::

    spec.md ──> Requirement ─┐
    *.feature ──> Scenario ──┼──> Matrix ──> page, Markdown, JSON, JUnit, terminal
    source ──> SourceFile ───┤        └────> exit status
    a run ──> Evidence ──────┘

Paths are POSIX paths relative to the project's root, lines count from 1, seconds are floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

INCAPABLE = "target cannot "
"""How the reason of a scenario begins that the target lacks something for. Any other is a skip."""


class Verdict(StrEnum):
    """What a run shows about one requirement. Only `VERIFIED` is a pass."""

    FAILED = "failed"
    UNTESTED = "untested"
    NOT_RUN = "not run"
    UNIMPLEMENTED = "unimplemented"
    VERIFIED = "verified"
    EXCLUDED = "excluded"


class Result(StrEnum):
    """How one scenario, or one step of it, ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the trace itself, with its place. A finding fails the run."""

    kind: str
    message: str
    path: str
    line: int


@dataclass(frozen=True)
class Requirement:
    """One numbered sentence of the spec."""

    id: str
    kind: str
    """The part of the id that names its kind: FR, SR, SC, AS, EC, OS, C."""
    text: str
    path: str
    line: int
    excluded: str = ""
    """Why no test can show it, in the spec's own words; empty for all others."""


@dataclass(frozen=True)
class Spec:
    """All requirements of one spec.md, in the order in which they stand there."""

    path: str
    title: str
    digest: str
    requirements: tuple[Requirement, ...]
    context_ids: tuple[str, ...]
    """Ids that the spec defines and nobody has to prove: assumptions, dependencies."""
    text: str = field(repr=False, default="")
    """The whole document, as written."""


@dataclass(frozen=True)
class Scenario:
    """One scenario as it will run: a plain one, or one example row of an outline."""

    id: str
    """`features/x.feature:12`, the line of the scenario or of its example row."""
    feature: str
    """Path of the feature file."""
    feature_name: str
    rule: str
    name: str
    """For an example row, the outline's name with the row's values filled in or added."""
    outline: str
    """The name as written, before values are filled in. Unique within a feature."""
    outline_line: int
    """Line of the `Scenario:` or `Scenario Outline:` keyword."""
    example: int | None
    """Position of the example row, from 0, over all `Examples:` of the outline."""
    line: int
    tags: tuple[str, ...]
    """Without `@`, from feature, rule, scenario and examples."""
    steps: tuple[str, ...]
    """`When the user asks for the list`, values filled in, background steps included."""


@dataclass(frozen=True)
class Features:
    """All scenarios of a folder of features, as parsed."""

    digest: str
    paths: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Claim:
    """A line `Implements: FR-001, SR-002` in a comment, and the definition that it stands in."""

    requirement: str
    path: str
    line: int


@dataclass(frozen=True)
class Definition:
    """A function, class or, outside any of these, the module; for SQL, a statement."""

    path: str
    symbol: str
    """`Tasks.create`, `<module>`, or for SQL the first words of the statement."""
    first_line: int
    last_line: int
    body: frozenset[int]
    """Executable lines that belong to it and to no definition inside it, without its header."""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """One file of the traced source, with what it defines and claims."""

    path: str
    digest: str
    executable: frozenset[int]
    """Lines that can run, as coverage counts them. Empty where lines cannot be measured (SQL)."""
    definitions: tuple[Definition, ...]
    text: str = field(repr=False, default="")


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, tokens redacted before it is ever stored."""

    step: int
    """Index into the scenario's steps."""
    method: str
    path: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    status: int | None
    """None when no answer came; `error` then says why."""
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Measurement:
    """A figure that a scenario took: what, how much, in what unit, and what was allowed."""

    step: int
    name: str
    value: float
    unit: str
    limit: float | None = None
    samples: tuple[float, ...] = ()
    detail: str = ""
    """Text that belongs to it, for example a query plan."""


@dataclass(frozen=True)
class StepEvidence:
    """What one step of a scenario did."""

    keyword: str
    """Given, When or Then; And and But are resolved to one of these."""
    text: str
    line: int
    result: Result
    seconds: float
    message: str = ""
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    """Path to lines that ran while this step acted. Only `When` steps have any."""


@dataclass(frozen=True)
class ScenarioEvidence:
    """What one scenario did."""

    id: str
    """The scenario's id: `features/x.feature:12`."""
    result: Result
    reason: str
    """Why it failed or did not run; empty when it passed."""
    seconds: float
    steps: tuple[StepEvidence, ...]
    exchanges: tuple[Exchange, ...] = ()
    measurements: tuple[Measurement, ...] = ()

    def lines(self) -> dict[str, frozenset[int]]:
        """All lines that ran during this scenario's `When` steps, by path."""
        union: dict[str, frozenset[int]] = {}
        for step in self.steps:
            for path, lines in step.lines.items():
                union[path] = union.get(path, frozenset()) | lines
        return union


@dataclass(frozen=True)
class Deviation:
    """A requirement that what is judged is known to break, and why that is accepted for now."""

    requirement: str
    reason: str
    scenarios: tuple[str, ...] = ()
    """Names of the scenarios that may fail; none: any of the requirement."""


@dataclass(frozen=True)
class Evidence:
    """All that one run, or several merged ones, left behind."""

    spec_digest: str
    features_digest: str
    environment: dict[str, Any]
    measured: str
    """Empty when lines were measured, otherwise the reason why not."""
    sources: dict[str, str]
    """Path to digest of each measured file, as it was when it ran."""
    scenarios: dict[str, ScenarioEvidence]
    findings: tuple[Finding, ...]
    """What the recorder itself saw: undefined, ambiguous or asynchronous steps, and the like."""
    deviations: tuple[Deviation, ...] = ()


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
