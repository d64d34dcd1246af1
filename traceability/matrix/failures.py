"""Gathers why scenarios failed: the same deviation in many scenarios becomes one failure.

Two mismatches are the same deviation when their sentence and case are equal. Where a harness says
that what they were seen on decides, too, that must be equal, or all of one in the other. Examples
of one outline differ in their case only: of equal sentence and tags, they are one deviation. What
breaks a requirement's own sentence and what differs from a clarification only are never one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from textwrap import shorten

from traceability.model import (
    Failure,
    Mismatch,
    Result,
    Spec,
    TracedRequirement,
    TracedScenario,
    Verdict,
)

SENTENCE_LIMIT = 240
"""Characters of a sentence that is made of a whole message."""
TOLD = {Verdict.FAILED, Verdict.DIFFERS}
"""Verdicts that failed scenarios lead to."""


@dataclass
class _Group:
    """Mismatches of one deviation, with their scenarios."""

    mismatches: list[Mismatch] = field(default_factory=list)
    scenarios: dict[str, TracedScenario] = field(default_factory=dict)

    def add(self, other: _Group) -> None:
        self.mismatches += other.mismatches
        self.scenarios |= other.scenarios


def gather_failures(spec: Spec, scenarios: Sequence[TracedScenario]) -> tuple[Failure, ...]:
    """Return the failures of the scenarios, the one that most scenarios show first.

    Those that differ from a clarification only come behind all that break a sentence.
    """
    failed = [one for one in scenarios if one.result is Result.FAILED]
    order = {traced.scenario.id: at for at, traced in enumerate(scenarios)}

    def by_size(group: _Group) -> tuple[int, int]:
        return -len(group.scenarios), min(order[id_] for id_ in group.scenarios)

    merged: list[_Group] = []
    for rests in (False, True):
        groups = _groups(one for one in failed if bool(one.clarifications) is rests)
        groups.sort(key=by_size)
        merged += groups
    return tuple(_failure(one, spec, order) for one in merged)


def _groups(failed: Iterable[TracedScenario]) -> list[_Group]:
    groups: dict[tuple[str, str, tuple[str, ...]], _Group] = {}
    for traced in failed:
        for one in mismatches_of(traced):
            key = one.sentence, one.case, one.subjects if one.by_subject else ()
            group = groups.setdefault(key, _Group())
            group.mismatches.append(one)
            group.scenarios[traced.scenario.id] = traced
    return _without_parts(_by_outline(groups.values()))


def mismatches_of(traced: TracedScenario) -> tuple[Mismatch, ...]:
    """Return why a scenario failed; where its steps do not say, one made of its reason."""
    steps = traced.evidence.steps
    found = tuple(dict.fromkeys(one for step in steps for one in step.mismatches))
    if found:
        return found
    reason = shorten(traced.evidence.reason, SENTENCE_LIMIT, placeholder=" ...")
    return (Mismatch(reason or "no reason was given"),)


def _by_outline(groups: Iterable[_Group]) -> list[_Group]:
    """Merge groups of one sentence that examples of one outline with the same tags are in."""
    kept: list[_Group] = []
    places: dict[object, _Group] = {}
    for group in groups:
        sentence = group.mismatches[0].sentence
        keys = [
            (sentence, one.scenario.feature, one.scenario.outline_line, one.scenario.tags)
            for one in group.scenarios.values()
            if one.scenario.example is not None
        ]
        into = next((places[key] for key in keys if key in places), None)
        if into is None:
            kept.append(into := _Group())
        into.add(group)
        for key in keys:
            former = places.get(key)
            if former is not None and former is not into:
                into.add(former)
                kept = [one for one in kept if one is not former]
                places = {k: into if one is former else one for k, one in places.items()}
            places[key] = into
    return kept


def _without_parts(groups: Sequence[_Group]) -> list[_Group]:
    """Merge a group by subject into one of its sentence that was seen on the same and more."""
    kept: list[_Group] = []
    for group in sorted(groups, key=lambda one: -len(_subjects(one))):
        by_subject = all(one.by_subject for one in group.mismatches)
        into = next(
            (
                one
                for one in kept
                if by_subject
                and one.mismatches[0].sentence == group.mismatches[0].sentence
                and all(each.by_subject for each in one.mismatches)
                and set(_subjects(one)) >= set(_subjects(group))
            ),
            None,
        )
        if into is None:
            kept.append(group)
        else:
            into.add(group)
    return kept


def _subjects(group: _Group) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in group.mismatches for one in each.subjects))


def _failure(group: _Group, spec: Spec, order: dict[str, int]) -> Failure:
    tags = {tag for one in group.scenarios.values() for tag in one.scenario.tags}
    first = next((one for one in group.mismatches if one.expected or one.actual), None)
    cases = dict.fromkeys(one.case for one in group.mismatches if one.case)
    return Failure(
        sentence=group.mismatches[0].sentence,
        cases=tuple(cases),
        subjects=_subjects(group),
        expected=first.expected if first else "",
        actual=first.actual if first else "",
        scenarios=tuple(sorted(group.scenarios, key=order.__getitem__)),
        requirements=tuple(one.id for one in spec.requirements if one.id in tags),
        clarifications=tuple(
            sorted({id_ for one in group.scenarios.values() for id_ in one.clarifications})
        ),
    )


def tell_reasons(
    requirements: Sequence[TracedRequirement], failures: Sequence[Failure]
) -> tuple[TracedRequirement, ...]:
    """Return the requirements; the reason of a failed one is the failure that tells most of it.

    Where no step says what it expected and what came, the reason stays the message as it is.
    """
    return tuple(
        replace(one, reason=_reason(one, own_failures(one, failures)))
        if one.verdict in TOLD and _has_mismatches(one)
        else one
        for one in requirements
    )


def _telling(traced: TracedRequirement) -> list[TracedScenario]:
    """Return the failed scenarios that led to the verdict.

    Those that rest on a clarification break no sentence of a requirement.
    """
    differs = traced.verdict is Verdict.DIFFERS
    failed = [one for one in traced.scenarios if one.result is Result.FAILED]
    return [one for one in failed if bool(one.clarifications) is differs]


def _has_mismatches(traced: TracedRequirement) -> bool:
    steps = (step for one in _telling(traced) for step in one.evidence.steps)
    return any(step.mismatches for step in steps)


def _reason(traced: TracedRequirement, failures: Sequence[Failure]) -> str:
    first, *more = failures
    told = first.text + (f" (and {len(more)} more)" if more else "")
    ids = ", ".join(sorted(traced.differs_from))
    if traced.verdict is Verdict.DIFFERS:
        return f"differs from {ids} only: {told}"
    return f"{told}; differs from {ids}, too" if ids else told


def own_failures(traced: TracedRequirement, failures: Sequence[Failure]) -> list[Failure]:
    """Return the failures that led to a requirement's verdict, the most telling first.

    That is the one with the greatest part of its scenarios among those of the requirement: it says
    more of this requirement than one that fails everywhere. Of equal ones, the greatest.
    """
    own = {one.scenario.id for one in _telling(traced)}
    shares = {at: len(own.intersection(one.scenarios)) for at, one in enumerate(failures)}
    found = sorted(
        (at for at, count in shares.items() if count),
        key=lambda at: (-shares[at] / len(failures[at].scenarios), -shares[at], at),
    )
    return [failures[at] for at in found]
