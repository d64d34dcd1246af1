"""Sentences that several reports share, so that all of them say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten

from traceability.matrix.failures import own_failures
from traceability.model import (
    Failure,
    Matrix,
    Outcome,
    Result,
    TracedClarification,
    TracedRequirement,
    Verdict,
)

REASON_LIMIT = 240
"""Maximum length of the message of a scenario that differs; the evidence has the whole one."""
KIND_NAMES = {
    "FR": "functional requirements",
    "SR": "security requirements",
    "SC": "success criteria",
    "AS": "acceptance scenarios",
    "EC": "edge cases",
    "OS": "out of scope",
    "C": "constraints",
}


def kinds(matrix: Matrix) -> list[str]:
    """Return the kinds of the spec's requirements, the well-known ones first."""
    found = dict.fromkeys(one.requirement.kind for one in matrix.requirements)
    return sorted(
        found,
        key=lambda kind: list(KIND_NAMES).index(kind) if kind in KIND_NAMES else len(KIND_NAMES),
    )


def requirements_of_kind(matrix: Matrix, kind: str) -> list[TracedRequirement]:
    """Return the requirements of a kind, in the order of the spec."""
    return [one for one in matrix.requirements if one.requirement.kind == kind]


def shortfalls(matrix: Matrix) -> list[TracedRequirement]:
    """Return the requirements that are neither verified nor excluded, the worst first.

    Those that differ from a clarification only are left out unless the matrix is strict. Known
    deviations are the last ones.
    """
    fine = {Verdict.VERIFIED, Verdict.EXCLUDED}
    fine |= set() if matrix.strict else {Verdict.DIFFERS}
    order = list(Verdict)
    found = [one for one in matrix.requirements if one.verdict not in fine]
    return sorted(found, key=lambda one: (bool(one.deviation), order.index(one.verdict)))


def differences(matrix: Matrix) -> list[TracedClarification]:
    """Return the clarifications from which the judged server differs, in the order of the spec."""
    return [one for one in matrix.clarifications if one.outcome is Outcome.DIFFERS]


def difference(traced: TracedClarification) -> str:
    """Return which scenarios differ from a clarification, and how the first of them did."""
    failed = [one for one in traced.scenarios if one.result is Result.FAILED]
    total = plural(len(traced.scenarios), "scenario")
    message = shorten(failed[0].evidence.reason, REASON_LIMIT, placeholder=" ...")
    return (
        f"{len(failed)} of {total}: {failed[0].scenario.name}: {message or 'no reason was given'}"
    )


def requirements_of(matrix: Matrix, traced: TracedClarification) -> list[TracedRequirement]:
    """Return the requirements that failed scenarios of a clarification name."""
    failed = {
        tag for one in traced.scenarios for tag in one.scenario.tags if one.result is Result.FAILED
    }
    return [one for one in matrix.requirements if one.requirement.id in failed]


@dataclass(frozen=True)
class Shortfall:
    """One reason why requirements fall short, with all of them whose first reason it is."""

    verdict: Verdict
    reason: str
    short_reason: str
    """The reason in fewer words, for a narrow line."""
    ids: tuple[str, ...]
    failure: Failure | None = None
    """The failure that is the reason; None: the reason is the requirement's own."""


def grouped_shortfalls(matrix: Matrix) -> list[Shortfall]:
    """Return the shortfalls with each reason once.

    The worst verdict comes first, and of its reasons the one that most scenarios show. A failure
    that is the first reason of no requirement stands there, too, with one that it is a reason of.
    """
    groups: dict[tuple[bool, Verdict, int, str], list[str]] = {}
    ranks = {failure: at for at, failure in enumerate(matrix.failures)}
    others: dict[Failure, tuple[bool, Verdict, str]] = {}
    for one in shortfalls(matrix):
        told = own_failures(one, matrix.failures)
        at, words = (ranks[told[0]], _words(told[0])) if told else (len(ranks), reason(one))
        if one.deviation:
            words = reason(one)
        key = (bool(one.deviation), one.verdict, at, words)
        groups.setdefault(key, []).append(one.requirement.id)
        for failure in told[1:]:
            others.setdefault(failure, (*key[:2], one.requirement.id))
    for failure in others.keys() - {
        matrix.failures[key[2]] for key in groups if key[2] < len(ranks)
    }:
        known, verdict, id_ = others[failure]
        groups[known, verdict, ranks[failure], _words(failure)] = [id_]
    order = list(Verdict)
    in_order = sorted(groups, key=lambda key: (key[0], order.index(key[1]), key[2]))
    failures = {_words(one): one for one in matrix.failures}
    return [_shortfall(key[1], key[3], groups[key], failures.get(key[3])) for key in in_order]


