"""Every report has the same totals, and none shows as passed what has not passed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import traceability
from tests.traceability.clarified_shops import WARM_MILK, clarified_shop
from tests.traceability.shops import BREAD, CAKE, LOST, MILK, SHOP, TEA, Project
from traceability.evidence.read import read_evidence
from traceability.matrix.build import Rules, build_matrix
from traceability.matrix.difference import compute_difference
from traceability.matrix.read import parse_matrix
from traceability.matrix.write import render_json
from traceability.model import Failure, Finding, Matrix, Result, Verdict
from traceability.project.read import read_project
from traceability.report import junit, markdown, terminal
from traceability.report.changes import render_markdown
from traceability.report.page.payload import payload
from traceability.report.page.render import render_page
from traceability.report.write import write_reports

SCHEMA = Path(traceability.__file__).parent / "matrix" / "matrix.schema.json"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def mixed(shop: Project) -> Matrix:
    """A matrix with every verdict in it."""
    shop.results[CAKE] = (Result.FAILED, "the bill | has\n1 line \x1b[31m<b>\ufffe\ud800")
    shop.results[MILK] = (Result.NOT_RUN, "target cannot milk")
    shop.results[BREAD] = (Result.NOT_RUN, "skipped: stale")
    shop.replace("schema/1.sql", "-- Implements: SR-001\n", "")
    shop.replace("spec.md", "- **SR-001**", "- **FR-003**: The shop MUST close.\n- **SR-001**")
    return shop.matrix()


@pytest.fixture
def differing(tmp_path: Path) -> Matrix:
    """A matrix in which nothing fails, and two requirements differ from a clarification."""
    clarified = clarified_shop(tmp_path / "clarified")
    clarified.results[WARM_MILK] = (Result.FAILED, "cold <milk>")
    return clarified.matrix()


def document(matrix: Matrix) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(render_json(matrix))
    return parsed


def test_the_mixed_matrix_has_every_verdict(mixed: Matrix) -> None:
    summary = mixed.summary
    assert (summary.failed, summary.untested, summary.not_run) == (2, 1, 2)
    assert (summary.unimplemented, summary.excluded, summary.verified) == (1, 1, 0)


@pytest.mark.parametrize("which", ["mixed", "differing", "green"])
def test_json_fits_its_schema(shop: Project, which: str, request: pytest.FixtureRequest) -> None:
    traced = shop.matrix() if which == "green" else request.getfixturevalue(which)
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(document(traced))


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 2},
        {"conformant": "yes"},
        {"features_digest": "none"},
        {"files": [{"path": "x"}]},
        {"summary": {}},
        {"more": 1},
        {"findings": [{"kind": "k", "message": "m", "path": "p", "line": 0}]},
    ],
)
def test_schema_refuses_what_does_not_fit(shop: Project, damage: dict[str, object]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert not validator.is_valid(document(shop.matrix()) | damage)


def test_json_keeps_the_evidence(shop: Project) -> None:
    parsed = document(shop.matrix())
    cake = next(one for one in parsed["scenarios"] if one["id"] == CAKE)
    assert cake["steps"][1]["lines"] == {"app/shop.py": "7-8"}
    assert cake["exchanges"][0]["response_body"] == "\ud800"
    assert cake["measurements"][0]["samples"] == [0.1, 0.05]
    shop_file = next(one for one in parsed["files"] if one["path"] == "app/shop.py")
    assert shop_file["executable"] == "4,7-8,11-12,15-16"
    assert shop_file["traced"] == "7-8,16"
    first = parsed["requirements"][0]
    assert first["scenarios"][0]["seconds"] == 0.5
    assert first["measurements"][0]["name"] == "slowest call"
    assert first["code"][0]["symbol"] == "sell"


def test_json_has_the_digests_of_spec_and_features(shop: Project) -> None:
    first = document(shop.matrix())
    assert first["features_digest"] == shop.evidence().features_digest != ""
    assert first["spec"]["digest"] == shop.evidence().spec_digest
    shop.append(SHOP, "\n# more\n")
    second = document(shop.matrix())
    assert second["features_digest"] != first["features_digest"]
    assert second["spec"] == first["spec"]


def test_json_holds_numbers_that_are_not_finite(shop: Project) -> None:
    traced = shop.matrix()
    strange = replace(traced, environment={"load": float("inf"), "versions": {1: {2.5}}})
    assert document(strange)["environment"] == {"load": "inf", "versions": {"1": [2.5]}}


def test_junit_has_the_same_totals(mixed: Matrix) -> None:
    root = ET.fromstring(junit.render(mixed))
    summary = mixed.summary
    cases = list(root.iter("testcase"))
    assert len(cases) == summary.requirements + len(mixed.findings) == int(root.get("tests", 0))
    failures = [case.find("failure") for case in cases if case.find("failure") is not None]
    kinds = [one.get("type") for one in failures if one is not None]
    assert kinds.count("failed") == summary.failed
    assert kinds.count("not run") == summary.not_run
    assert kinds.count("untested") == summary.untested
    assert kinds.count("unimplemented") == summary.unimplemented
    assert int(root.get("skipped", 0)) == summary.excluded
    assert int(root.get("failures", 0)) == len(kinds)
    assert sum(not list(case) for case in cases) == summary.verified


def test_junit_counts_of_suites_add_up(mixed: Matrix) -> None:
    root = ET.fromstring(junit.render(mixed))
    for attribute in ("tests", "failures", "errors", "skipped"):
        suites = [int(suite.get(attribute, "x")) for suite in root.iter("testsuite")]
        assert int(root.get(attribute, "x")) == sum(suites)


def test_empty_junit_is_an_error(shop: Project) -> None:
    traced = shop.matrix()
    empty = replace(traced, requirements=(), findings=())
    assert ET.fromstring(junit.render(empty)).get("errors") == "1"


def test_terminal_has_the_same_totals_and_the_worst_first(mixed: Matrix) -> None:
    text = terminal.render(mixed, 80)
    lines = text.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[:3] == [
        "What falls short",
        "failed:",
        "  US1-AS1  the bill | has 1 line ?[31m<b>\ufffe?",
    ]
    assert lines[3].split() == ["also", "FR-001"]  # the same reason is said once
    order = [line for line in lines if line.endswith(":")]
    assert order == ["failed:", "untested:", "not run:", "unimplemented:"]
    assert "functional requirements  0 of 3 verified, 1 failed, 1 untested, 1 not run" in lines
    assert "scenarios                2 of 3 run passed, 1 failed, 2 not run" in lines
    assert "0 of 6 requirements verified, 1 excluded by the spec" in text
    assert "Not conformant" in text
    assert "\x1b" not in text


def test_terminal_lists_findings_with_their_place(mixed: Matrix) -> None:
    text = terminal.render(mixed, 80)
    assert "spec.md:12: requirement-without-scenario" in text
    assert "features/losses.feature:9: skipped-scenario" in text


def test_terminal_replaces_what_its_encoding_cannot_write(shop: Project) -> None:
    shop.replace("spec.md", "MUST sell", "MUST – sell")
    shop.results[CAKE] = (Result.FAILED, "– no cake")
    text = terminal.render(shop.matrix(), 80, "index.html", "ascii")
    assert text.isascii()
    assert "? no cake" in text
    assert text.endswith("Report: index.html\n")


def test_markdown_has_the_same_totals(mixed: Matrix) -> None:
    text = markdown.render(mixed)
    rows = re.findall(r"^\| \[[A-Z][^|]*\| .* \| (\S[^|]*?) \| .* \|$", text, re.MULTILINE)
    assert len(rows) == mixed.summary.requirements
    assert text.count("| **failed** |") == mixed.summary.failed
    assert text.count("| **not run** |") == mixed.summary.not_run
    assert text.count("| **untested** |") == mixed.summary.untested
    assert "Scenarios: 2 of 3 run passed, 1 failed, 2 not run." in text
    assert "| functional requirements | 3 | 0 | 1 | 1 | 1 | 0 | 0 |" in text
    for finding in mixed.findings:
        assert f"**{finding.kind}** [" in text


def test_markdown_escapes_and_links(shop: Project) -> None:
    shop.replace(SHOP, "Buy cake", "Buy __cake__, snake_case and $x$")
    text = markdown.render(shop.matrix(), "docs/matrix.md")
    assert text.startswith("# A \\| shop &lt;&amp;&gt;: traceability matrix\n")
    assert "The shop MUST sell `cake\\|pie` from `/{shop_id}`." in text
    assert "not &lt;b&gt;two&lt;/b&gt;" in text
    assert f"[Buy \\_\\_cake\\_\\_, snake_case and \\$x\\$](../{SHOP}#L7)" in text
    assert f"[Buy &lt;what&gt;](../{SHOP}#L14) (2 examples)" in text
    assert "[`sell`](../app/shop.py#L4)" in text
    cells = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if "FR-00" in line}
    assert cells == {6}


def test_markdown_does_not_depend_on_the_run(shop: Project) -> None:
    expected = markdown.render(shop.matrix())
    shop.order = -1
    shop.lines[LOST] = frozenset({7, 8, 16})
    assert markdown.render(shop.matrix()) == expected
    other = read_evidence(shop.record())
    its = read_project(shop.config)
    slower = {
        name: replace(one, seconds=9.0, exchanges=()) for name, one in other.scenarios.items()
    }
    ran = replace(other, scenarios=slower, environment={"python": "4"})
    rules = Rules.from_config(shop.config)
    traced = build_matrix(its.spec, its.features, its.sources, ran, rules)
    assert markdown.render(traced) == expected


def test_reports_of_hostile_text_are_written(mixed: Matrix, tmp_path: Path) -> None:
    files = write_reports(mixed, tmp_path / "out")
    for file in files:
        assert "1 line" in file.read_text(encoding="utf-8")


def test_reports_are_written_together(shop: Project) -> None:
    traced = shop.matrix()
    files = write_reports(traced, shop.folder / "out", shop.folder)
    assert [file.name for file in files] == ["index.html", "matrix.md", "matrix.json", "junit.xml"]
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    assert texts["matrix.md"] == markdown.render(traced, "out/matrix.md")
    assert "](../spec.md?plain=1#L10)" in texts["matrix.md"]
    assert texts["index.html"] == render_page(traced)
    assert json.loads(texts["matrix.json"])["summary"] == asdict(traced.summary)


def test_a_finding_makes_every_report_not_conformant(shop: Project) -> None:
    traced = replace(shop.matrix(), findings=(Finding("odd", "something is odd", TEA[:-3], 1),))
    assert document(traced)["conformant"] is False
    assert "Not conformant" in markdown.render(traced)
    assert "Not conformant" in terminal.render(traced)
    assert ET.fromstring(junit.render(traced)).get("failures") == "1"


def test_reports_say_what_changed_since_a_base(shop: Project, mixed: Matrix) -> None:
    folder = shop.folder / "out"
    before = Project(shop.folder / "before").matrix()
    base = parse_matrix(render_json(before).encode(), Path("base.json"))
    write_reports(mixed, folder, shop.folder)
    plain = (folder / "matrix.md").read_text("utf-8")
    write_reports(mixed, folder, shop.folder, base)
    text = (folder / "matrix.md").read_text("utf-8")
    summary, changes, rest = re.split(r"^## ", text, maxsplit=2, flags=re.MULTILINE)
    assert changes.startswith("What changed since the base\n\n**Worse than before: ")
    assert "### Newly failing (2)" in changes
    assert "- [FR-001](../spec.md?plain=1#L10) **verified → failed**: " in changes
    assert "### Added requirements (1)" in changes
    assert f"{summary}## {rest}" == plain


@pytest.mark.parametrize("count", [20, 21])
def test_many_changes_of_a_kind_are_folded(mixed: Matrix, count: int) -> None:
    more = tuple(Finding("odd", f"number {one}", "a.py", one) for one in range(1, count + 1))
    runs = [
        parse_matrix(render_json(traced).encode(), Path("m.json"))
        for traced in (mixed, replace(mixed, findings=mixed.findings + more))
    ]
    text = render_markdown(compute_difference(*runs))
    assert text.count("<details>") == text.count("</details>") == (count > 20)
    assert text.count("**odd**") == count


def test_json_says_what_differs_from_which_clarification(differing: Matrix) -> None:
    parsed = document(differing)
    assert parsed["summary"]["differs"] == 2
    assert (parsed["conformant"], parsed["strict"]) == (True, False)
    differs = {one["id"]: one["differs_from"] for one in parsed["requirements"]}
    assert (differs["FR-001"], differs["FR-002"]) == ([], ["CL-01"])
    first = parsed["clarifications"][0]
    assert (first["id"], first["outcome"], first["scenarios"]) == ("CL-01", "differs", [WARM_MILK])
    resting = [one["id"] for one in parsed["scenarios"] if one["clarifications"]]
    assert resting == [WARM_MILK]


def test_junit_fails_what_differs_only_where_it_is_strict(differing: Matrix) -> None:
    lenient = ET.fromstring(junit.render(differing))
    assert lenient.get("failures") == "0"
    skipped = [one.get("message", "") for one in lenient.iter("skipped")]
    assert "differs from CL-01 only: Buy milk: cold <milk>" in skipped
    strict = ET.fromstring(junit.render(replace(differing, strict=True)))
    assert [one.get("type") for one in strict.iter("failure")] == ["differs", "differs"]


def test_terminal_keeps_what_differs_apart_from_what_falls_short(differing: Matrix) -> None:
    text = terminal.render(differing, 80)
    lines = text.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("Differs from a clarification")
    assert lines[1] == "  CL-01    1 of 1 scenario: Buy milk: cold <milk>"
    assert "2 differ from a clarification only" in text.replace("\n", " ")
    strict = terminal.render(replace(differing, strict=True), 80)
    assert "\ndiffers:\n  US1-AS1  CL-01: cold <milk>\n           also FR-002\n" in strict


def test_markdown_keeps_what_differs_apart_from_what_falls_short(differing: Matrix) -> None:
    text = markdown.render(differing)
    assert "## What falls short" not in text
    below = text.partition("## What differs from a clarification\n")[2]
    assert "[CL-01](../spec.md?plain=1#L26) **differs**: Q: Is milk sold warm?" in below
    assert "  - US1-AS1, FR-002: 1 of 1 scenario: Buy milk: cold &lt;milk&gt;" in below
    assert "(2 examples) (1 of them on CL-01) **1 failed**" in below
    assert "## What falls short" in markdown.render(replace(differing, strict=True))


def test_page_has_the_clarifications_and_their_scenarios(differing: Matrix) -> None:
    data = payload(differing)
    first, second = data["clarifications"]
    assert (first[0], data["texts"][first[1]], first[3]) == (
        "CL-01",
        "Q: Is milk sold warm? → A: It is.",
        "differs",
    )
    at = data["ranges"][first[4]]
    assert [differing.scenarios[n].scenario.id for n in at[:1]] == [WARM_MILK]
    assert (second[3], data["texts"][second[5]]) == ("untested", "FR-001 says so.")
    assert "2 differ from a clarification only" in data["sentence"]


def with_failures(traced: Matrix, count: int) -> Matrix:
    """Return the matrix with so many failed requirements, each with a reason of its own."""
    first = traced.requirements[0]
    failures = tuple(
        Failure(
            f"{number} instead of 200",
            ("in this case", "in another case"),
            (f"GET /a/long/path/of/an/operation/number/{number}",),
            "200",
            str(number),
            (first.scenarios[0].scenario.id,),
            (f"FR-{number:03}",),
        )
        for number in range(count)
    )
    requirements = tuple(
        replace(
            first,
            requirement=replace(first.requirement, id=one.requirements[0]),
            verdict=Verdict.FAILED,
            reason=one.text,
            scenarios=first.scenarios,
        )
        for one in failures
    )
    return replace(traced, requirements=requirements, failures=failures)


@pytest.mark.parametrize("count", [1, 20, 100])
def test_terminal_has_at_most_60_lines(mixed: Matrix, count: int) -> None:
    findings = tuple(Finding("odd", "word " * 40, "a.py", line) for line in range(1, 3))
    text = terminal.render(replace(with_failures(mixed, count), findings=findings), 80, "x.html")
    lines = text.splitlines()
    assert len(lines) <= 58  # two lines of the command that prints it follow
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "What falls short"
    assert ("more reasons: see the report" in text) == (count > 20)
    if count == 20:
        assert all(f" {number} instead of 200 in 2 cases" in text for number in range(count))


def test_markdown_links_lead_to_the_files_from_outside_the_project(
    shop: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "reports"
    write_reports(shop.matrix(), outside, shop.folder)
    text = (outside / "matrix.md").read_text("utf-8")
    targets = set(re.findall(r"\]\(([^)#?]+)[^)]*\)", text))
    assert {Path(target).name for target in targets} >= {"spec.md", "shop.feature", "shop.py"}
    assert all((outside / target).is_file() for target in targets)


def test_markdown_links_of_judged_code_lead_to_its_own_folder(
    shop: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    code = tmp_path_factory.mktemp("server")
    (code / "app").mkdir()
    (code / "app" / "shop.py").write_text("")
    write_reports(shop.matrix(), shop.folder / "out", shop.folder, code_root=code)
    text = (shop.folder / "out" / "matrix.md").read_text("utf-8")
    target = re.search(r"\[`sell`]\(([^)#]+)#", text)
    assert target
    assert (shop.folder / "out" / target[1]).resolve() == (code / "app" / "shop.py").resolve()
