"""The view of a requirement: its scenarios and exchanges beside its code; source and endpoints."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.report_tab import ReportTab


def test_scenarios_and_code_stand_side_by_side(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-002")
    expect(page.locator("blockquote")).to_contain_text("The library MUST return")
    expect(page.locator(".statement .verdict")).to_have_text("verified")
    proof, code = page.locator(".proof > section").all()
    left, right = proof.bounding_box(), code.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert left["y"] == right["y"]
    expect(proof.locator(".step .keyword").first).to_have_text("Given")
    expect(proof.locator(".wire").first).to_be_visible()
    expect(code.locator(".code-line.ran").first).to_be_visible()


def test_a_failure_shows_the_failed_step_and_the_steps_not_run(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-010")
    expect(page.locator(".statement")).to_contain_text("status 404, not 403")
    steps = page.locator(".scenario").first.locator(".step")
    marks = [one.get_attribute("class") for one in steps.all()]
    assert marks == ["step passed", "step passed", "step failed", "step not-run"]
    expect(steps.nth(2).locator(".message")).to_contain_text("expected 403, got 404")
    expect(steps.nth(3).locator(".time")).to_have_text("not run")


def test_an_exchange_has_headers_body_and_a_curl_command(report: ReportTab) -> None:
    report.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = report.open_view("requirement/FR-003")
    wire = page.locator(".wire").first
    expect(wire.locator(".start").first).to_contain_text("PUT /api/reader")
    expect(wire.get_by_text("authorization", exact=True)).to_be_visible()
    expect(wire.get_by_text("host", exact=True)).to_have_count(0)  # under "more headers"
    body = wire.locator(".body").first.text_content() or ""
    assert '\n  "price": 1.50,\n' in body  # as sent, only with line breaks
    assert json.loads(body)["tags"] == []
    wire.get_by_role("button", name="Copy").click()
    expect(wire.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl -i")
    assert '-H "Authorization: Bearer $TOKEN"' in copied
    assert "--data-raw" in copied
    assert "redacted" not in copied


def test_measurements_are_drawn_with_their_limit(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-008")
    chart = page.locator(".measurement .chart").first
    expect(chart.locator(".limit-name")).to_have_text("limit 3 s")
    assert chart.locator(".sample").count() > 5
    expect(page.locator(".measurement").first).to_contain_text("within the limit of 3 s")
    expect(page.locator(".measurement .detail").first).to_contain_text("Index Scan using")


def test_code_shows_its_evidence_and_the_most_specific_comes_first(
    report: ReportTab,
) -> None:
    page = report.open_view("requirement/FR-002")
    strengths = page.locator(".code-place .strength")
    expect(strengths).to_have_text(["claimed and measured", "measured only"])
    expect(page.locator(".code-place .sharing").first).to_contain_text("this requirement alone")
    expect(page.locator(".code-place .sharing").last).to_contain_text("20 of 96 requirements")
    block = page.locator(".code-place").first
    assert block.locator(".code-line.ran").count() == 4
    assert block.locator(".code-line.idle").count() == 1
    report.change_address("requirement/FR-040")
    expect(page.locator(".code-place .strength")).to_have_text(["claimed only"])


def test_a_requirement_without_scenario_and_code_says_so(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-030")
    expect(page.get_by_text("No scenario carries this id.").last).to_be_visible()
    expect(page.get_by_text("No code is claimed, and none was measured.")).to_be_visible()
    page.get_by_role("link", name="next: FR-031").click()
    expect(page.locator("h1")).to_contain_text("FR-031")


def test_the_source_names_the_requirements_of_each_line(report: ReportTab) -> None:
    page = report.open_view("source/library/branch_3.py")
    line = page.locator(".code-line", has_text="loan = loans.find").first
    expect(line.locator(".line-margin .id")).to_contain_text("FR-")
    untraced = page.locator(".code-line.idle").first
    expect(untraced.locator(".line-margin")).to_have_text("untraced")
    line.locator(".line-margin .id").first.click()
    expect(page.locator(".statement")).to_be_visible()


def test_a_status_of_an_endpoint_leads_to_its_scenarios(report: ReportTab) -> None:
    page = report.open_view("endpoints")
    row = page.get_by_role("row").filter(has_text="DELETE /api/{id}/loans/{id}")
    cell = row.get_by_role("link", name="with 422")
    count = int(cell.text_content() or 0)
    cell.click()
    expect(page.get_by_role("status")).to_have_text(f"{count} scenarios")
    expect(page.locator(".chip[aria-current]")).to_have_text("422")
    expect(page.locator(".scenario-rows tbody tr")).to_have_count(count)
    page.locator(".scenario-rows a").first.click()
    expect(page.locator(".exchange .status").first).to_have_text("422")
