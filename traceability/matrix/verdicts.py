"""Decides the verdict of a run on one requirement.

A failure counts above "not run", that above "differs", that above "untested", that above
"unimplemented"; only a requirement with none of these is verified. Scenarios that rest on a
clarification of the spec never fail a requirement: what differs is told apart from what is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

from traceability.model import (
    TARGET_CANNOT,
    CodePlace,
    Requirement,
    Result,
    TracedScenario,
    Verdict,
)

REASON_LIMIT = 240
"""Maximum length of a failure's message in the reason; the evidence has the whole one."""


@dataclass(frozen=True)
class VerdictRules:
    """What a verdict demands of code and scenarios."""

    claimed_code_must_run: bool
    """Whether claimed code must have run: there are claims, and lines were measured."""
    unmeasured_reason: str
    """Why lines were not measured; empty when they were, or when there are no sources."""
    without_code: frozenset[str]
    """Kinds of requirements that need no code, because they demand that something is absent."""
    measurable: frozenset[str]
    """Paths of files whose lines can be measured."""
    optional_tags: frozenset[str] = frozenset()
    """Tags of scenarios beyond the spec: one that the target cannot run does not count."""
    strict: bool = False
    """A scenario that rests on a clarification has to run, as any other."""


def decide_verdict(
    requirement: Requirement,
    scenarios: Sequence[TracedScenario],
    code: Sequence[CodePlace],
    rules: VerdictRules,
) -> tuple[Verdict, str]:
    """Return the verdict and its reason in a few words."""
    scenarios = scenarios_that_count(scenarios, rules.optional_tags) or scenarios
    own = [one for one in scenarios if not one.clarifications]
    differing = _with_result(Result.FAILED, [one for one in scenarios if one.clarifications])
    if failed := _with_result(Result.FAILED, own):
        return Verdict.FAILED, f"{_failure_reason(failed)}{_besides(differing)}"
    missing = _with_result(Result.NOT_RUN, own if own and not rules.strict else scenarios)
    if differing and (requirement.excluded or not _with_result(Result.NOT_RUN, own)):
        reason = f"differs from {_clarifications(differing)} only: {_failure_reason(differing)}"
        return Verdict.DIFFERS, reason
    if requirement.excluded:
        return Verdict.EXCLUDED, requirement.excluded
    if missing:
        reasons = dict.fromkeys(one.evidence.reason or "no reason was given" for one in missing)
        count = f"{len(missing)} of {_count(len(scenarios), 'scenario')} did not run"
        return Verdict.NOT_RUN, f"{count}: {'; '.join(reasons)}{_besides(differing)}"
    if not scenarios:
        return Verdict.UNTESTED, "no scenario carries its id"
    passed = f"{_count(len(_with_result(Result.PASSED, scenarios)), 'scenario')} passed"
    if left_out := _with_result(Result.NOT_RUN, scenarios):
        passed += f", {len(left_out)} for {_clarifications(left_out)} did not run"
    claimed = [place for place in code if place.claimed]
    if not rules.claimed_code_must_run:
        unmeasured = (
            f"; lines not measured: {rules.unmeasured_reason}" if rules.unmeasured_reason else ""
        )
        return Verdict.VERIFIED, passed + unmeasured
    measurable = [place for place in claimed if place.path in rules.measurable]
    ran = sum(place.measured for place in measurable)
    elsewhere = len(claimed) - len(measurable)
    if not ran and not elsewhere and requirement.kind not in rules.without_code:
        return Verdict.UNIMPLEMENTED, _unimplemented_reason(requirement, claimed)
    parts = [passed]
    if measurable:
        parts.append(f"{ran} of {_count(len(measurable), 'claimed place')} ran")
    if elsewhere:
        parts.append(f"{_count(elsewhere, 'place')} claimed where lines cannot be measured")
    return Verdict.VERIFIED, ", ".join(parts)


def scenarios_that_count(
    scenarios: Sequence[TracedScenario], optional: frozenset[str]
) -> Sequence[TracedScenario]:
    """Leave out optional scenarios that the target cannot run.

    Only the harness gives such a reason: a scenario that was skipped for another one counts.
    """
    return [
        one
        for one in scenarios
        if one.result is not Result.NOT_RUN
        or not optional.intersection(one.scenario.tags)
        or not one.evidence.reason.startswith(TARGET_CANNOT)
    ]


def _with_result(result: Result, scenarios: Sequence[TracedScenario]) -> list[TracedScenario]:
    return [one for one in scenarios if one.result is result]


def _clarifications(scenarios: Sequence[TracedScenario]) -> str:
    """Return the ids of the clarifications on which scenarios rest: `CL-03, CL-07`."""
    return ", ".join(sorted({id_ for one in scenarios for id_ in one.clarifications}))


def _besides(differing: Sequence[TracedScenario]) -> str:
    return f"; differs from {_clarifications(differing)}, too" if differing else ""


def _failure_reason(failed: Sequence[TracedScenario]) -> str:
    first = failed[0]
    message = (
        shorten(first.evidence.reason, REASON_LIMIT, placeholder=" ...") or "no reason was given"
    )
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return f"{first.scenario.name}: {message}{more}"


def _unimplemented_reason(requirement: Requirement, claimed: Sequence[CodePlace]) -> str:
    if not claimed:
        return f"passed, yet no code claims it: add `Implements: {requirement.id}` where it is done"
    names = ", ".join(place.symbol for place in claimed)
    return f"passed, yet no claimed code ran: {names}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
