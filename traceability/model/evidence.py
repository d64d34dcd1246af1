"""The evidence of a run: scenarios and steps with their results, exchanges and measurements."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from traceability.model.project import Finding

TARGET_CANNOT = "target cannot "
"""How the reason of a scenario begins that did not run because the target lacks a capability.

Any other reason counts as a skip.
"""


class Result(StrEnum):
    """How one scenario, or one step of it, ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer, with tokens redacted before it is stored."""

    step: int
    """Index into the scenario's steps."""
    method: str
    path: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    status: int | None
    """None when there is no answer; `error` then says why."""
    response_headers: tuple[tuple[str, str], ...]
    response_body: str
    seconds: float
    error: str = ""
    log: str = ""
    """What the server wrote to its log meanwhile, the last lines; only where it answered an error
    of its own or nothing."""


@dataclass(frozen=True)
class Measurement:
    """A figure that a scenario measured: name, value, unit, and the limit for the value."""

    step: int
    name: str
    value: float
    unit: str
    limit: float | None = None
    samples: tuple[float, ...] = ()
    detail: str = ""
    """Text to show with the figure, for example a query plan."""


@dataclass(frozen=True)
class Mismatch:
    """What a step expected, and what came instead.

    The same deviation has the same `sentence` in every scenario: it holds no id and no value that
    differs from run to run.
    """

    sentence: str
    """`403 instead of 401`, without a full stop."""
    case: str = ""
    """Under which circumstances, in words that follow the sentence: `without a header`. The same
    sentence in another case is another deviation."""
    expected: str = ""
    actual: str = ""
    """What was expected and what came, as text; empty where the sentence says it all."""
    subjects: tuple[str, ...] = ()
    """What it was seen on, such as the operations of an API."""
    by_subject: bool = False
    """Whether the same sentence on other subjects is another deviation."""

    @property
    def text(self) -> str:
        """The mismatch in one line."""
        return " ".join(filter(None, (self.sentence, self.case))) + seen_on(self.subjects)


def seen_on(subjects: tuple[str, ...], scenarios: int = 1) -> str:
    """Return how often a mismatch was seen, to follow its sentence: `: 6 operations`."""
    counts = [f"{len(subjects)} operations"] if len(subjects) > 1 else list(subjects)
    counts += [f"{scenarios} scenarios"] if scenarios > 1 else []
    return f": {', '.join(counts)}" if counts else ""


@dataclass(frozen=True)
class StepEvidence:
    """The result of one step of a scenario."""

    keyword: str
    """Given, When or Then; And and But are resolved to one of these."""
    text: str
    line: int
    result: Result
    seconds: float
    message: str = ""
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    """Path to the lines that ran during this step. Only `When` steps are measured."""
    mismatches: tuple[Mismatch, ...] = ()
    """Why it failed, where the step says it in these terms; `message` has it in words."""


@dataclass(frozen=True)
class ScenarioEvidence:
    """The result of one scenario, with its steps and what they recorded."""

    id: str
    """The scenario's id: `features/x.feature:12`."""
    result: Result
    reason: str
    """Why the scenario failed or did not run; empty when it passed."""
    seconds: float
    steps: tuple[StepEvidence, ...]
    exchanges: tuple[Exchange, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    log: str = ""
    """The end of the server's log, where the set-up of the scenario failed: a Given step."""

    def lines(self) -> dict[str, frozenset[int]]:
        """All lines that ran during the scenario's `When` steps, by path."""
        union: dict[str, frozenset[int]] = {}
        for step in self.steps:
            for path, lines in step.lines.items():
                union[path] = union.get(path, frozenset()) | lines
        return union


@dataclass(frozen=True)
class Deviation:
    """A requirement that the target is known to break, and why that is accepted for now."""

    requirement: str
    reason: str
    scenarios: tuple[str, ...] = ()
    """Names of the scenarios that may fail; empty: every scenario of the requirement may fail."""


@dataclass(frozen=True)
class Evidence:
    """Everything that one run, or several merged runs, recorded."""

    spec_digest: str
    features_digest: str
    environment: dict[str, Any]
    unmeasured: str
    """Empty when lines were measured, otherwise the reason why not."""
    sources: dict[str, str]
    """Path of each measured file to its SHA-256, as it was when it ran."""
    scenarios: dict[str, ScenarioEvidence]
    findings: tuple[Finding, ...]
    """Findings of the recorder itself: undefined, ambiguous or asynchronous steps, and the like."""
    deviations: tuple[Deviation, ...] = ()
