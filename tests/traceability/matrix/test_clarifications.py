"""What only differs from a clarification is told apart from what breaks a requirement."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traceability.clarified_shops import TAGGED_ROWS, WARM_MILK, clarified_shop
from tests.traceability.matrix_files import run_of, three_matrices
from tests.traceability.shops import CAKE, LOSSES, LOST, SHOP, TEA, Project
from traceability.evidence.read import read_evidence
from traceability.matrix.build import Rules, build_matrix
from traceability.matrix.compare import compare_runs
from traceability.matrix.difference import compute_difference
from traceability.matrix.read import read_matrix
from traceability.model import Deviation, Matrix, Outcome, Result, TracedRequirement, Verdict
from traceability.project.read import read_project


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return clarified_shop(tmp_path)


def strictly(shop: Project, *deviations: Deviation) -> Matrix:
    """Return the matrix of a strict judging."""
    return judged(shop, *deviations, strict=True)


def judged(shop: Project, *deviations: Deviation, strict: bool = False) -> Matrix:
    project = read_project(shop.config)
    evidence = read_evidence(shop.record())
    rules = Rules.from_config(shop.config, strict=strict)
    evidence = type(evidence)(**{**vars(evidence), "deviations": deviations})
    return build_matrix(
        project.spec, project.features, project.sources, evidence, rules, project.findings
    )


def requirement(matrix: Matrix, id_: str) -> TracedRequirement:
    return next(one for one in matrix.requirements if one.requirement.id == id_)


def outcomes(matrix: Matrix) -> dict[str, Outcome]:
    return {one.clarification.id: one.outcome for one in matrix.clarifications}


def test_clarifications_are_no_requirements_and_no_findings(shop: Project) -> None:
    traced = shop.matrix()
    assert traced.findings == ()
    assert traced.conformant
    assert "CL-01" not in {one.requirement.id for one in traced.requirements}
    first, second = traced.clarifications
    assert first.clarification.text == "Q: Is milk sold warm? → A: It is."
    assert [one.scenario.id for one in first.scenarios] == [WARM_MILK]
    assert (second.clarification.text, second.scenarios) == ("Q: Is cake cut? → A: Yes.", ())
    assert second.clarification.without_scenario == "FR-001 says so."
    assert outcomes(traced) == {"CL-01": Outcome.KEPT, "CL-02": Outcome.UNTESTED}


def test_a_failure_of_a_clarification_alone_differs(shop: Project) -> None:
    shop.results[WARM_MILK] = (Result.FAILED, "cold")
    traced = shop.matrix()
    found = requirement(traced, "FR-002")
    assert (found.verdict, found.differs_from) == (Verdict.DIFFERS, ("CL-01",))
    assert found.reason == "differs from CL-01 only: Buy milk: cold"
    assert requirement(traced, "FR-001").verdict is Verdict.VERIFIED
    assert (traced.summary.failed, traced.summary.differs) == (0, 2)  # US1-AS1 has the tag, too
    assert outcomes(traced)["CL-01"] is Outcome.DIFFERS
    assert (traced.conformant, traced.acceptable) == (True, True)


def test_a_strict_judging_does_not_accept_it(shop: Project) -> None:
    shop.results[WARM_MILK] = (Result.FAILED, "cold")
    traced = strictly(shop)
    assert requirement(traced, "FR-002").verdict is Verdict.DIFFERS
    assert (traced.conformant, traced.acceptable) == (False, False)
    shop.results.clear()
    assert strictly(shop).conformant


def test_a_broken_sentence_fails_and_says_what_differs_besides(shop: Project) -> None:
    shop.results = {TEA: (Result.FAILED, "no tea"), WARM_MILK: (Result.FAILED, "cold")}
    found = requirement(shop.matrix(), "FR-002")
    assert found.verdict is Verdict.FAILED
    assert found.reason == "Buy tea: no tea; differs from CL-01, too"


def test_what_did_not_run_is_not_said_to_be_kept(shop: Project) -> None:
    shop.results = {TEA: (Result.NOT_RUN, "no till"), WARM_MILK: (Result.FAILED, "cold")}
    found = requirement(shop.matrix(), "FR-002")
    assert found.verdict is Verdict.NOT_RUN
    assert found.reason == "1 of 2 scenarios did not run: no till; differs from CL-01, too"


def test_a_clarification_that_did_not_run_leaves_the_sentence_verified(shop: Project) -> None:
    shop.results = {WARM_MILK: (Result.NOT_RUN, "target cannot warm")}
    traced = shop.matrix()
    found = requirement(traced, "FR-002")
    assert found.verdict is Verdict.VERIFIED
    assert found.reason.startswith("1 scenario passed, 1 for CL-01 did not run")
    assert outcomes(traced)["CL-01"] is Outcome.NOT_RUN
    assert requirement(strictly(shop), "FR-002").verdict is Verdict.NOT_RUN


def test_a_requirement_of_clarifications_alone_is_not_verified_by_what_did_not_run(
    shop: Project,
) -> None:
    shop.replace(
        SHOP,
        TAGGED_ROWS,
        TAGGED_ROWS.replace("      Examples:", "      @CL-01\n      Examples:", 1),
    )
    shop.results = {
        f"{SHOP}:22": (Result.NOT_RUN, "no till"),
        f"{SHOP}:27": (Result.NOT_RUN, "no till"),
    }
    assert requirement(shop.matrix(), "FR-002").verdict is Verdict.NOT_RUN


def test_an_excluded_requirement_can_differ(shop: Project) -> None:
    shop.replace(LOSSES, "@OS-01", "@C-001 @OS-01")
    shop.replace(LOSSES, "  @C-001 @OS-01\n  Scenario", "  @C-001 @CL-01 @OS-01\n  Scenario")
    assert requirement(shop.matrix(), "C-001").verdict is Verdict.EXCLUDED
    shop.results = {f"{LOSSES}:9": (Result.FAILED, "bread")}
    assert requirement(shop.matrix(), "C-001").verdict is Verdict.DIFFERS


def test_known_deviations_need_not_list_what_differs_unless_strict(shop: Project) -> None:
    shop.results = {TEA: (Result.FAILED, "no tea"), WARM_MILK: (Result.FAILED, "cold")}
    listed = Deviation("FR-002", "later", ("Buy tea",))
    assert requirement(judged(shop, listed), "FR-002").deviation == "later"
    assert requirement(strictly(shop, listed), "FR-002").deviation == ""
    shop.results.pop(TEA)
    whole = (Deviation("FR-002", "later"), Deviation("US1-AS1", "later"))
    assert judged(shop, *whole).summary.known_deviations == 0
    accepted = strictly(shop, *whole)
    assert (accepted.conformant, accepted.acceptable) == (False, True)


FINDINGS = {
    "tag of an unknown clarification": (
        SHOP,
        "@CL-01",
        "@CL-07",
        [("clarification-without-scenario", "spec.md", 26), ("unknown-tag", SHOP, 23)],
    ),
    "clarification without a scenario": (
        SHOP,
        "      @CL-01\n",
        "\n",
        [("clarification-without-scenario", "spec.md", 26)],
    ),
    "clarification that wrongly says that it has none": (
        SHOP,
        "@CL-01",
        "@CL-01 @CL-02",
        [("clarification-with-scenario", "spec.md", 30)],
    ),
    "scenario with the tag of a clarification alone": (
        LOSSES,
        "  @SR-001\n",
        "  @CL-01\n",
        [
            ("requirement-without-scenario", "spec.md", 12),
            ("untagged-scenario", LOSSES, 4),
        ],
    ),
    "requirement whose scenarios show clarifications only": (
        LOSSES,
        "  @SR-001\n",
        "  @SR-001 @CL-01\n",
        [("sentence-without-scenario", "spec.md", 12)],
    ),
    "reason left out": (
        "spec.md",
        "rests on it: FR-001 says so.)*",
        "rests on it)*",
        [
            ("clarification-without-scenario", "spec.md", 30),
            ("exclusion-without-reason", "spec.md", 30),
        ],
    ),
    "number left out": ("spec.md", "**CL-02**", "**CL-03**", [("missing-number", "spec.md", 30)]),
    "id with a typing error": (
        "spec.md",
        "**CL-02**",
        "**CL-O2**",
        [("malformed-id", "spec.md", 30)],
    ),
}


@pytest.mark.parametrize("defect", FINDINGS)
def test_each_defect_of_clarifications_is_found(shop: Project, defect: str) -> None:
    path, old, new, expected = FINDINGS[defect]
    shop.replace(path, old, new)
    assert sorted(shop.found()) == sorted(expected)
    assert shop.check() == 1


def test_the_letters_and_the_number_are_those_of_the_project(shop: Project) -> None:
    shop.append("pyproject.toml", 'clarifications = "Q"\ncounts = { Q = 3 }\n')
    shop.write("spec.md", (shop.folder / "spec.md").read_text().replace("CL-", "Q-"))
    shop.replace(SHOP, "@CL-01", "@Q-01")
    assert shop.found() == [("wrong-count", "spec.md", 1)]
    assert outcomes(shop.matrix()) == {"Q-01": Outcome.KEPT, "Q-02": Outcome.UNTESTED}


def test_a_comparison_tells_breaking_from_differing(shop: Project) -> None:
    files = three_matrices(shop)
    shop.results = {WARM_MILK: (Result.FAILED, "cold")}
    runs = [*(read_matrix(file) for file in files[:1]), run_of(shop, "yew.json", "yew")]
    shop.results[TEA] = (Result.FAILED, "no tea")
    runs.append(run_of(shop, "fir.json", "fir"))
    rows = {one.id: one.cells for one in compare_runs(runs).rows}
    _, differs, fails = rows["FR-002"]
    assert (differs.verdict, differs.proof.place) == (Verdict.DIFFERS, WARM_MILK)
    assert differs.proof.reason == "differs from CL-01 only: cold"
    assert (fails.verdict, fails.proof.place) == (Verdict.FAILED, TEA)


def test_a_run_that_is_read_back_is_as_conformant_as_it_was(shop: Project) -> None:
    shop.results = {WARM_MILK: (Result.FAILED, "cold")}
    found = run_of(shop)
    assert (found.conformant, found.strict) == (True, False)
    assert found.scenarios[WARM_MILK].clarifications == ("CL-01",)
    assert shop.report("--strict", "--output", str(shop.folder)) == 1
    assert not read_matrix(shop.folder / "matrix.json").conformant


def test_differing_is_worse_than_verified_and_better_than_failed(shop: Project) -> None:
    verified = run_of(shop, "1.json")
    shop.results = {WARM_MILK: (Result.FAILED, "cold")}
    differs = run_of(shop, "2.json")
    shop.results[TEA] = (Result.FAILED, "no tea")
    failed = run_of(shop, "3.json")
    assert compute_difference(verified, differs).worse
    assert not compute_difference(verified, differs).newly_failing
    assert compute_difference(differs, failed).newly_failing
    assert not compute_difference(failed, differs).worse


def test_the_command_ends_with_0_unless_it_is_strict(
    shop: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.results = {WARM_MILK: (Result.FAILED, "cold")}
    assert shop.report() == 0
    printed = capsys.readouterr().out
    assert "What falls short" not in printed
    assert "  CL-01    1 of 1 scenario: Buy milk: cold" in printed
    assert "Conformant: 3 of 5 requirements verified" in printed.replace("\n", " ")
    assert "2 differ from a clarification only" in printed.replace("\n", " ")
    assert shop.report("--strict") == 1
    printed = capsys.readouterr().out
    assert "\ndiffers:\n  US1-AS1  CL-01: cold\n           also FR-002\n" in printed
    assert "Not conformant" in printed
    shop.results = {CAKE: (Result.FAILED, "no cake"), LOST: (Result.PASSED, "")}
    assert shop.report() == 1
