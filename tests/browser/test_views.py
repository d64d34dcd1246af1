"""The overview and the spec of a report that is opened from a file, and all links between views."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.report_tab import VIEWS, OpenReport, ReportTab
from tests.traceability.report.page.matrices import matrix
from traceability.model import Verdict


def test_the_verdict_and_what_falls_short_come_first(report: ReportTab) -> None:
    page, summary = report.page, matrix().summary
    expect(page.locator("h1")).to_have_text("Not everything promised was shown")
    sentence = page.locator(".sentence")
    expect(sentence).to_contain_text(f"{summary.failed} failed")
    expect(sentence).to_contain_text(f"{summary.scenarios_not_run} did not run")
    expect(sentence).to_contain_text("2 findings")
    expect(page.locator(".facts.brief")).to_contain_text("9fceb02d0ae598e95dc9")
    headings = page.locator("h2").all_text_contents()
    assert headings[0].startswith("What falls short (")
    verdicts = page.locator("ul.shortfalls").first.locator(".verdict").all_text_contents()
    assert Verdict.DIFFERS not in verdicts
    assert verdicts == sorted(verdicts, key=lambda one: list(Verdict).index(Verdict(one)))


def test_what_differs_from_a_clarification_stands_apart(report: ReportTab) -> None:
    page, summary = report.page, matrix().summary
    expect(page.locator(".sentence")).to_contain_text(
        f"{summary.differs} differ from a clarification only"
    )
    section = page.locator("section", has_text="What differs from a clarification (1)").last
    expect(section.locator(".verdict")).to_have_text("differs")
    expect(section).to_contain_text("May a book be late?")
    colours = {
        kind: page.locator(f".square.{kind}").first.evaluate(
            "node => getComputedStyle(node).backgroundColor"
        )
        for kind in ("differs", "failed", "verified")
    }
    assert len(set(colours.values())) == 3
    section.locator("a.id").click()
    expect(page.locator(".state")).to_contain_text("Clarification: CL-01, differs")
    expect(page.locator(".rows .c-verdict .verdict")).to_have_text(["differs"] * summary.differs)
    page.locator(".rows a.id").first.click()
    expect(page.locator("header .reason")).to_contain_text("differs from CL-01 only")
    expect(page.locator(".scenario.failed .strength").first).to_have_text("CL-01")
    expect(page.locator(".scenario.failed .inside").first).to_contain_text("Rests on CL-01: Q: May")


def test_every_requirement_is_a_square_in_the_colour_of_its_verdict(report: ReportTab) -> None:
    squares = report.page.locator(".square")
    expect(squares).to_have_count(100)
    failed = [one for one in matrix().requirements if one.verdict is Verdict.FAILED]
    expect(report.page.locator(".square.failed")).to_have_count(len(failed))
    shown = {
        one.evaluate("node => getComputedStyle(node).backgroundColor") for one in squares.all()
    }
    assert len(shown) > 3


def test_a_healthy_report_says_so(open_report: OpenReport, healthy: Path) -> None:
    page = open_report(healthy).page
    expect(page.locator("h1")).to_have_text("Everything promised was shown")
    expect(page.locator(".conclusion")).to_contain_text("No requirement falls short.")
    expect(page.get_by_role("heading", name="What falls short")).to_have_count(0)


def test_a_known_deviation_says_why_and_is_no_pass(
    open_report: OpenReport, accepted_report: Path
) -> None:
    report = open_report(accepted_report)
    page = report.page
    expect(page.locator("h1")).to_have_text("Accepted, with known deviations")
    expect(page.locator(".sentence")).to_contain_text("1 failed as known")
    expect(page.locator("ul.shortfalls .known")).to_have_text("Known deviation: next release")
    expect(page.locator("ul.shortfalls .verdict")).to_have_text("failed")
    page.locator("ul.shortfalls a.id").first.click()
    expect(page.locator("header .known")).to_have_text("Known deviation: next release")


def test_every_link_leads_somewhere(report: ReportTab) -> None:
    by_view: dict[str, set[str]] = defaultdict(set)
    for view in VIEWS:
        page = report.change_address(view)
        for link in page.locator("a[href]").evaluate_all("all => all.map(one => one.hash)"):
            assert link.startswith("#/"), link
            by_view[link.split("/")[1].partition("?")[0]].add(link.removeprefix("#/"))
    assert {"", "matrix", "requirement", "scenario", "feature", "source", "endpoint"} <= set(
        by_view
    )
    for links in by_view.values():
        for address in sorted(links)[:: max(1, len(links) // 12)]:
            page = report.change_address(address)
            expect(page.locator("h1")).not_to_have_text("Not in this report")


def test_an_unknown_address_says_so(report: ReportTab) -> None:
    for address in ("requirement/FR-999", "nothing/at/all", "scenario/%E0%A4%A", "source/x.py"):
        page = report.open_view(address)
        expect(page.locator("h1")).to_have_text("Not in this report")
        page.get_by_role("link", name="Back to the overview").click()
        expect(page.locator("h1")).to_have_text("Not everything promised was shown")


def test_the_spec_is_shown_as_it_is_written(report: ReportTab) -> None:
    page = report.open_view("spec?line=38")
    stated = page.locator(".stated.target")
    expect(stated).to_be_in_viewport()
    expect(stated).to_contain_text("FR-010 The library MUST return a reader's loans")
    expect(stated).to_contain_text("failed")
    document = page.locator(".document")
    for words in (
        "Feature Specification: Lending library",
        "A library lends books.",
        "Nobody reads",
    ):
        expect(document).to_contain_text(words)
    expect(document.locator("em").first).to_have_text("lend")
    expect(document.locator("td")).to_have_text(["loans", "10"])
    expect(document.locator("pre")).to_have_text("lend(book) ")
    expect(document.locator(".stated")).to_have_count(100)


def test_requirements_that_lack_evidence_are_counted(report: ReportTab) -> None:
    """Requirements that lack evidence are counted apart from verified ones that do not need it."""
    rows = report.page.locator(".strengths tr")
    expect(rows.nth(0).locator(".words")).to_have_text("94 of 96 2 without", use_inner_text=True)
    expect(rows.nth(3).locator(".words")).to_have_text("90 of 96 6 without", use_inner_text=True)
    rows.nth(3).get_by_role("link").click()
    expect(report.page.get_by_role("status")).to_have_text("6 of 100 requirements")
    expect(report.page.locator(".c-verdict", has_text="verified")).to_have_count(0)
