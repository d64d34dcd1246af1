"""The search and the keys reach everything without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.report_tab import ReportTab


def test_slash_opens_the_search_and_finds_while_typing(report: ReportTab) -> None:
    page = report.page
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("overdue branch 22")
    expect(page.locator("h1")).to_have_text("Search")
    hits = page.locator(".search-rows tbody tr")
    expect(hits.first).to_contain_text("Requirement")
    expect(hits.first.locator("mark").first).to_be_visible()
    assert report.address == "search?q=overdue+branch+22"
    page.keyboard.press("Enter")
    expect(hits.first.locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".statement")).to_contain_text("FR-023")
    page.go_back()
    expect(page.locator("#search")).to_have_value("overdue branch 22")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Not everything promised was shown")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("FR-023", "Requirement"),
        ("case 41.1", "Scenario"),
        ('"On branches 40', "Scenario"),  # in a body
        ("server: made up", "Scenario"),  # in a header
        ("Index Scan using", "Scenario"),  # in a query plan
        ("got 404", "Scenario"),  # in the message of a step
        ("Nobody reads unseen", "Spec"),
        ("rule_41", "Code"),
        ("raise NotLent", "Line of code"),
        ("FR-999", "Finding"),
    ],
)
def test_the_search_covers_everything(report: ReportTab, words: str, kind: str) -> None:
    page = report.page
    page.keyboard.press("/")
    page.keyboard.type(words)
    hits = page.locator(".search-rows tbody tr", has_text=kind)
    expect(hits.first.locator("mark").first).to_be_visible()
    expect(page.get_by_role("status")).not_to_contain_text("nothing found")


def test_a_search_that_finds_nothing_says_so(report: ReportTab) -> None:
    page = report.open_view("search?q=unheard-of")
    expect(page.get_by_role("status")).to_have_text("“unheard-of”: nothing found")


def test_keys_move_between_rows_and_requirements(report: ReportTab) -> None:
    page = report.page
    page.keyboard.press("m")
    expect(page.locator("h1")).to_have_text("Matrix")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="FR-002", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("FR-002")
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("FR-003")
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(page.locator("h1")).to_contain_text("FR-001")
    page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text("Not everything promised was shown")


def test_the_help_lists_the_keys_and_typing_does_not_trigger_them(report: ReportTab) -> None:
    page = report.page
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next and previous row")
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("mop")
    assert report.address == "search?q=mop"
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_focused()


def test_tab_reaches_the_content_at_once(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-002")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".statement a").first).to_be_focused()
    skip = page.get_by_role("link", name="Skip to the content")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert report.address == "requirement/FR-002"


def test_a_folded_scenario_opens_by_key(report: ReportTab) -> None:
    page = report.open_view("requirement/FR-002")
    folded = page.locator("details.scenario > summary").nth(1)
    folded.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.scenario").nth(1).locator(".step").first).to_be_visible()
