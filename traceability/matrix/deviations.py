"""Known deviations: failures that a target file lists with a reason, and that are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from traceability.model import (
    Deviation,
    Finding,
    Result,
    Scenario,
    Spec,
    TracedRequirement,
    Verdict,
)


def mark_known_deviations(
    requirements: Sequence[TracedRequirement],
    deviations: Sequence[Deviation],
    *,
    strict: bool = False,
) -> tuple[TracedRequirement, ...]:
    """Return the requirements, with the reason of the deviation where all failures are listed.

    Where the judging is strict, what differs from a clarification has to be listed, too.
    """
    reasons = {one.requirement: one for one in deviations}
    short = (Verdict.FAILED, Verdict.DIFFERS) if strict else (Verdict.FAILED,)
    found = []
    for traced in requirements:
        listed = reasons.get(traced.requirement.id)
        if listed and traced.verdict in short and _covers(listed, traced, strict):
            found.append(replace(traced, deviation=listed.reason))
        else:
            found.append(traced)
    return tuple(found)


def deviation_findings(
    spec: Spec, requirements: Sequence[TracedRequirement], deviations: Sequence[Deviation]
) -> Iterator[Finding]:
    """Yield listed requirements and scenarios that do not exist or deviate no longer."""
    by_id = {one.requirement.id: one for one in requirements}
    for listed in deviations:
        traced = by_id.get(listed.requirement)
        if traced is None:
            message = (
                f"{listed.requirement} is listed as a known deviation, and the spec has no such id"
            )
            yield Finding("unknown-deviation", message, spec.path, 1)
            continue
        requirement = traced.requirement
        if traced.verdict is Verdict.VERIFIED:
            message = (
                f"{requirement.id} is listed as a known deviation ({listed.reason}) "
                "and deviates no longer: take it off the list"
            )
            yield Finding("expired-deviation", message, requirement.path, requirement.line)
        for name in listed.scenarios:
            named = [one for one in traced.scenarios if name in _scenario_names(one.scenario)]
            if not named:
                message = (
                    f"the known deviation of {requirement.id} names no scenario of it: {name!r}"
                )
                yield Finding("unknown-deviation", message, requirement.path, requirement.line)
            elif traced.verdict is not Verdict.VERIFIED and all(
                one.result is Result.PASSED for one in named
            ):
                scenario = named[0].scenario
                message = f"{name!r} is listed as a known deviation of {requirement.id} and passes"
                yield Finding("expired-deviation", message, scenario.feature, scenario.line)


def _covers(listed: Deviation, traced: TracedRequirement, strict: bool) -> bool:
    if not listed.scenarios:
        return True
    counted = [one for one in traced.scenarios if strict or not one.clarifications]
    failed = [one for one in counted if one.result is Result.FAILED]
    return all(not _scenario_names(one.scenario).isdisjoint(listed.scenarios) for one in failed)


def _scenario_names(scenario: Scenario) -> frozenset[str]:
    return frozenset({scenario.name, scenario.outline, scenario.id})
