"""Each defect of files and runs is found, with its kind and place, and fails the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.traceability.shops import BREAD, LOSSES, LOST, MILK, SHOP, TEA, Project
from traceability.evidence.read import read_evidence
from traceability.matrix.build import Rules, build_matrix
from traceability.model import Finding, Result, Verdict
from traceability.project.read import read_project


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


Capture = pytest.CaptureFixture[str]

FILE_DEFECTS = {
    "tag with a typo": (SHOP, "@FR-001", "@FR-0O1", ("unknown-tag", SHOP, 6)),
    "tag with a typo on a feature": (SHOP, "@US1-AS1", "@US1-AS9", ("unknown-tag", SHOP, 1)),
    "requirement without scenario": (
        "spec.md",
        "- **SR-001**",
        "- **FR-003**: The shop MUST close.\n- **SR-001**",
        ("requirement-without-scenario", "spec.md", 12),
    ),
    "scenario without tag": (LOSSES, "  @SR-001\n", "\n", ("untagged-scenario", LOSSES, 4)),
    "scenario with a context id only": (
        LOSSES,
        "@SR-001",
        "@A-001",
        ("untagged-scenario", LOSSES, 4),
    ),
    "two scenarios of one name": (
        LOSSES,
        "Scenario: No bread",
        "Scenario: No bill is lost",
        ("duplicate-scenario", LOSSES, 9),
    ),
    "duplicate number": ("spec.md", "**FR-002**", "**FR-001**", ("duplicate-id", "spec.md", 11)),
    "missing number": ("spec.md", "**FR-002**", "**FR-004**", ("missing-number", "spec.md", 11)),
    "malformed id": ("spec.md", "**FR-002**", "**FR-OO2**", ("malformed-id", "spec.md", 11)),
    "malformed claim": (
        "app/shop.py",
        "Implements: FR-002",
        "Implements: FR-00x",
        ("malformed-claim", "app/shop.py", 14),
    ),
    "empty claim": (
        "app/shop.py",
        "Implements: FR-002",
        "Implements:",
        ("malformed-claim", "app/shop.py", 14),
    ),
    "claim of an unknown id": (
        "schema/1.sql",
        "Implements: SR-001",
        "Implements: SR-007",
        ("unknown-claim", "schema/1.sql", 2),
    ),
    "source that is no Python": (
        "app/shop.py",
        "class Bill:",
        "class Bill",
        ("unreadable-source", "app/shop.py", 11),
    ),
    "feature that is no Gherkin": (
        LOSSES,
        "    Then the bill is there",
        "    Thus the bill is there",
        ("unreadable-feature", LOSSES, 6),
    ),
    "outline without example rows": (
        SHOP,
        "        | tea  |\n        | milk |\n",
        "",
        ("outline-without-examples", SHOP, 14),
    ),
}


@pytest.mark.parametrize("defect", FILE_DEFECTS)
def test_defect_of_the_files(shop: Project, capsys: Capture, defect: str) -> None:
    path, old, new, expected = FILE_DEFECTS[defect]
    shop.replace(path, old, new)
    kind, place, line = expected
    assert expected in shop.found()
    assert shop.check() == 1
    assert f"{place}:{line}: {kind}" in capsys.readouterr().out
    assert shop.report() == 1
    assert f"{place}:{line}: {kind}" in capsys.readouterr().out


def test_typo_in_a_tag_is_one_finding_and_not_one_for_each_scenario(shop: Project) -> None:
    shop.replace(SHOP, "@US1-AS1", "@US1-AS9")
    assert [kind for kind, _, _ in shop.found()].count("unknown-tag") == 1


def test_empty_spec(shop: Project, capsys: Capture) -> None:
    shop.write("spec.md", "# Nothing\n")
    assert ("empty-spec", "spec.md", 1) in shop.found()
    assert shop.check() == 1
    assert "spec.md:1: empty-spec" in capsys.readouterr().out
    assert shop.report() == 1


def test_spec_that_only_excludes_is_not_conformant(shop: Project) -> None:
    shop.write("spec.md", "# S\n\n- **C-001**: Wood. *(Not testable: nobody sees it.)*\n")
    its = shop.matrix()
    assert its.summary.excluded == 1
    assert not its.conformant


def test_no_scenarios(shop: Project) -> None:
    (shop.folder / SHOP).unlink()
    (shop.folder / LOSSES).unlink()
    assert ("no-scenarios", "spec.md", 1) in shop.found()
    assert shop.check() == 1


def test_unbound_feature_is_one_finding(shop: Project) -> None:
    shop.leave_out = {LOSSES}
    kinds = [one for one in shop.found() if one[1] == LOSSES]
    assert kinds == [("unbound-feature", LOSSES, 1)]
    assert shop.report() == 1


def test_nothing_executed(shop: Project) -> None:
    shop.leave_out = {LOSSES, SHOP}
    assert ("nothing-executed", LOSSES, 1) in shop.found()
    assert shop.matrix().summary.scenarios_not_run == 5
    assert shop.report() == 1


def test_fewer_scenarios_run_than_parsed(shop: Project) -> None:
    shop.leave_out = {MILK}
    assert ("scenario-not-executed", SHOP, 22) in shop.found()
    verdicts = verdicts_of(shop)
    assert verdicts["FR-002"] is Verdict.NOT_RUN
    assert verdicts["FR-001"] is Verdict.VERIFIED


def test_result_of_a_scenario_that_is_gone(shop: Project) -> None:
    file = shop.record()
    shop.replace(LOSSES, "  @OS-01\n", "  @OS-01\n\n")
    found = findings_of(shop, file)
    places = [(one.kind, one.path, one.line) for one in found]
    assert ("unknown-scenario", LOSSES, 9) in places
    assert ("scenario-not-executed", LOSSES, 10) in places
    assert ("stale-evidence", LOSSES, 1) in places


def test_skipped_scenario(shop: Project) -> None:
    shop.results[MILK] = (Result.NOT_RUN, "skipped: for now")
    assert shop.found() == [("skipped-scenario", SHOP, 22)]
    assert verdicts_of(shop)["FR-002"] is Verdict.NOT_RUN
    assert shop.report() == 1


def test_scenario_that_the_target_cannot_run_is_no_finding_and_no_pass(shop: Project) -> None:
    shop.results[LOST] = (Result.NOT_RUN, "target cannot burn")
    assert shop.found() == []
    one = next(one for one in shop.matrix().requirements if one.requirement.id == "SR-001")
    assert one.verdict is Verdict.NOT_RUN
    assert one.reason == "1 of 1 scenario did not run: target cannot burn"
    assert shop.report() == 1


def test_claim_that_never_runs(shop: Project) -> None:
    shop.lines[TEA] = shop.lines[MILK] = frozenset({7, 8})
    found = shop.found()
    assert ("stale-claim", "app/shop.py", 14) in found
    assert ("untraced-code", "app/shop.py", 15) in found
    assert verdicts_of(shop)["FR-002"] is Verdict.UNIMPLEMENTED


def test_claim_that_runs_for_another_requirement_only(shop: Project) -> None:
    shop.replace("app/shop.py", "Implements: FR-002", "Implements: FR-002, SR-001")
    assert shop.found() == [("stale-claim", "app/shop.py", 14)]


def test_requirement_that_no_code_claims(shop: Project) -> None:
    shop.replace("schema/1.sql", "-- Implements: SR-001\n", "")
    one = next(one for one in shop.matrix().requirements if one.requirement.id == "SR-001")
    assert one.verdict is Verdict.UNIMPLEMENTED
    assert "Implements: SR-001" in one.reason


def test_code_that_runs_for_no_requirement(shop: Project) -> None:
    shop.replace("pyproject.toml", "minimum_traced = 40", "minimum_traced = 30")
    shop.append("app/shop.py", "\n\ndef unused():\n    return 1\n")
    assert shop.found() == [("untraced-code", "app/shop.py", 21)]


def test_too_little_code_traced(shop: Project) -> None:
    shop.replace("pyproject.toml", "minimum_traced = 40", "minimum_traced = 43")
    assert shop.found() == [("traced-below-minimum", "app/shop.py", 1)]


def test_evidence_without_contexts(shop: Project) -> None:
    shop.lines = {}
    assert ("no-contexts", "app/shop.py", 1) in shop.found()
    assert verdicts_of(shop)["FR-001"] is Verdict.UNIMPLEMENTED
    assert shop.report() == 1


def test_run_that_was_not_measured_says_so(shop: Project) -> None:
    shop.lines, shop.unmeasured = {}, "no coverage here"
    its = shop.matrix()
    assert [(one.kind, one.path) for one in its.findings] == [("not-measured", "app/shop.py")]
    assert "no coverage here" in its.findings[0].message
    assert its.environment["lines measured"] == "no: no coverage here"
    reasons = {one.requirement.id: one.reason for one in its.requirements}
    assert reasons["FR-001"] == "1 scenario passed; lines not measured: no coverage here"


def test_truncated_run(shop: Project) -> None:
    shop.finished = False
    assert [kind for kind, _, _ in shop.found()] == ["truncated-run"]
    assert shop.report() == 1


@pytest.mark.parametrize("path", ["spec.md", SHOP, "app/shop.py"])
def test_file_that_changed_since_the_run(shop: Project, path: str) -> None:
    file = shop.record()
    shop.append(path, "\n")
    found = findings_of(shop, file)
    assert "stale-evidence" in [one.kind for one in found]


def test_scenario_that_passes_without_running_its_steps(shop: Project) -> None:
    file = shop.record()
    records = file.read_text().splitlines()
    shortened = [
        re.sub(r',{"keyword":"Then".*?}}', "", one) if BREAD in one else one for one in records
    ]
    file.write_text("\n".join(shortened) + "\n")
    found = [(one.kind, one.path, one.line) for one in findings_of(shop, file)]
    assert found == [("step-not-executed", LOSSES, 9)]


def findings_of(shop: Project, file: Path) -> tuple[Finding, ...]:
    """Return the findings of the project as it is now, with the evidence of an earlier run."""
    its = read_project(shop.config)
    ran = read_evidence(file)
    rules = Rules.from_config(shop.config)
    return build_matrix(its.spec, its.features, its.sources, ran, rules).findings


def verdicts_of(shop: Project) -> dict[str, Verdict]:
    return {one.requirement.id: one.verdict for one in shop.matrix().requirements}


def test_failing_scenario_of_an_excluded_requirement(shop: Project) -> None:
    shop.replace(LOSSES, "@OS-01", "@OS-01 @C-001")
    assert verdicts_of(shop)["C-001"] is Verdict.EXCLUDED
    shop.results[BREAD] = (Result.FAILED, "there is bread")
    assert verdicts_of(shop)["C-001"] is Verdict.FAILED


def test_failure_counts_above_not_run(shop: Project) -> None:
    shop.results = {
        MILK: (Result.FAILED, "sour\nmilk"),
        TEA: (Result.NOT_RUN, "target cannot pour"),
    }
    one = next(one for one in shop.matrix().requirements if one.requirement.id == "FR-002")
    assert (one.verdict, one.reason) == (Verdict.FAILED, "Buy milk: sour milk")
    assert verdicts_of(shop)["US1-AS1"] is Verdict.FAILED
