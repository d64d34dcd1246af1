"""The same deviation in many scenarios is one failure, the one that most scenarios show first."""

from __future__ import annotations

from dataclasses import replace

from traceability.matrix.failures import gather_failures, own_failures, tell_reasons
from traceability.model import (
    Mismatch,
    Requirement,
    Result,
    Scenario,
    ScenarioEvidence,
    Spec,
    StepEvidence,
    TracedRequirement,
    TracedScenario,
    Verdict,
)

READ, CREATE, DELETE = "GET /shops/{id}", "POST /shops", "DELETE /shops/{id}"
IDS = ("FR-001", "FR-002", "SC-001")
REQUIREMENTS = tuple(Requirement(id_, id_[:2], "", "spec.md", 1) for id_ in IDS)
SPEC = Spec("spec.md", "Shop", "", REQUIREMENTS, ())


def failed(
    line: int,
    *mismatches: Mismatch,
    tags: str = "FR-001",
    outline: int = 0,
    reason: str = "",
    clarification: str = "",
) -> TracedScenario:
    scenario = Scenario(
        id=f"features/shop.feature:{line}",
        feature="features/shop.feature",
        feature_name="Shop",
        rule="",
        name=f"scenario {line}",
        outline="",
        outline_line=outline or line,
        example=line if outline else None,
        line=line,
        tags=tuple(tags.split()),
        steps=(),
    )
    step = StepEvidence("Then", "it is so", line, Result.FAILED, 0.0, mismatches=mismatches)
    evidence = ScenarioEvidence(scenario.id, Result.FAILED, reason, 0.0, (step,))
    return TracedScenario(scenario, evidence, (clarification,) if clarification else ())


def texts(*scenarios: TracedScenario) -> list[str]:
    return [one.text for one in gather_failures(SPEC, scenarios)]


def test_one_deviation_in_many_scenarios_is_said_once() -> None:
    refused = Mismatch("403 instead of 401", "without a header")
    found = gather_failures(
        SPEC,
        [
            failed(1, Mismatch("200 instead of 201", subjects=(CREATE,))),
            failed(2, replace(refused, subjects=(READ,)), tags="SC-001 FR-001"),
            failed(3, replace(refused, subjects=(READ, CREATE)), tags="FR-002"),
        ],
    )
    assert [one.text for one in found] == [
        "403 instead of 401 without a header: 2 operations, 2 scenarios",
        f"200 instead of 201: {CREATE}",
    ]
    assert found[0].requirements == IDS
    assert found[0].scenarios == ("features/shop.feature:2", "features/shop.feature:3")


def test_two_cases_are_two_deviations_unless_they_are_examples_of_one_outline() -> None:
    late, forged = (Mismatch("200 instead of 401", case) for case in ("late", "forged"))
    assert len(texts(failed(1, late), failed(2, forged))) == 2
    both = texts(failed(1, late, outline=9), failed(2, forged, outline=9))
    assert both == ["200 instead of 401 late and in 1 more case: 2 scenarios"]
    other_tags = texts(failed(1, late, outline=9), failed(2, forged, outline=9, tags="FR-002"))
    assert len(other_tags) == 2


def test_where_a_harness_says_so_what_it_was_seen_on_decides() -> None:
    def crash(*subjects: str) -> Mismatch:
        return Mismatch("500 instead of 200", subjects=subjects, by_subject=True)

    assert len(texts(failed(1, crash(READ)), failed(2, crash(DELETE)))) == 2
    assert texts(failed(1, crash(READ)), failed(2, crash(READ, DELETE))) == [
        "500 instead of 200: 2 operations, 2 scenarios"
    ]


def test_a_sentence_that_says_it_all_is_one_deviation_wherever_it_is_seen() -> None:
    both = [
        failed(n, Mismatch("no status_code", subjects=(one,)))
        for n, one in enumerate((READ, DELETE))
    ]
    assert texts(*both) == ["no status_code: 2 operations, 2 scenarios"]


def test_a_scenario_with_several_mismatches_is_in_several_failures() -> None:
    assert len(texts(failed(1, Mismatch("no title"), Mismatch("no id")))) == 2


def test_the_message_stands_in_where_no_step_says_what_it_expected() -> None:
    assert texts(failed(1, reason="KeyError: 'till'\nmore")) == ["KeyError: 'till' more"]


def test_what_tells_most_of_a_requirement_is_what_fails_there_and_nowhere_else() -> None:
    everywhere, here = Mismatch("no answer"), Mismatch("the bill has no lines")
    scenarios = [
        failed(1, everywhere, tags="FR-001 FR-002"),
        failed(2, everywhere, tags="FR-001"),
        failed(3, everywhere, tags="FR-001"),
        failed(4, here, tags="FR-002"),
    ]
    failures = gather_failures(SPEC, scenarios)
    assert [one.sentence for one in failures] == ["no answer", "the bill has no lines"]
    second = [one for one in scenarios if "FR-002" in one.scenario.tags]
    traced = TracedRequirement(REQUIREMENTS[1], Verdict.FAILED, "", tuple(second), ())
    told = [one.sentence for one in own_failures(traced, failures)]
    assert told == ["the bill has no lines", "no answer"]


def test_what_differs_from_a_clarification_is_no_reason_of_a_broken_sentence() -> None:
    crash = Mismatch("500 instead of 422")
    scenarios = [
        failed(1, crash),
        *(failed(line, crash, clarification="CL-07") for line in (2, 3)),
        failed(4, Mismatch("no challenge"), clarification="CL-08"),
    ]
    failures = gather_failures(SPEC, scenarios)
    assert [(one.text, one.clarifications) for one in failures] == [
        ("500 instead of 422", ()),
        ("500 instead of 422: 2 scenarios", ("CL-07",)),
        ("no challenge", ("CL-08",)),
    ]
    broken = TracedRequirement(REQUIREMENTS[0], Verdict.FAILED, "", tuple(scenarios), ())
    differing = TracedRequirement(REQUIREMENTS[0], Verdict.DIFFERS, "", tuple(scenarios[1:]), ())
    assert [one.reason for one in tell_reasons([broken, differing], failures)] == [
        "500 instead of 422; differs from CL-07, CL-08, too",
        "differs from CL-07, CL-08 only: 500 instead of 422: 2 scenarios (and 1 more)",
    ]
