"""The scenario that runs, until its evidence is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from traceability.model import (
    Exchange,
    Measurement,
    Result,
    ScenarioEvidence,
    StepEvidence,
)

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
"""Header names and values; pairs where a name is repeated."""


@dataclass
class RunningScenario:
    """What is known of the scenario that runs now."""

    id: str
    name: str
    steps: list[StepEvidence]
    step_index: int = 0
    """Index of the step that runs, or that comes next."""
    step_started: float = 0.0
    measuring: bool = False
    seconds: float = 0.0
    result: Result = Result.PASSED
    reason: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    log: str = ""

    @property
    def set_up_failed(self) -> bool:
        """Whether it failed before its first When step, in a fixture or a Given step."""
        failed = [step.keyword for step in self.steps if step.result is Result.FAILED]
        begun = any(step.result is not Result.NOT_RUN for step in self.steps)
        return self.result is Result.FAILED and (failed[:1] == ["Given"] or not begun)

    def check_pass(self) -> None:
        """Let no scenario pass whose steps did not all pass, whatever pytest's reports say.

        A plugin may report a failed test as passed, and `--setup-only` runs no step at all.
        """
        if self.result is not Result.PASSED:
            return
        for step in self.steps:
            if step.result is Result.FAILED:
                self.result, self.reason = step.result, step.message
                return
            if step.result is Result.NOT_RUN:
                self.result, self.reason = step.result, f"skipped: no run of the step {step.text!r}"

    def evidence(self) -> ScenarioEvidence:
        """Return what is known now. A step that has not run has that result."""
        return ScenarioEvidence(
            id=self.id,
            result=self.result,
            reason=self.reason,
            seconds=round(self.seconds, 6),
            steps=tuple(self.steps),
            exchanges=tuple(self.exchanges),
            measurements=tuple(self.measurements),
            log=self.log,
        )


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return headers as pairs of name and value; repeated names stay."""
    items = headers.items() if isinstance(headers, Mapping) else headers
    return tuple((str(name), str(value)) for name, value in items)


def body_text(body: str | bytes | None) -> str:
    """Return a body as text that JSON can hold: other bytes than UTF-8 become escapes."""
    if isinstance(body, bytes):
        return body.decode("utf-8", errors="backslashreplace")
    return (body or "").encode("utf-8", errors="backslashreplace").decode("utf-8")
