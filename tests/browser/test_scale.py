"""With 5,000 requirements, scenarios and places of code the page still reacts at once.

The tests assert how few elements are drawn, which is the same on every machine. The times are
measured in the browser, printed, and kept with the screenshots.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOT_FOLDER
from tests.browser.report_tab import VIEWS, OpenReport
from tests.traceability.report.page.matrices import Size, matrix
from traceability.model import Matrix
from traceability.report.page.render import render_page

NODES_AT_MOST = 6_000
"""Elements at most, in any view: a tenth of those that 5,000 rows would have."""
ROUNDS = 5
TIMED = """async (actions) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const times = [];
  for (const [selector, value] of actions) {
    const field = document.querySelector(selector);
    const begin = performance.now();
    field.value = value;
    const kind = field.tagName === "SELECT" ? "change" : "input";
    field.dispatchEvent(new Event(kind, {bubbles: true}));
    document.body.offsetHeight;
    times.push(performance.now() - begin);
    await drawn();
  }
  return times;
}"""


def nodes(page: Page) -> int:
    count: int = page.evaluate("document.querySelectorAll('*').length")
    return count


def test_every_view_draws_only_what_is_visible(open_report: OpenReport, large: Path) -> None:
    assert large.stat().st_size < 5_000_000
    report = open_report(large)
    for address in VIEWS:
        page = report.change_address(address)
        expect(page.locator("h1")).to_be_visible()
        assert nodes(page) < NODES_AT_MOST, address


@pytest.mark.parametrize("address", ["matrix", "spec", "search?q=reader"])
def test_scrolling_to_the_end_draws_the_last_and_removes_the_first(
    open_report: OpenReport, large: Path, address: str
) -> None:
    page = open_report(large).open_view(address)
    rows = {"matrix": ".c-id a", "spec": ".stated .id"}.get(address, ".search-rows a")
    first = page.locator(rows).first.text_content()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(rows).first).not_to_have_text(first or "")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    last = {"matrix": "C-200", "spec": "C-200"}.get(address)
    if last:
        expect(page.locator(rows).last).to_have_text(last)
    assert nodes(page) < NODES_AT_MOST


def test_rows_are_numbered_for_screen_readers(open_report: OpenReport, large: Path) -> None:
    page = open_report(large).open_view("matrix")
    table = page.get_by_role("table", name="Requirements")
    expect(table).to_have_attribute("aria-rowcount", "5001")
    page.mouse.wheel(0, 60_000)
    expect(page.locator("[data-at='0']")).to_have_count(0)
    row = page.locator(".matrix-rows tbody tr[data-at]").first
    index, at = row.get_attribute("aria-rowindex"), row.get_attribute("data-at")
    assert int(index or 0) == int(at or 0) + 2


def test_the_keyboard_reaches_rows_that_are_not_drawn(open_report: OpenReport, large: Path) -> None:
    page = open_report(large).open_view("matrix")
    for _ in range(120):
        page.keyboard.press("j")
    expect(page.get_by_role("link", name="FR-120", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name="FR-120", exact=True)).to_be_in_viewport()


def test_a_filter_finds_rows_that_are_not_drawn(open_report: OpenReport, large: Path) -> None:
    page = open_report(large).open_view("matrix")
    page.get_by_role("searchbox", name="Words").fill("branch 4321.")
    expect(page.get_by_role("status")).to_have_text("1 of 5,000 requirements")
    page.get_by_role("searchbox", name="Words").fill("")
    page.get_by_role("combobox", name="Verdict").select_option("failed")
    expect(page.get_by_role("status")).to_have_text("96 of 5,000 requirements")


def test_a_long_file_is_drawn_around_the_visible_lines(
    open_report: OpenReport, write_report: Callable[[str, Matrix], Path]
) -> None:
    trace = matrix()
    first = trace.files[0]
    lines = "".join(f"line_{at} = {at}\n" for at in range(1, 10_001))
    source = replace(first.source, text=lines, executable=frozenset(range(1, 10_001)))
    file = write_report("long", replace(trace, files=(replace(first, source=source),)))
    page = open_report(file).open_view(f"source/{source.path}?line=6543")
    target = page.locator(".code-line.target")
    expect(target).to_be_in_viewport()
    expect(target.locator("code")).to_have_text("line_6543 = 6543")
    assert nodes(page) < NODES_AT_MOST
    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator("[data-line='1']")).to_be_in_viewport()
    expect(page.locator("[data-line='6543']")).to_have_count(0)


def test_measure_render_open_filter_and_search(open_report: OpenReport, large: Path) -> None:
    """Only asserts that the times could be measured: a slow machine is no defect."""
    trace = matrix(Size(5_000, scenarios_each=1))
    begin = time.process_time()
    render_page(trace)
    figures = {
        "bytes": float(large.stat().st_size),
        "rendered, s of CPU": time.process_time() - begin,
    }
    page = open_report(large).open_view()
    opened = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
    page.wait_for_function(f"() => {opened} > 0")
    figures["opened, s"] = page.evaluate(opened)
    page = open_report(large).open_view("matrix")
    actions = [("select[name=verdict]", "failed"), ("select[name=verdict]", "")]
    actions += [("select[name=kind]", "SC"), ("select[name=kind]", "")]
    actions += [("input[name=q]", "overdue"), ("input[name=q]", "")]
    filtered = [one for _ in range(ROUNDS) for one in page.evaluate(TIMED, actions)]
    figures |= {"filter, median ms": median(filtered), "filter, slowest ms": max(filtered)}
    searches = [("#search", words) for words in ("overdue", "overdue loan", "raise NotLent")]
    searched = [one for _ in range(ROUNDS) for one in page.evaluate(TIMED, searches)]
    figures |= {"search, median ms": median(searched), "search, slowest ms": max(searched)}
    text = json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1)
    SCREENSHOT_FOLDER.mkdir(parents=True, exist_ok=True)
    (SCREENSHOT_FOLDER / "figures.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    assert all(value > 0 for value in figures.values())
