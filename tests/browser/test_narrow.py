"""On a phone nothing is missing, and nothing is wider than the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.report_tab import PHONE, TABLET, VIEWS, OpenReport
from tests.browser.test_accessibility import DETAILS


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_no_view_is_wider_than_the_screen(
    open_report: OpenReport, mixed: Path, hostile: Path, size: tuple[int, int]
) -> None:
    for file in (mixed, hostile):
        report = open_report(file, size=size)
        for address in (*VIEWS, *DETAILS):
            page = report.change_address(address)
            expect(page.locator("h1")).to_be_visible()
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size[0], address


def test_nothing_is_cut_off_on_a_phone(open_report: OpenReport, mixed: Path) -> None:
    page = open_report(mixed, size=PHONE).open_view("requirement/FR-010")
    for selector in ("blockquote", ".statement .reason", ".step p", ".exchange .status"):
        box = page.locator(selector).first.bounding_box()
        assert box, selector
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= PHONE[0], selector
    size = page.locator(".step p").first.evaluate(
        "node => parseFloat(getComputedStyle(node).fontSize)"
    )
    assert size >= 14


def test_filters_are_folded_and_active_filters_stay_visible(
    open_report: OpenReport, mixed: Path
) -> None:
    page = open_report(mixed, size=PHONE).open_view("matrix?verdict=failed")
    kind = page.get_by_role("combobox", name="Kind")
    expect(kind).to_be_hidden()
    expect(page.locator(".chip")).to_have_text(["Verdict: failed ×"])
    expect(page.locator(".matrix-rows tbody tr").first).to_be_in_viewport()
    page.locator("summary", has_text="Filter").click()
    kind.select_option("SR")
    expect(page.locator(".chip")).to_have_count(2)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(kind).to_be_visible()