def _shortfall(
    verdict: Verdict, words: str, ids: Iterable[str], failure: Failure | None
) -> Shortfall:
    short = _prefix(failure) + failure.short_text if failure else words
    return Shortfall(verdict, words, short, tuple(dict.fromkeys(ids)), failure)


def merged_shortfalls(entries: Sequence[Shortfall]) -> list[Shortfall]:
    """Return the shortfalls with those as one whose failures have one sentence: cases are counted.

    `400 instead of 422` with an empty title and with broken JSON may be two deviations, so this is
    for a list that would be too long otherwise.
    """
    groups: dict[object, list[Shortfall]] = {}
    for one in entries:
        failure = one.failure
        key = (failure.sentence, failure.clarifications) if failure else one.reason
        groups.setdefault((one.verdict, key), []).append(one)
    return [group[0] if len(group) == 1 else _merged(group) for group in groups.values()]


def _merged(group: Sequence[Shortfall]) -> Shortfall:
    failures = [one.failure for one in group if one.failure]
    failure = replace(
        failures[0],
        cases=tuple(dict.fromkeys(case for one in failures for case in one.cases)),
        subjects=tuple(dict.fromkeys(each for one in failures for each in one.subjects)),
        scenarios=tuple(dict.fromkeys(id_ for one in failures for id_ in one.scenarios)),
    )
    ids = [id_ for one in group for id_ in one.ids]
    return _shortfall(group[0].verdict, _prefix(failure) + failure.short_text, ids, failure)


def _words(failure: Failure) -> str:
    return _prefix(failure) + failure.text


def _prefix(failure: Failure) -> str:
    """Return the ids of the clarifications on which a failure rests, to stand before its text."""
    return f"{', '.join(failure.clarifications)}: " if failure.clarifications else ""


def reason(traced: TracedRequirement) -> str:
    """Return the reason for a verdict; that of a known deviation begins with why it is accepted."""
    if not traced.deviation:
        return traced.reason
    return f"known deviation ({traced.deviation.rstrip('.')}): {traced.reason}"


def conclusion(matrix: Matrix) -> str:
    """Return the conclusion of the run in one sentence."""
    summary = matrix.summary
    counts = (
        f"{summary.verified} of {summary.requirements - summary.excluded} requirements verified"
    )
    if summary.excluded:
        counts += f", {summary.excluded} excluded by the spec"
    if summary.differs:
        verb = "differs" if summary.differs == 1 else "differ"
        counts += f", {summary.differs} {verb} from a clarification only"
    if summary.known_deviations:
        counts += f", {plural(summary.known_deviations, 'known deviation')}"
    if matrix.findings:
        counts += f", {plural(len(matrix.findings), 'finding')}"
    if matrix.conformant:
        return f"Conformant: {counts}."
    return f"{'Accepted, not' if matrix.acceptable else 'Not'} conformant: {counts}."


def scenario_counts(matrix: Matrix) -> str:
    """Return how many scenarios passed, failed and did not run, never as a single percentage."""
    summary = matrix.summary
    run = summary.scenarios_passed + summary.scenarios_failed
    return (
        f"{summary.scenarios_passed} of {run} run passed, "
        f"{summary.scenarios_failed} failed, {summary.scenarios_not_run} not run"
    )


def traced_lines(matrix: Matrix) -> str:
    """Return how many lines of the code were traced, or why none was measured."""
    summary = matrix.summary
    if not summary.executable_lines:
        return "no lines to measure"
    traced = f"{summary.traced_lines} of {summary.executable_lines} lines traced"
    percent = summary.traced_lines * 100 // summary.executable_lines
    measured = str(matrix.environment.get("lines measured", "yes"))
    return f"{traced} ({percent} %)" if measured == "yes" else f"lines not measured ({measured})"


def verdict_counts(requirements: list[TracedRequirement]) -> str:
    """Return the count of each verdict, as `18 of 20 verified, 2 not run`."""
    found = Counter(one.verdict for one in requirements)
    parts = [f"{found[Verdict.VERIFIED]} of {len(requirements)} verified"]
    parts += [
        f"{found[verdict]} {verdict}"
        for verdict in Verdict
        if verdict is not Verdict.VERIFIED and found[verdict]
    ]
    return ", ".join(parts)


def plural(number: int, noun: str) -> str:
    """Return `1 finding`, `2 findings`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
