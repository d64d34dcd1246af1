"""The address alone filters and sorts the matrix, which names its active filters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.report_tab import ReportTab
from tests.traceability.report.page.matrices import matrix
from traceability.model import Result, TracedRequirement, Verdict

Filter = Callable[[TracedRequirement], bool]
FILE = "library/branch_2.py"
FILTERS: list[tuple[str, str, str, Filter]] = [
    ("Kind", "SR", "kind=SR", lambda one: one.requirement.kind == "SR"),
    ("Verdict", "not run", "verdict=not+run", lambda one: one.verdict is Verdict.NOT_RUN),
    (
        "What is missing",
        "run",
        "missing=run",
        lambda one: any(each.result is Result.NOT_RUN for each in one.scenarios),
    ),
    (
        "Feature",
        "features/returns-0.feature",
        "feature=features%2Freturns-0.feature",
        lambda one: any("returns" in each.scenario.feature for each in one.scenarios),
    ),
    (
        "Endpoint",
        "GET /api/{reader}/loans",
        "endpoint=GET+%2Fapi%2F%7Breader%7D%2Floans",
        lambda one: any(
            call.method == "GET" for each in one.scenarios for call in each.evidence.exchanges
        ),
    ),
    (
        "File",
        FILE,
        "file=library%2Fbranch_2.py",
        lambda one: any(place.path == FILE for place in one.code),
    ),
]


def shown(report: ReportTab) -> list[str]:
    return report.page.locator(".matrix-rows tbody .c-id").all_text_contents()


@pytest.mark.parametrize(("label", "value", "address", "matches"), FILTERS)
def test_each_filter(
    report: ReportTab, label: str, value: str, address: str, matches: Filter
) -> None:
    page = report.open_view("matrix")
    expected = [one.requirement.id for one in matrix().requirements if matches(one)]
    assert 0 < len(expected) < 100
    page.get_by_role("combobox", name=label, exact=True).select_option(value)
    expect(page.get_by_role("status")).to_have_text(f"{len(expected)} of 100 requirements")
    assert shown(report) == expected
    assert report.address == f"matrix?{address}"
    report.open_view(report.address)  # a link that a reader was sent shows the same
    assert shown(report) == expected
    expect(page.get_by_role("combobox", name=label, exact=True)).to_have_value(value)
    page.get_by_role("button", name=f"Remove the filter {label}").click()
    expect(page.get_by_role("status")).to_have_text("All 100 requirements")
    assert report.address == "matrix"


def test_the_active_filter_stays_in_sight(report: ReportTab) -> None:
    page = report.open_view("matrix?verdict=verified&kind=FR&q=library")
    chips = page.locator(".chip")
    expect(chips).to_have_text(
        ["Kind: Functional requirements ×", "Verdict: verified ×", "Words: library ×"]
    )
    page.locator(".matrix-rows tbody tr").last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 4000)
    for chip in chips.all():
        expect(chip).to_be_in_viewport()
    expect(page.get_by_role("status")).to_be_in_viewport()
    page.get_by_role("link", name="Clear all").click()
    expect(chips).to_have_count(0)


def test_sorting_by_each_heading_and_back(report: ReportTab) -> None:
    page = report.open_view("matrix")
    order = {verdict: at for at, verdict in enumerate(Verdict)}
    page.get_by_role("button", name="Verdict").click()
    expect(page.get_by_role("columnheader", name="Verdict")).to_have_attribute(
        "aria-sort", "ascending"
    )
    verdicts = page.locator(".c-verdict").all_text_contents()
    assert verdicts == sorted(verdicts, key=lambda one: order[Verdict(one)])
    page.get_by_role("button", name="Verdict").click()
    assert report.address == "matrix?sort=-verdict"
    assert page.locator(".c-verdict").all_text_contents()[0] == Verdict.EXCLUDED
    for heading in ("Scenarios", "Code", "Id"):
        page.get_by_role("button", name=heading).click()
        expect(page.get_by_role("columnheader", name=heading)).to_have_attribute(
            "aria-sort", "ascending"
        )
    assert shown(report) == [one.requirement.id for one in matrix().requirements]


def test_the_back_button_undoes_a_filter(report: ReportTab) -> None:
    page = report.open_view("matrix")
    page.get_by_role("combobox", name="Kind").select_option("SR")
    page.get_by_role("combobox", name="Verdict").select_option("verified")
    page.locator(".c-id a").first.click()
    expect(page.locator("h1")).to_contain_text("SR-")
    page.go_back()
    expect(page.locator(".chip")).to_have_count(2)
    page.go_back()
    expect(page.locator(".chip")).to_have_text(["Kind: Security requirements ×"])
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("All 100 requirements")
    page.go_forward()
    expect(page.locator(".chip")).to_have_count(1)


def test_going_back_restores_the_scroll_position(report: ReportTab) -> None:
    page = report.open_view("matrix")
    row = page.locator(".matrix-rows tbody tr").nth(60)
    row.scroll_into_view_if_needed()
    page.wait_for_function("() => history.state?.y > 500")
    before = page.evaluate("window.scrollY")
    row.locator(".c-id a").click()
    expect(page.locator(".statement")).to_be_visible()
    assert page.evaluate("window.scrollY") == 0
    page.go_back()
    expect(row).to_be_in_viewport()
    assert page.evaluate("window.scrollY") == before


def test_a_row_leads_to_its_scenario_and_its_code(report: ReportTab) -> None:
    page = report.open_view("matrix?verdict=failed")
    first = page.locator(".matrix-rows tbody tr").first
    first.locator(".c-scenarios a").click()
    expect(page.locator("h1")).to_contain_text("failed")
    page.go_back()
    page.locator(".matrix-rows tbody tr").first.locator(".c-code a").click()
    expect(page.locator(".code-line.target")).to_be_in_viewport()
