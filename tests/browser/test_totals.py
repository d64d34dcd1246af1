"""Page, Markdown, JSON, JUnit XML and terminal have the same totals, each parsed on its own."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import expect

from tests.browser.report_tab import OpenReport
from tests.traceability.report.page.matrices import matrix
from traceability.matrix import write
from traceability.model import Matrix, Verdict
from traceability.report import junit, markdown, sentences, terminal


@dataclass(frozen=True)
class Totals:
    """The numbers of a report; `verdicts` counts the verdicts of each kind of requirement."""

    verdicts: dict[str, dict[str, int]]
    passed: int
    failed: int
    not_run: int
    findings: int
    conformant: bool


def kind_of(name: str) -> str:
    """Return the kind that the report calls by this name."""
    return {words.capitalize(): kind for kind, words in sentences.KIND_NAMES.items()}.get(
        name, name
    )


def of_matrix(traced: Matrix) -> Totals:
    verdicts: dict[str, Counter[str]] = {}
    for one in traced.requirements:
        verdicts.setdefault(one.requirement.kind, Counter())[one.verdict] += 1
    summary = traced.summary
    return Totals(
        {kind: dict(found) for kind, found in verdicts.items()},
        summary.scenarios_passed,
        summary.scenarios_failed,
        summary.scenarios_not_run,
        len(traced.findings),
        traced.conformant,
    )


def of_page(open_report: OpenReport, file: Path) -> Totals:
    report = open_report(file)
    page = report.page
    conformant = page.locator("h1").inner_text() == "Everything promised was shown"
    verdicts = {}
    for row in page.locator(".bars:not(.strengths) tbody tr").all():
        words = row.locator(".counts").inner_text()
        found = re.findall(r"([\d,]+) (\D+?)(?=\s*(?:\d|$))", " ".join(words.split()))
        squares = Counter(
            (one.get_attribute("aria-label") or "").partition(": ")[2]
            for one in row.locator(".square").all()
        )
        counts = {verdict: int(count.replace(",", "")) for count, verdict in found}
        assert dict(squares) == counts  # squares and numbers agree
        verdicts[kind_of(row.locator("th").inner_text())] = counts
    for kind, counts in verdicts.items():
        for verdict, count in counts.items():
            report.change_address(f"matrix?kind={kind}&verdict={verdict.replace(' ', '+')}")
            expect(page.locator(".matrix-rows tbody tr")).to_have_count(count)
    report.change_address("features")
    lead = page.locator(".lead").inner_text()
    sums = Counter[str]()
    for words in page.locator("td.words").all_inner_texts():
        sums += outcome(words)
    assert outcome(lead.partition(": ")[2]) == sums  # the sum over the features is the total
    report.change_address("findings")
    findings = page.locator(".finding").count()
    return Totals(verdicts, sums["passed"], sums["failed"], sums["not run"], findings, conformant)


def outcome(words: str) -> Counter[str]:
    """Return the count of each result in a text such as `2 of 7 run failed, 1 not run`."""
    found = re.match(r"([\d,]+) of ([\d,]+)(?: run)? (passed|failed)(?:, ([\d,]+) not run)?", words)
    assert found, words
    some, ran, idle = (int((one or "0").replace(",", "")) for one in found.group(1, 2, 4))
    failed = some if found[3] == "failed" else ran - some
    return Counter({"passed": ran - failed, "failed": failed, "not run": idle})


def of_markdown(text: str) -> Totals:
    head = re.search(r"^\| kind \| ids \| (.*) \|$", text, re.MULTILINE)
    assert head
    columns = head[1].split(" | ")
    summary = text.partition("| --- | ---: |")[2].partition("\n\n")[0]
    verdicts = {}
    for name, _, cells in re.findall(r"^\| ([^|]+) \| (\d+) \| (.*) \|$", summary, re.MULTILINE):
        counts = zip(columns, map(int, cells.split(" | ")), strict=True)
        verdicts[kind_of(name.capitalize())] = {
            verdict: count for verdict, count in counts if count
        }
    rows = re.findall(
        r"^\| \[(?:[A-Z\d]+-)+\d+\]\([^|]*\| .* \| (\S[^|:]*?)(?::[^|]*)? \| .* \| .* \|$",
        text,
        re.MULTILINE,
    )
    assert Counter(row.strip("*") for row in rows) == sum(
        (Counter(counts) for counts in verdicts.values()), Counter()
    )
    run = re.search(r"Scenarios: (\d+) of \d+ run passed, (\d+) failed, (\d+) not run\.", text)
    assert run
    passed, failed, not_run = map(int, run.groups())
    findings = text.partition("## Findings")[2].partition("\n## ")[0]
    return Totals(verdicts, passed, failed, not_run, findings.count("\n- "), "**Conformant" in text)


def of_json(text: str) -> Totals:
    parsed = json.loads(text)
    verdicts: dict[str, Counter[str]] = {}
    for one in parsed["requirements"]:
        verdicts.setdefault(one["kind"], Counter())[one["verdict"]] += 1
    results = Counter(one["result"] for one in parsed["scenarios"])
    assert parsed["summary"]["scenarios_passed"] == results["passed"]
    return Totals(
        {kind: dict(found) for kind, found in verdicts.items()},
        results["passed"],
        results["failed"],
        results["not run"],
        len(parsed["findings"]),
        parsed["conformant"],
    )


def of_junit(text: str, of: Totals) -> Totals:
    """Return the totals of JUnit XML, which has no scenarios: their numbers are those of `of`."""
    verdicts: dict[str, Counter[str]] = {}
    findings = 0
    for case in ET.fromstring(text).iter("testcase"):
        failure, skipped = case.find("failure"), case.find("skipped")
        if case.get("classname") == "finding":
            findings += 1
            continue
        verdict = "verified" if failure is None else failure.get("type", "")
        if skipped is not None:
            differs = skipped.get("message", "").startswith("differs from ")
            verdict = "differs" if differs else "excluded"
        verdicts.setdefault(case.get("classname", ""), Counter())[verdict] += 1
    bad = ET.fromstring(text).get("failures") != "0"
    found = {kind: dict(counts) for kind, counts in verdicts.items()}
    return Totals(found, of.passed, of.failed, of.not_run, findings, not bad)


def of_terminal(text: str) -> Totals:
    verdicts = {}
    for kind, name in sentences.KIND_NAMES.items():
        line = re.search(rf"^{name}\s+((\d+) of \d+ verified.*)$", text, re.MULTILINE)
        if line:
            others = re.findall(r", (\d+) ([a-z ]+)", line[1])
            counts = {"verified": int(line[2])} | {verdict: int(one) for one, verdict in others}
            verdicts[kind] = {verdict: count for verdict, count in counts.items() if count}
    run = re.search(
        r"^scenarios\s+(\d+) of \d+ run passed, (\d+) failed, (\d+) not run", text, re.MULTILINE
    )
    assert run
    passed, failed, not_run = map(int, run.groups())
    found = re.search(r"(\d+) findings?\.\s*$", " ".join(text.split()))
    findings = int(found[1]) if found else 0
    return Totals(verdicts, passed, failed, not_run, findings, "\nConformant" in text)


@pytest.mark.parametrize("healthy", [False, True], ids=["mixed", "healthy"])
def test_all_reports_show_the_same_totals(
    open_report: OpenReport, write_report: Callable[[str, Matrix], Path], healthy: bool
) -> None:
    traced = matrix(healthy=healthy)
    expected = of_matrix(traced)
    assert set(expected.verdicts) == {"FR", "SR", "SC", "AS", "EC", "OS", "C"}
    if not healthy:
        assert {one for counts in expected.verdicts.values() for one in counts} == set(Verdict)
    assert of_json(write.render_json(traced)) == expected
    assert of_junit(junit.render(traced), expected) == expected
    assert of_markdown(markdown.render(traced)) == expected
    assert of_terminal(terminal.render(traced, 200)) == expected
    assert of_page(open_report, write_report(f"totals-{healthy}", traced)) == expected
