"""Compares the runs of several implementations of one spec.

Only runs of the same spec and the same features can be compared: others are refused, and so is a
run that is given twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from traceability.matrix.read import ExchangeLine, JudgedRequirement, RanScenario, Run
from traceability.model import Result, TraceabilityError, Verdict

REASON_LIMIT = 200
"""Maximum length of the reason in a cell, in characters; the run's report has the whole one."""
SEARCHED_LIMIT = 2000
"""How many characters of a reason are searched for an exchange: evidence holds no longer one."""
SEGMENT_LIMIT = 16
"""Maximum length of a segment of a URL's path: a longer one is a generated id, and is cut."""


class CompareError(TraceabilityError):
    """These runs cannot be compared."""


@dataclass(frozen=True)
class Proof:
    """The reason of a verdict, with the first scenario and exchange that show it."""

    reason: str
    scenario: str = ""
    """Name of the scenario; empty where no single one decided the verdict."""
    place: str = ""
    """Id of the scenario: `features/x.feature:12`."""
    exchange: str = ""
    """As `GET /items/3f2504e0… → 404`."""


@dataclass(frozen=True)
class Cell:
    """The verdict of one run on one requirement."""

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


def compare_runs(runs: Sequence[Run]) -> Comparison:
    """Return the comparison. Raises `CompareError` for runs that cannot be compared."""
    if len(runs) < 2:
        raise CompareError("compare needs the matrix.json of two runs or more")
    for at, run in enumerate(runs):
        _check_usable(run)
        for earlier in runs[:at]:
            _check_comparable(earlier, run)
    rows = tuple(
        Row(one.id, one.kind, one.text, tuple(_cell(run, one.id) for run in runs))
        for one in runs[0].requirements.values()
    )
    return Comparison(runs[0].title, run_names(runs), tuple(runs), rows)


def _check_usable(run: Run) -> None:
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


def _check_comparable(first: Run, second: Run) -> None:
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


def run_names(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return a different name for each run: its target's, with its file's if targets share a name.

    The file is named with as many of its folders as it takes to tell all files apart.
    """
    times = Counter(run.target for run in runs)
    tails = _distinct_path_ends([run.file for run in runs])
    return tuple(
        run.target if run.target and times[run.target] == 1 else f"{run.target} ({tail})".strip()
        for run, tail in zip(runs, tails, strict=True)
    )


def _distinct_path_ends(files: Sequence[Path]) -> list[str]:
    parts = [file.resolve().parts for file in files]
    length = 1
    while len({part[-length:] for part in parts}) < len(files):
        length += 1
    return ["/".join(part[-length:]) for part in parts]


def _cell(run: Run, id_: str) -> Cell:
    requirement = run.requirements[id_]
    return Cell(requirement.verdict, _proof(run, requirement))


def _proof(run: Run, requirement: JudgedRequirement) -> Proof:
    deciding_results = {
        Verdict.FAILED: Result.FAILED,
        Verdict.DIFFERS: Result.FAILED,
        Verdict.NOT_RUN: Result.NOT_RUN,
        Verdict.VERIFIED: Result.PASSED,
    }
    wanted = deciding_results.get(requirement.verdict)
    scenarios = [run.scenarios[one] for one in requirement.scenarios]
    if wanted is Result.FAILED:  # what only differs is no reason for a failure
        differs = requirement.verdict is Verdict.DIFFERS
        scenarios = [one for one in scenarios if bool(one.clarifications) is differs]
    first = next((one for one in scenarios if one.result is wanted), None)
    if first is None or wanted is Result.NOT_RUN:
        return Proof(_shorten_reason(requirement.reason))
    if wanted is Result.PASSED:
        action = action_exchange(first)
        text = _exchange_text(action) if action else ""
        return Proof(_shorten_reason(requirement.reason), first.name, first.id, text)
    exchange = failure_exchange(first)
    lines = [line.strip() for line in first.reason.splitlines() if line.strip()]
    said = lines[0] if lines else "no reason was given"
    if exchange is not None:
        said = said.rstrip(":")  # a colon announces the exchanges; the proof has one of them
    if requirement.verdict is Verdict.DIFFERS:
        said = f"differs from {', '.join(first.clarifications)} only: {said}"
    return Proof(
        _shorten_reason(said), first.name, first.id, _exchange_text(exchange) if exchange else ""
    )


def _shorten_reason(text: str) -> str:
    return shorten(text, REASON_LIMIT, placeholder=" …")


def failure_exchange(scenario: RanScenario) -> ExchangeLine | None:
    """Return the first exchange that shows why a scenario failed, None if there is none.

    It is the one that the reason quotes first; of equal ones the latest, because the exchanges of
    the set-up come first. Where the reason quotes none, it is the last one up to the failed step.
    """
    before = len(scenario.steps) if scenario.failed_step is None else scenario.failed_step
    exchanges = [exchange for exchange in scenario.exchanges if exchange.step <= before]
    quoted = [
        (place, exchange)
        for exchange in exchanges
        if (place := _quote_position(exchange, scenario.reason)) >= 0
    ]
    if quoted:
        first = min(place for place, _ in quoted)
        return [exchange for place, exchange in quoted if place == first][-1]
    return exchanges[-1] if exchanges else None


def action_exchange(scenario: RanScenario) -> ExchangeLine | None:
    """Return the last exchange of a `When` step, the action of the scenario; None if none."""
    exchanges = [
        exchange
        for exchange in scenario.exchanges
        if exchange.step < len(scenario.steps) and scenario.steps[exchange.step].startswith("When ")
    ]
    return exchanges[-1] if exchanges else None


def _quote_position(exchange: ExchangeLine, reason: str) -> int:
    """Return where a reason quotes the exchange: method, path and status in order; else -1."""
    if len(exchange.path) > SEARCHED_LIMIT:
        return -1
    status = "" if exchange.status is None else rf"\W{{1,6}}{exchange.status}\b"
    pattern = rf"\b{re.escape(f'{exchange.method} {exchange.path}')}(?![\w/?&=%-]){status}"
    found = re.search(pattern, reason[:SEARCHED_LIMIT])
    return found.start() if found else -1


def _exchange_text(exchange: ExchangeLine) -> str:
    path, mark, query = exchange.path.partition("?")
    path = "/".join(
        f"{part[:8]}…" if len(part) > SEGMENT_LIMIT else part for part in path.split("/")
    )
    path += mark + (f"{query[:SEGMENT_LIMIT]}…" if len(query) > SEGMENT_LIMIT else query)
    status = "no answer" if exchange.status is None else str(exchange.status)
    return f"{exchange.method} {shorten(path, 100, placeholder='…')} → {status}"
