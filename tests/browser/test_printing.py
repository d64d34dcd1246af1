"""Printed, a report is complete: all rows, every scenario's steps, dark ink on white paper."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.report_tab import OpenReport, ReportTab


def pages(page: Page) -> int:
    content = page.pdf(format="A4")
    assert content.startswith(b"%PDF-")
    return len(re.findall(rb"/Type\s*/Page\b", content))


def before_printing(page: Page) -> None:
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")


def test_the_matrix_is_printed_with_all_its_rows(report: ReportTab) -> None:
    page = report.open_view("matrix?verdict=verified")
    assert 3 <= pages(page) <= 16
    before_printing(page)
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator(".chip")).to_be_visible()
    assert (
        page.locator(".matrix-rows").evaluate("node => getComputedStyle(node).display") == "table"
    )
    for name in ("c-verdict", "c-id", "c-text", "c-scenarios", "c-code"):
        box = page.locator(f".matrix-rows tbody .{name}").first.bounding_box()
        assert box
        assert box["width"] > 60, name


def test_rows_outside_the_viewport_are_printed(open_report: OpenReport, large: Path) -> None:
    page = open_report(large).open_view("matrix?kind=SR")
    count = 600
    expect(page.get_by_role("status")).to_have_text(f"{count} of 5,000 requirements")
    rows = page.locator(".matrix-rows tbody tr:not(.spacer)")
    assert rows.count() < 100
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(rows).to_have_count(count)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert rows.count() < 100


def test_the_steps_of_every_scenario_are_printed(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-010")
    closed = page.locator("details.scenario").nth(1)
    expect(closed.locator(".step").first).to_be_hidden()
    before_printing(page)
    expect(closed.locator(".step").first).to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(closed.locator(".step").first).to_be_hidden()
    assert pages(page) >= 2


def test_printing_is_light_in_dark_mode(open_report: OpenReport, mixed: Path) -> None:
    page = open_report(mixed, scheme="dark").page
    ink = "getComputedStyle(document.body).color"
    light_on_dark = page.evaluate(ink)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ink) == "rgb(29, 28, 26)" != light_on_dark
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
