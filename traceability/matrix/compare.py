"""Holds the runs of several implementations of one spec against each other.

Only runs of the same spec and the same features say anything about one another: all others are
refused, and so is a run that is given twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from traceability.matrix.read import Call, JudgedRequirement, RanScenario, Run
from traceability.model import Result, TraceabilityError, Verdict

REASON = 200
"""Characters of a reason that a cell quotes; the report of the run has all."""
SEGMENT = 16
"""Characters from which on a segment of a path is cut: generated ids tell nothing."""


class CompareError(TraceabilityError):
    """These runs cannot be compared."""


@dataclass(frozen=True)
class Proof:
    """The first thing that shows why a verdict is what it is."""

    reason: str
    scenario: str = ""
    """Name of the scenario; empty where no single one decided."""
    place: str = ""
    """Id of the scenario: `features/x.feature:12`."""
    exchange: str = ""
    """`GET /items/3f2504e0… → 404`: the first exchange that shows it."""


@dataclass(frozen=True)
class Cell:
    """What one run says of one requirement."""

    verdict: Verdict
    proof: Proof


@dataclass(frozen=True)
class Row:
    """One requirement and a cell for each run, in the order of the runs."""

    id: str
    kind: str
    text: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return len({cell.verdict for cell in self.cells}) > 1


@dataclass(frozen=True)
class Comparison:
    """Requirement × implementation."""

    title: str
    names: tuple[str, ...]
    """One for each run; no two are the same."""
    runs: tuple[Run, ...]
    rows: tuple[Row, ...]
    """In the order of the spec."""

    @property
    def differing(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.differs)


def compare(runs: Sequence[Run]) -> Comparison:
    """Return the comparison. Raises CompareError for runs that say nothing of one another."""
    if len(runs) < 2:
        raise CompareError("compare needs the matrix.json of two runs or more")
    for at, run in enumerate(runs):
        _usable(run)
        for earlier in runs[:at]:
            _comparable(earlier, run)
    rows = tuple(
        Row(one.id, one.kind, one.text, tuple(_cell(run, one.id) for run in runs))
        for one in runs[0].requirements.values()
    )
    return Comparison(runs[0].title, names(runs), tuple(runs), rows)


def _usable(run: Run) -> None:
    if not run.features_digest:
        raise CompareError(
            f"{run.file}: does not say of which features it is: "
            "write it again with `traceability report`"
        )
    if not run.requirements:
        raise CompareError(f"{run.file}: has no requirement to compare")
    inputs = (run.spec_path, *(one.feature for one in run.scenarios.values()))
    for finding in run.findings:
        if finding.kind == "stale-evidence" and finding.path in inputs:
            raise CompareError(
                f"{run.file}: the spec or the features have changed since this run: run it again"
            )


def _comparable(first: Run, second: Run) -> None:
    pair = f"{first.file} and {second.file}"
    if first.file.resolve() == second.file.resolve():
        raise CompareError(f"{second.file} is given twice: give each run once")
    if (first.spec_digest, list(first.requirements)) != (
        second.spec_digest,
        list(second.requirements),
    ):
        raise CompareError(f"{pair} are of different specs: judge all by the same spec")
    if (first.features_digest, list(first.scenarios)) != (
        second.features_digest,
        list(second.scenarios),
    ):
        raise CompareError(f"{pair} are of different features: judge all by the same features")
    if first.content_digest == second.content_digest:
        raise CompareError(f"{pair} are copies of the same run: give each run once")


def names(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return a name for each run: its target's, and the file's where that does not tell two apart.

    Of the file as many folders are named as it takes.
    """
    times = Counter(run.target for run in runs)
    tails = _tails([run.file for run in runs])
    return tuple(
        run.target if run.target and times[run.target] == 1 else f"{run.target} ({tail})".strip()
        for run, tail in zip(runs, tails, strict=True)
    )


def _tails(files: Sequence[Path]) -> list[str]:
    parts = [file.resolve().parts for file in files]
    length = 1
    while len({part[-length:] for part in parts}) < len(files):
        length += 1
    return ["/".join(part[-length:]) for part in parts]


def _cell(run: Run, id_: str) -> Cell:
    requirement = run.requirements[id_]
    return Cell(requirement.verdict, _proof(run, requirement))


def _proof(run: Run, requirement: JudgedRequirement) -> Proof:
    decisive = {
        Verdict.FAILED: Result.FAILED,
        Verdict.NOT_RUN: Result.NOT_RUN,
        Verdict.VERIFIED: Result.PASSED,
    }
    wanted = decisive.get(requirement.verdict)
    its = [run.scenarios[one] for one in requirement.scenarios]
    first = next((one for one in its if one.result is wanted), None)
    if first is None or wanted is Result.NOT_RUN:
        return Proof(_short(requirement.reason))
    if wanted is Result.PASSED:
        shown = acted(first)
        words = _words(shown) if shown else ""
        return Proof(_short(requirement.reason), first.name, first.id, words)
    call = telling(first)
    lines = [line.strip() for line in first.reason.splitlines() if line.strip()]
    said = lines[0] if lines else "no reason was given"
    if call is not None:
        said = said.rstrip(":")  # what it announces, exchange by exchange, is the exchange
    return Proof(_short(said), first.name, first.id, _words(call) if call else "")


def _short(text: str) -> str:
    return shorten(text, REASON, placeholder=" …")


def telling(scenario: RanScenario) -> Call | None:
    """Return the first exchange that shows why a scenario failed, None if it had none.

    It is the one that the reason quotes first; of those that look alike, the latest, because a
    scenario sets up before it asks. Where the reason quotes none, it is the last one that was made
    when the step failed.
    """
    before = len(scenario.steps) if scenario.failed_step is None else scenario.failed_step
    calls = [call for call in scenario.calls if call.step <= before]
    quoted = [(place, call) for call in calls if (place := _quoted(call, scenario.reason)) >= 0]
    if quoted:
        first = min(place for place, _ in quoted)
        return [call for place, call in quoted if place == first][-1]
    return calls[-1] if calls else None


def acted(scenario: RanScenario) -> Call | None:
    """Return the last exchange of a `When` step, None if there was none: what it is about."""
    calls = [
        call
        for call in scenario.calls
        if call.step < len(scenario.steps) and scenario.steps[call.step].startswith("When ")
    ]
    return calls[-1] if calls else None


def _quoted(call: Call, reason: str) -> int:
    """Return where a reason quotes a call as method, path and status, in that order; -1 if not."""
    status = "" if call.status is None else rf"\W{{1,6}}{call.status}\b"
    pattern = rf"\b{re.escape(f'{call.method} {call.path}')}(?![\w/?&=%-]){status}"
    found = re.search(pattern, reason)
    return found.start() if found else -1


def _words(call: Call) -> str:
    path, mark, query = call.path.partition("?")
    path = "/".join(f"{part[:8]}…" if len(part) > SEGMENT else part for part in path.split("/"))
    path += mark + (f"{query[:SEGMENT]}…" if len(query) > SEGMENT else query)
    status = "no answer" if call.status is None else str(call.status)
    return f"{call.method} {shorten(path, 100, placeholder='…')} → {status}"
