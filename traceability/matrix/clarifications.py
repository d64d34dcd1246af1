"""Joins the clarifications of a spec with the scenarios that rest on them."""

from __future__ import annotations

from collections.abc import Sequence

from traceability.matrix.verdicts import scenarios_that_count
from traceability.model import (
    Evidence,
    Features,
    Outcome,
    Result,
    ScenarioEvidence,
    Spec,
    TracedClarification,
    TracedScenario,
)


def trace_scenarios(
    spec: Spec, features: Features, evidence: Evidence
) -> tuple[TracedScenario, ...]:
    """Return all scenarios, each with its evidence and the clarifications on which it rests."""
    known = {one.id for one in spec.clarifications}
    return tuple(
        TracedScenario(
            scenario=one,
            evidence=evidence.scenarios.get(one.id)
            or ScenarioEvidence(one.id, Result.NOT_RUN, "was not executed", 0.0, ()),
            clarifications=tuple(tag for tag in one.tags if tag in known),
        )
        for one in features.scenarios
    )


def trace_clarifications(
    spec: Spec, scenarios: Sequence[TracedScenario], optional_tags: frozenset[str]
) -> tuple[TracedClarification, ...]:
    """Return each clarification with its scenarios, and whether these were kept.

    Scenarios with one of `optional_tags` do not count where the target cannot run them.
    """
    resting: dict[str, list[TracedScenario]] = {one.id: [] for one in spec.clarifications}
    for traced in scenarios:
        for id_ in traced.clarifications:
            resting[id_].append(traced)
    return tuple(
        TracedClarification(
            one,
            _outcome(scenarios_that_count(resting[one.id], optional_tags) or resting[one.id]),
            tuple(resting[one.id]),
        )
        for one in spec.clarifications
    )


def _outcome(scenarios: Sequence[TracedScenario]) -> Outcome:
    results = {one.result for one in scenarios}
    if Result.FAILED in results:
        return Outcome.DIFFERS
    if Result.NOT_RUN in results:
        return Outcome.NOT_RUN
    return Outcome.KEPT if results else Outcome.UNTESTED
