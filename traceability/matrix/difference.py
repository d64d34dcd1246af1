"""Finds the changes between two runs, and whether any of them is worse than before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from traceability.matrix.read import CONFORMANT_VERDICTS, JudgedRequirement, RanScenario, Run
from traceability.model import Finding, Result, Verdict

_T = TypeVar("_T")

_NUMBER = re.compile(r"(?<![\w.-])\d+(\.\d+)?(?![\w.-])")
"""A number on its own, as in "7 of 9 lines", and not a part of an id."""


@dataclass(frozen=True)
class VerdictChange:
    """A requirement that both runs have, with two verdicts."""

    old: JudgedRequirement
    new: JudgedRequirement

    @property
    def worse(self) -> bool:
        """Whether it fails now, is no longer verified, or was excluded and is now unproven."""
        if self.new.verdict is Verdict.FAILED or self.old.verdict is Verdict.VERIFIED:
            return True
        return (
            self.old.verdict in CONFORMANT_VERDICTS and self.new.verdict not in CONFORMANT_VERDICTS
        )


@dataclass(frozen=True)
class ResultChange:
    """A scenario that both runs have, with two results."""

    old: RanScenario
    new: RanScenario

    @property
    def worse(self) -> bool:
        return self.new.result is Result.FAILED or self.old.result is Result.PASSED


@dataclass(frozen=True)
class Difference:
    """The changes from `old` to `new`. Requirements are in the order of the spec."""

    old: Run
    new: Run
    verdicts: tuple[VerdictChange, ...]
    reworded: tuple[JudgedRequirement, ...]
    """With the new text. Their old verdicts are about another text."""
    lost: tuple[JudgedRequirement, ...]
    added: tuple[JudgedRequirement, ...]
    results: tuple[ResultChange, ...]
    lost_scenarios: tuple[RanScenario, ...]
    added_scenarios: tuple[RanScenario, ...]
    findings_new: tuple[Finding, ...]
    findings_gone: tuple[Finding, ...]

    @property
    def newly_failing(self) -> tuple[VerdictChange, ...]:
        return tuple(one for one in self.verdicts if one.new.verdict is Verdict.FAILED)

    @property
    def newly_verified(self) -> tuple[VerdictChange, ...]:
        return tuple(one for one in self.verdicts if one.new.verdict is Verdict.VERIFIED)

    @property
    def other_verdicts(self) -> tuple[VerdictChange, ...]:
        known = (Verdict.FAILED, Verdict.VERIFIED)
        return tuple(one for one in self.verdicts if one.new.verdict not in known)

    @property
    def worse(self) -> bool:
        """Whether to stop a change: a verdict or result is worse, or there is a loss or finding."""
        changed = any(one.worse for one in self.verdicts) or any(one.worse for one in self.results)
        return bool(changed or self.lost or self.lost_scenarios or self.findings_new)

    @property
    def unchanged(self) -> bool:
        return not (
            self.verdicts
            or self.reworded
            or self.lost
            or self.added
            or self.results
            or self.lost_scenarios
            or self.added_scenarios
            or self.findings_new
            or self.findings_gone
        )


def compute_difference(old: Run, new: Run) -> Difference:
    """Return the changes from `old` to `new`.

    Lines move when a file is edited, so lines identify nothing. A scenario is identified by its
    feature and name, or by its steps if it was renamed or moved; a finding by kind, path and
    message without the numbers in it.
    """
    both = [
        (old.requirements[id_], one)
        for id_, one in new.requirements.items()
        if id_ in old.requirements
    ]
    pairs, lost, added = _match_scenarios(old.scenarios.values(), new.scenarios.values())
    return Difference(
        old=old,
        new=new,
        verdicts=tuple(VerdictChange(a, b) for a, b in both if a.verdict is not b.verdict),
        reworded=tuple(b for a, b in both if a.text != b.text),
        lost=tuple(one for id_, one in old.requirements.items() if id_ not in new.requirements),
        added=tuple(one for id_, one in new.requirements.items() if id_ not in old.requirements),
        results=tuple(ResultChange(a, b) for a, b in pairs if a.result is not b.result),
        lost_scenarios=tuple(lost),
        added_scenarios=tuple(added),
        findings_new=tuple(_findings_only_in(new.findings, old.findings)),
        findings_gone=tuple(_findings_only_in(old.findings, new.findings)),
    )


def _match_scenarios(
    old: Iterable[RanScenario], new: Iterable[RanScenario]
) -> tuple[list[tuple[RanScenario, RanScenario]], list[RanScenario], list[RanScenario]]:
    """Return pairs of the same scenario, scenarios of only the old run, and of only the new one."""
    pairs, lost, added = _pair_by_key(list(old), list(new), lambda one: (one.feature, one.name))
    moved, lost, added = _pair_by_key(lost, added, lambda one: one.steps)
    return pairs + moved, lost, added


def _pair_by_key(
    old: list[_T], new: list[_T], key: Callable[[_T], tuple[str, ...]]
) -> tuple[list[tuple[_T, _T]], list[_T], list[_T]]:
    """Return pairs with the same key, in their order, and the unpaired ones of `old` and `new`.

    An empty key matches none: a scenario that did not run has no steps to identify it.
    """
    unpaired: dict[tuple[str, ...], list[_T]] = {}
    for one in reversed(old):
        unpaired.setdefault(key(one), []).append(one)
    unpaired.pop((), None)
    pairs, added = [], []
    for one in new:
        if unpaired.get(key(one)):
            pairs.append((unpaired[key(one)].pop(), one))
        else:
            added.append(one)
    paired = {id(one) for one, _ in pairs}
    return pairs, [one for one in old if id(one) not in paired], added


def _findings_only_in(some: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Return the findings of `some` that `others` does not have, or not as often."""
    known = Counter(_finding_key(one) for one in others)
    only_here = []
    for one in some:
        known[_finding_key(one)] -= 1
        if known[_finding_key(one)] < 0:
            only_here.append(one)
    return only_here


def _finding_key(finding: Finding) -> tuple[str, str, str]:
    return finding.kind, finding.path, _NUMBER.sub("#", finding.message)
