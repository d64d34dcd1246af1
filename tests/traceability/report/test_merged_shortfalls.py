"""Where the list would be too long, reasons of one sentence are one, with all their cases."""

from __future__ import annotations

from traceability.model import Failure, Verdict
from traceability.report.sentences import Shortfall, merged_shortfalls


def shortfall(id_: str, case: str, verdict: Verdict = Verdict.FAILED, rests: str = "") -> Shortfall:
    failure = Failure(
        sentence="400 instead of 422",
        cases=(case,),
        subjects=("POST /shops", f"PUT /{case}"),
        expected="422",
        actual="400",
        scenarios=(f"shop.feature:{case}",),
        requirements=(id_,),
        clarifications=(rests,) if rests else (),
    )
    return Shortfall(verdict, failure.text, failure.short_text, (id_,), failure)


def test_reasons_of_one_sentence_are_one_with_their_cases_counted() -> None:
    own = Shortfall(Verdict.NOT_RUN, "no database", "no database", ("SC-001",))
    entries = [shortfall("FR-001", "a"), own, shortfall("FR-002", "b"), shortfall("FR-001", "c")]
    merged, kept = merged_shortfalls(entries)
    assert merged.reason == "400 instead of 422 in 3 cases: 4 operations, 3 scenarios"
    assert merged.ids == ("FR-001", "FR-002")
    assert kept is own


def test_what_differs_stays_apart_and_so_does_another_verdict() -> None:
    entries = [
        shortfall("FR-001", "a"),
        shortfall("FR-002", "b", rests="CL-07"),
        shortfall("FR-003", "c", Verdict.DIFFERS),
    ]
    assert merged_shortfalls(entries) == entries
