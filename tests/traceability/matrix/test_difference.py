"""The changes between two runs, and which of them are worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.traceability.matrix_files import edit_document, run_of, write_matrix
from tests.traceability.shops import BREAD, CAKE, LOSSES, LOST, MILK, SHOP, Project
from traceability.cli.command import main
from traceability.matrix.difference import Difference, compute_difference
from traceability.matrix.read import JudgedRequirement, Run
from traceability.model import Finding, Result, Verdict
from traceability.report import changes

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def base(shop: Project) -> Run:
    return run_of(shop, "base.json")


def headings(diff: Difference) -> dict[str, list[str]]:
    found = {
        heading: [one.subject for one in changes] for heading, changes in changes.sections(diff)
    }
    assert diff.unchanged is (not found)
    return found


def test_two_runs_of_the_same_are_unchanged(shop: Project, base: Run) -> None:
    diff = compute_difference(base, run_of(shop, "again.json"))
    assert diff.unchanged
    assert not diff.worse
    said = "Nothing changed: 5 of 5 requirements verified."
    assert changes.render_terminal(diff) == f"{said}\n"
    assert changes.render_markdown(diff) == f"**{said}**\n"


def test_failing_and_verified_again(shop: Project, base: Run) -> None:
    shop.results[CAKE] = (Result.FAILED, "no cake")
    failing = run_of(shop, "failing.json")
    diff = compute_difference(base, failing)
    assert [one.new.id for one in diff.newly_failing] == ["US1-AS1", "FR-001"]
    assert [one.new.name for one in diff.results] == ["Buy cake"]
    assert diff.worse
    back = compute_difference(failing, base)
    assert [one.new.id for one in back.newly_verified] == ["US1-AS1", "FR-001"]
    assert not back.newly_failing
    assert not back.worse
    assert not back.unchanged


def test_requirement_that_no_longer_runs_is_worse(shop: Project, base: Run) -> None:
    shop.results[MILK] = (Result.NOT_RUN, "target cannot milk")
    diff = compute_difference(base, run_of(shop, "less.json"))
    assert [one.new.id for one in diff.other_verdicts] == ["US1-AS1", "FR-002"]
    assert not diff.newly_failing
    assert diff.worse


@pytest.mark.parametrize(
    ("old", "new", "worse"),
    [
        (Result.PASSED, Result.FAILED, True),
        (Result.PASSED, Result.NOT_RUN, True),
        (Result.NOT_RUN, Result.FAILED, True),
        (Result.NOT_RUN, Result.PASSED, False),
        (Result.FAILED, Result.NOT_RUN, False),
        (Result.FAILED, Result.PASSED, False),
    ],
)
def test_which_results_are_worse_even_where_no_verdict_changes(
    base: Run, old: Result, new: Result, worse: bool
) -> None:
    diff = compute_difference(_with_milk_result(base, old), _with_milk_result(base, new))
    assert headings(diff) == {"Scenarios with another result": ["Buy milk"]}
    assert diff.worse is worse


def _with_milk_result(base: Run, result: Result) -> Run:
    milk = replace(base.scenarios[MILK], result=result)
    return replace(base, scenarios=base.scenarios | {MILK: milk})


@pytest.mark.parametrize(
    ("old", "new", "worse"),
    [
        ("verified", "not run", True),
        ("verified", "excluded", True),
        ("not run", "failed", True),
        ("excluded", "failed", True),
        ("excluded", "untested", True),
        ("excluded", "verified", False),
        ("failed", "not run", False),
        ("untested", "unimplemented", False),
        ("unimplemented", "untested", False),
        ("not run", "verified", False),
    ],
)
def test_which_verdicts_are_worse(base: Run, old: str, new: str, worse: bool) -> None:
    diff = compute_difference(_with_verdict(base, Verdict(old)), _with_verdict(base, Verdict(new)))
    assert len(diff.verdicts) == 1
    assert diff.worse is worse
    listed = [*diff.newly_failing, *diff.newly_verified, *diff.other_verdicts]
    assert len(listed) == 1


def _with_verdict(base: Run, verdict: Verdict) -> Run:
    judged = replace(base.requirements["FR-001"], verdict=verdict)
    return replace(base, requirements=base.requirements | {"FR-001": judged})


def _requirements_without(base: Run, id_: str) -> dict[str, JudgedRequirement]:
    return {name: one for name, one in base.requirements.items() if name != id_}


def test_lost_and_added_requirement(base: Run) -> None:
    fewer = replace(base, requirements=_requirements_without(base, "SR-001"))
    diff = compute_difference(base, fewer)
    assert headings(diff) == {"Lost requirements": ["SR-001"]}
    assert diff.worse
    back = compute_difference(fewer, base)
    assert headings(back) == {"Added requirements": ["SR-001"]}
    assert not back.worse


def test_reworded_requirement_is_listed_and_not_worse(shop: Project, base: Run) -> None:
    shop.replace("spec.md", "No bill MUST be lost", "No bill MUST be burnt")
    diff = compute_difference(base, run_of(shop, "new.json"))
    assert headings(diff) == {"Reworded requirements": ["SR-001"]}
    assert not diff.worse


def test_lost_and_added_scenario(shop: Project, base: Run) -> None:
    shop.append(LOSSES, "\n  @OS-01\n  Scenario: No buns\n    When somebody buys nothing\n")
    more = run_of(shop, "more.json")
    diff = compute_difference(base, more)
    assert headings(diff) == {"Added scenarios": ["No buns"]}
    assert not diff.worse
    back = compute_difference(more, base)
    assert headings(back) == {"Lost scenarios": ["No buns"]}
    assert back.worse


def test_lines_that_move_change_nothing(shop: Project, base: Run) -> None:
    shop.replace(SHOP, "@US1-AS1\nFeature", "# A line more.\n\n@US1-AS1\nFeature")
    shop.lines = {
        id_.replace(":7", ":9").replace(":21", ":23"): it for id_, it in shop.lines.items()
    }
    shop.lines[f"{SHOP}:24"] = shop.lines.pop(MILK)
    moved = run_of(shop, "moved.json")
    assert set(moved.scenarios) != set(base.scenarios)
    assert compute_difference(base, moved).unchanged


def test_renamed_and_moved_scenario_is_not_lost(shop: Project, base: Run) -> None:
    shop.replace(LOSSES, "Scenario: No bread", "Scenario: Bread is sold elsewhere")
    assert compute_difference(base, run_of(shop, "renamed.json")).unchanged
    shop.replace(LOSSES, 'buys "bread"', 'buys "rolls"')
    diff = compute_difference(base, run_of(shop, "other.json"))
    assert headings(diff) == {
        "Lost scenarios": ["No bread"],
        "Added scenarios": ["Bread is sold elsewhere"],
    }


def test_scenarios_without_steps_are_not_taken_for_one_another(base: Run) -> None:
    bread = replace(base.scenarios[BREAD], steps=())
    others = {id_: one for id_, one in base.scenarios.items() if id_ != BREAD}
    old = replace(base, scenarios=others | {BREAD: bread})
    new = replace(base, scenarios=others | {"x:1": replace(bread, id="x:1", name="New")})
    assert set(headings(compute_difference(old, new))) == {"Lost scenarios", "Added scenarios"}


def test_scenarios_of_one_name_are_counted(base: Run) -> None:
    twin = base.scenarios | {"x:1": replace(base.scenarios[LOST], id="x:1")}
    diff = compute_difference(replace(base, scenarios=twin), base)
    assert headings(diff) == {"Lost scenarios": ["No bill is lost"]}


def finding(message: str, line: int = 1, path: str = "a.py") -> Finding:
    return Finding("stale-claim", message, path, line)


@pytest.mark.parametrize(
    ("old", "new", "found", "gone"),
    [
        ([], [finding("a")], 1, 0),
        ([finding("a")], [], 0, 1),
        ([finding("a", 1)], [finding("a", 9)], 0, 0),
        ([finding("a", 1)], [finding("a", 1), finding("a", 9)], 1, 0),
        ([finding("7 of 9 lines")], [finding("8 of 9.5 lines")], 0, 0),
        ([finding("FR-001")], [finding("FR-002")], 1, 1),
        ([finding("a")], [finding("a", path="b.py")], 1, 1),
    ],
)
def test_findings_are_matched_by_kind_path_and_message(
    base: Run, old: list[Finding], new: list[Finding], found: int, gone: int
) -> None:
    diff = compute_difference(
        replace(base, findings=tuple(old)), replace(base, findings=tuple(new))
    )
    assert (len(diff.findings_new), len(diff.findings_gone)) == (found, gone)
    assert len(headings(diff)) == bool(found) + bool(gone)
    assert diff.worse is bool(found)


def test_terminal_report(shop: Project, base: Run) -> None:
    shop.results[CAKE] = (Result.FAILED, "the \x1b[31mcake\nis\ud800 gone " + "x" * 200)
    text = changes.render_terminal(compute_difference(base, run_of(shop, "new.json", "elm")))
    lines = text.splitlines()
    assert lines[0] == "Newly failing (2)"
    assert lines[1].startswith("  US1-AS1  verified → failed: Buy cake: the ?[31mcake is? gone")
    assert all(len(line) <= 80 for line in lines)
    assert "Not the same implementation: oak before, elm now." in lines
    assert "Worse than before: 5 of 5 requirements verified before, 3 of 5" in text
    assert "\x1b" not in text
    ascii_text = changes.render_terminal(
        compute_difference(base, run_of(shop, "b.json")), 80, "ascii"
    )
    assert ascii_text.isascii()
    assert "verified -> failed" in ascii_text


def test_markdown_report(shop: Project, base: Run) -> None:
    shop.results[CAKE] = (Result.FAILED, "<b>no</b> *cake* \ud800")
    text = changes.render_markdown(compute_difference(base, run_of(shop, "new.json")))
    text.encode()
    assert text.startswith("**Worse than before: 5 of 5 requirements verified before, 3 of 5 ")
    assert "\n### Newly failing (2)\n\n- US1-AS1 **verified → failed**: Buy cake: &lt;b&gt;" in text
    assert "\\*cake\\*" in text


def test_long_lists_are_cut_and_say_so(base: Run) -> None:
    many = replace(base, findings=tuple(finding(f"FR-{at:03}") for at in range(50)))
    diff = compute_difference(base, many)
    text = changes.render_terminal(diff)
    assert "New findings (50)" in text
    assert "and 10 more" in text
    assert "- and 10 more" in changes.render_markdown(diff)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        (Project.record, 0, "Nothing changed"),
        (lambda shop: shop.results.update({CAKE: (Result.FAILED, "no")}), 1, "Newly failing (2)"),
        (lambda shop: shop.append(LOSSES, "\n  @OS-01\n  Scenario: N\n    When x\n"), 0, "Added"),
    ],
)
def test_exit_status(
    shop: Project,
    capsys: Capture,
    change: Callable[[Project], object],
    status: int,
    words: str,
) -> None:
    base = str(write_matrix(shop, "base.json"))
    change(shop)
    new = str(write_matrix(shop, "new.json"))
    assert main(["diff", base, new]) == status
    assert words in capsys.readouterr().out
    assert main(["diff", base, new, "--markdown"]) == status
    assert capsys.readouterr().out.startswith("**")


def test_base_that_was_written_before_features_had_a_digest(shop: Project) -> None:
    old = edit_document(write_matrix(shop, "old.json"), lambda it: it.pop("features_digest"))
    assert main(["diff", str(old), str(write_matrix(shop, "new.json"))]) == 0
