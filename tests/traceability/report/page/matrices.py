"""Made-up matrices, of a library that lends books, as large as a test needs them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tests.traceability.report.page.library_code import (
    digest,
    files_with_first_function,
    function_place,
    traced_file,
)
from tests.traceability.report.page.library_requirements import (
    SPEC_PATH,
    spec_text,
    traced_requirement,
)
from tests.traceability.report.page.library_scenarios import CLARIFICATION, scenarios_of
from traceability.model import (
    Clarification,
    Finding,
    Matrix,
    Outcome,
    Result,
    Spec,
    Summary,
    TracedClarification,
    TracedFile,
    TracedRequirement,
    TracedScenario,
    Verdict,
)

KINDS = {"FR": 40, "SR": 12, "SC": 12, "AS": 20, "EC": 6, "OS": 6, "C": 4}


@dataclass(frozen=True)
class Size:
    requirements: int
    scenarios_each: int = 2


def accepted() -> Matrix:
    """Return a matrix in which the only failure is a known deviation."""
    whole = matrix(healthy=True)
    known, *rest = whole.requirements
    known = replace(known, verdict=Verdict.FAILED, reason="it failed", deviation="next release")
    total = whole.summary
    summary = replace(total, verified=total.verified - 1, failed=1, known_deviations=1)
    return replace(whole, requirements=(known, *rest), summary=summary)


def matrix(size: Size = Size(100), *, healthy: bool = False, injected: str = "") -> Matrix:
    """Return a matrix with every verdict, or with `healthy` only with verified and excluded.

    `injected` is put into every kind of text that comes from outside.
    """
    rng = random.Random(7)
    ids = _kinds_and_ids(size.requirements)
    traced, scenarios = [], []
    for at, (kind, id_) in enumerate(ids):
        verdict = _verdict(at, kind, healthy)
        mine = scenarios_of(at, id_, verdict, size.scenarios_each, rng, injected)
        scenarios += mine
        traced.append(traced_requirement(at, kind, id_, verdict, mine, injected))
    spec = Spec(
        path=SPEC_PATH,
        title=f"Lending library {injected}".strip(),
        digest=digest("spec"),
        requirements=tuple(each.requirement for each in traced),
        context_ids=("A-001", "A-002", "D-001"),
        text=spec_text([each.requirement for each in traced], injected),
    )
    files = tuple(
        traced_file(path, at, ids, traced, injected)
        for path, at in files_with_first_function(size.requirements)
    )
    findings = () if healthy else _findings(injected)
    return Matrix(
        title=f"Lending library {injected}".strip(),
        spec=spec,
        summary=_summary(traced, scenarios, files),
        requirements=tuple(traced),
        scenarios=tuple(scenarios),
        files=files,
        findings=findings,
        clarifications=_clarifications(traced, injected),
        environment={
            "python": "3.13.0",
            "database": {"name": "PostgreSQL", "version": "18.4"},
            "target": {"name": f"reference {injected}".strip(), "commit": "9fceb02d0ae598e95dc9"},
            "capabilities": ["http", "restart"],
        },
    )


def _kinds_and_ids(count: int) -> list[tuple[str, str]]:
    total = sum(KINDS.values())
    shares = {kind: max(1, share * count // total) for kind, share in KINDS.items()}
    shares["FR"] += count - sum(shares.values())
    return [
        (kind, f"{kind}-{number:03}")
        for kind, share in shares.items()
        for number in range(1, share + 1)
    ]


def _verdict(at: int, kind: str, healthy: bool) -> Verdict:
    if kind == "C":
        return Verdict.EXCLUDED
    if healthy:
        return Verdict.VERIFIED
    rare = {
        9: Verdict.FAILED,
        14: Verdict.DIFFERS,
        19: Verdict.NOT_RUN,
        29: Verdict.UNTESTED,
        39: Verdict.UNIMPLEMENTED,
    }
    return rare.get(at % 50, Verdict.VERIFIED)


def _clarifications(
    traced: list[TracedRequirement], injected: str
) -> tuple[TracedClarification, ...]:
    """Return two clarifications: one on which the scenarios that differ rest, and one without."""
    resting = tuple(
        one for each in traced for one in each.scenarios if CLARIFICATION in one.clarifications
    )
    texts = {
        CLARIFICATION: f"Q: May a book be late? → A: A day. {injected}",
        "CL-02": "Q: ? → A: !",
    }
    first, second = (
        Clarification(id_, text.strip(), SPEC_PATH, 6 + at, "" if not at else "FR-001 says so.")
        for at, (id_, text) in enumerate(texts.items())
    )
    outcome = Outcome.DIFFERS if resting else Outcome.KEPT
    return (
        TracedClarification(first, outcome, resting),
        TracedClarification(second, Outcome.UNTESTED, ()),
    )


def _findings(injected: str) -> tuple[Finding, ...]:
    path, first = function_place(39)
    return (
        Finding("stale claim", f"No passing scenario runs it. {injected}".strip(), path, first + 1),
        Finding("unknown tag", "FR-999 is no requirement.", "features/lending-0.feature", 3),
    )


def _summary(
    traced: list[TracedRequirement], scenarios: list[TracedScenario], files: tuple[TracedFile, ...]
) -> Summary:
    def verdicts(verdict: Verdict) -> int:
        return sum(each.verdict is verdict for each in traced)

    def results(result: Result) -> int:
        return sum(each.result is result for each in scenarios)

    return Summary(
        requirements=len(traced),
        verified=verdicts(Verdict.VERIFIED),
        failed=verdicts(Verdict.FAILED),
        untested=verdicts(Verdict.UNTESTED),
        not_run=verdicts(Verdict.NOT_RUN),
        unimplemented=verdicts(Verdict.UNIMPLEMENTED),
        excluded=verdicts(Verdict.EXCLUDED),
        scenarios=len(scenarios),
        scenarios_passed=results(Result.PASSED),
        scenarios_failed=results(Result.FAILED),
        scenarios_not_run=results(Result.NOT_RUN),
        traced_lines=sum(len(each.requirements) for each in files),
        executable_lines=sum(len(each.source.executable) for each in files),
        differs=verdicts(Verdict.DIFFERS),
    )
