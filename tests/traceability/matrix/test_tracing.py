"""The lines, places and findings of a matrix."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.traceability.shops import BREAD, CAKE, LOST, MILK, SHOP, TEA, Project
from traceability.matrix.build import Rules, build_matrix
from traceability.model import CodePlace, Finding, Matrix, Result, Verdict
from traceability.project.read import read_project


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


def places(traced: Matrix, name: str) -> dict[str, CodePlace]:
    one = next(one for one in traced.requirements if one.requirement.id == name)
    return {place.symbol: place for place in one.code}


def test_lines_lead_to_requirements_and_back(shop: Project) -> None:
    traced = shop.matrix()
    shop_file = next(one for one in traced.files if one.source.path == "app/shop.py")
    assert shop_file.requirements == {
        7: ("US1-AS1", "FR-001", "FR-002"),
        8: ("US1-AS1", "FR-001", "FR-002", "SR-001"),
        16: ("US1-AS1", "FR-002"),
    }
    assert (traced.summary.traced_lines, traced.summary.executable_lines) == (3, 7)


def test_further_lines_of_a_statement_count_as_its_first(shop: Project) -> None:
    shop.lines[TEA] = shop.lines[MILK] = frozenset({17})
    assert places(shop.matrix(), "FR-002")["Bill.write"].lines == (16,)


def test_places_claimed_first_then_the_most_specific(shop: Project) -> None:
    shop.lines[LOST] = frozenset({8, 15})
    code = places(shop.matrix(), "SR-001")
    assert list(code) == ["CREATE TABLE bills", "Bill", "sell"]
    assert [place.claimed for place in code.values()] == [True, False, False]
    assert [place.specificity for place in code.values()] == [0.0, 1.0, 0.25]
    assert [place.measured for place in code.values()] == [False, True, True]


def test_lines_of_a_failed_scenario_show_nothing(shop: Project) -> None:
    shop.results[CAKE] = (Result.FAILED, "no cake")
    shop.lines[CAKE] = frozenset({7, 8, 12})
    traced = shop.matrix()
    assert places(traced, "FR-001")["sell"].measured is False
    shop_file = next(one for one in traced.files if one.source.path == "app/shop.py")
    assert 12 not in shop_file.requirements


def test_lines_of_files_that_are_no_source_are_left_out(shop: Project) -> None:
    its = read_project(shop.config)
    ran = shop.evidence()
    step = ran.scenarios[LOST].steps[0]
    lines = {"app/gone.py": frozenset({1}), "app/shop.py": frozenset({8, 999})}
    strange = replace(ran.scenarios[LOST], steps=(replace(step, lines=lines),))
    ran = replace(ran, scenarios=ran.scenarios | {LOST: strange})
    traced = build_matrix(its.spec, its.features, its.sources, ran)
    assert places(traced, "SR-001")["sell"].lines == (8,)


def test_claim_of_a_class_is_executed_by_its_methods(shop: Project) -> None:
    shop.replace("app/shop.py", "    lines = ()\n", "    # Implements: FR-002\n    lines = ()\n")
    shop.replace("app/shop.py", "    # Implements: FR-002\n    def", "    def")
    traced = shop.matrix()
    assert traced.findings == ()
    assert places(traced, "FR-002")["Bill"].measured
    assert places(traced, "FR-002")["Bill"].lines == ()


def test_without_any_claim_none_is_demanded(shop: Project) -> None:
    shop.write("schema/1.sql", "SELECT 1;\n")
    text = (shop.folder / "app/shop.py").read_text().replace("Implements", "Does")
    shop.write("app/shop.py", text)
    traced = shop.matrix()
    assert traced.conformant
    assert traced.requirements[0].reason == "3 scenarios passed"


def test_kind_that_is_shown_by_absence_needs_no_code(shop: Project) -> None:
    shop.replace("pyproject.toml", 'without_code = ["OS", "C"]', 'without_code = ["C"]')
    verdicts = {one.requirement.id: one.verdict for one in shop.matrix().requirements}
    assert verdicts["OS-01"] is Verdict.UNIMPLEMENTED


def test_counts_of_the_configuration_are_checked(shop: Project) -> None:
    shop.append("pyproject.toml", "counts = { FR = 3, SR = 1 }\n")
    assert shop.found() == [("wrong-count", "spec.md", 1)]


def test_unknown_tag_is_found_without_findings_of_the_project(shop: Project) -> None:
    shop.replace(SHOP, "@FR-001", "@FR-001 @FR-01")
    its = read_project(shop.config)
    rules = Rules.from_config(shop.config)
    traced = build_matrix(its.spec, its.features, its.sources, shop.evidence(), rules)
    assert [(one.kind, one.line) for one in traced.findings] == [("unknown-tag", 7)]


def test_finding_of_project_and_recorder_is_listed_once(shop: Project) -> None:
    shop.replace(SHOP, "@FR-001", "@FR-001 @FR-01")
    its = read_project(shop.config)
    rules = Rules.from_config(shop.config)
    tag = Finding("unknown-tag", "said in other words", SHOP, 6)
    other = Finding("async-step", "is async", "steps.py", 3)
    ran = replace(shop.evidence(), findings=(tag, other))
    traced = build_matrix(its.spec, its.features, its.sources, ran, rules, its.findings)
    assert [(one.kind, one.path, one.line) for one in traced.findings] == [
        ("unknown-tag", SHOP, 6),
        ("async-step", "steps.py", 3),
    ]
    assert traced.findings[0].message == "the tag @FR-01 names no requirement of the spec"


def test_uncollected_scenario_is_listed_once(shop: Project) -> None:
    its = read_project(shop.config)
    rules = Rules.from_config(shop.config)
    ran = shop.evidence()
    scenarios = {name: one for name, one in ran.scenarios.items() if name != BREAD}
    path, _, line = BREAD.rpartition(":")
    said = Finding("scenario-not-collected", "no test runs it", path, int(line))
    ran = replace(ran, scenarios=scenarios, findings=(said,))
    traced = build_matrix(its.spec, its.features, its.sources, ran, rules, its.findings)
    assert traced.findings == (said,)
    assert traced.requirements[-1].reason == "1 of 1 scenario did not run: was not executed"


@pytest.fixture
def shop_with_optional_scenario(shop: Project) -> Project:
    """A shop with one scenario beyond the spec, under an optional tag."""
    shop.append("pyproject.toml", 'optional_tags = ["offers-milk"]\n')
    old = "      Examples:\n        | what |\n        | tea  |\n        | milk |\n"
    tables = (
        "      Examples:\n        | what |\n        | tea  |\n\n"
        "      @offers-milk\n      Examples:\n        | what |\n        | milk |\n"
    )
    shop.replace(SHOP, old, tables)
    shop.lines[OPTIONAL_MILK] = shop.lines.pop(MILK)
    return shop


OPTIONAL_MILK = f"{SHOP}:26"


@pytest.mark.parametrize(
    ("result", "reason", "verdict"),
    [
        (Result.PASSED, "", Verdict.VERIFIED),
        (Result.FAILED, "sour", Verdict.FAILED),
        (Result.NOT_RUN, "skipped: for now", Verdict.NOT_RUN),
        (Result.NOT_RUN, "target cannot milk", Verdict.VERIFIED),
    ],
)
def test_optional_scenario_counts_unless_the_target_cannot_run_it(
    shop_with_optional_scenario: Project, result: Result, reason: str, verdict: Verdict
) -> None:
    shop_with_optional_scenario.results[OPTIONAL_MILK] = (result, reason)
    traced = {one.requirement.id: one for one in shop_with_optional_scenario.matrix().requirements}
    assert traced["FR-002"].verdict is verdict


def test_optional_scenario_that_did_not_run_verifies_nothing(
    shop_with_optional_scenario: Project,
) -> None:
    shop_with_optional_scenario.results[TEA] = (Result.NOT_RUN, "target cannot pour")
    shop_with_optional_scenario.results[OPTIONAL_MILK] = (Result.NOT_RUN, "target cannot milk")
    traced = {one.requirement.id: one for one in shop_with_optional_scenario.matrix().requirements}
    assert traced["FR-002"].verdict is Verdict.NOT_RUN
    shop_with_optional_scenario.replace(SHOP, "@FR-002 @A-001", "@A-001 @SR-001")
    shop_with_optional_scenario.replace(SHOP, "      @offers-milk", "      @offers-milk @FR-002")
    traced = {one.requirement.id: one for one in shop_with_optional_scenario.matrix().requirements}
    assert traced["FR-002"].verdict is Verdict.NOT_RUN
