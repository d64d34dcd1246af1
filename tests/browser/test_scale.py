"""With 5,000 of everything the page still opens and answers at once.

What is asserted is how little is drawn, which is the same on every machine. How long it takes is
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

from tests.browser.conftest import SCREENSHOTS
from tests.browser.reading import VIEWS, Open
from tests.traceability.report.page.matrices import Size, matrix
from traceability.model import Matrix
from traceability.report.page import render as report_page

NODES = 6_000
"""Elements at most, in any view: a tenth of what 5,000 rows would be."""
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


def test_every_view_draws_only_what_can_be_seen(open_report: Open, large: Path) -> None:
    assert large.stat().st_size < 5_000_000
    report = open_report(large)
    for address in VIEWS:
        page = report.follow(address)
        expect(page.locator("h1")).to_be_visible()
        assert nodes(page) < NODES, address


@pytest.mark.parametrize("address", ["matrix", "spec", "search?q=reader"])
def test_scrolling_to_the_end_draws_the_last_and_forgets_the_first(
    open_report: Open, large: Path, address: str
) -> None:
    page = open_report(large).go(address)
    rows = {"matrix": ".c-id a", "spec": ".stated .id"}.get(address, ".search-rows a")
    first = page.locator(rows).first.text_content()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator(rows).first).not_to_have_text(first or "")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    last = {"matrix": "C-200", "spec": "C-200"}.get(address)
    if last:
        expect(page.locator(rows).last).to_have_text(last)
    assert nodes(page) < NODES


def test_rows_are_numbered_for_those_who_do_not_see_them(open_report: Open, large: Path) -> None:
    page = open_report(large).go("matrix")
    table = page.get_by_role("table", name="Requirements")
    expect(table).to_have_attribute("aria-rowcount", "5001")
    page.mouse.wheel(0, 60_000)
    expect(page.locator("[data-at='0']")).to_have_count(0)
    row = page.locator(".matrix-rows tbody tr[data-at]").first
    index, at = row.get_attribute("aria-rowindex"), row.get_attribute("data-at")
    assert int(index or 0) == int(at or 0) + 2


def test_the_keyboard_walks_beyond_what_is_drawn(open_report: Open, large: Path) -> None:
    page = open_report(large).go("matrix")
    for _ in range(120):
        page.keyboard.press("j")
    expect(page.get_by_role("link", name="FR-120", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name="FR-120", exact=True)).to_be_in_viewport()


def test_a_filter_finds_what_is_not_drawn(open_report: Open, large: Path) -> None:
    page = open_report(large).go("matrix")
    page.get_by_role("searchbox", name="Words").fill("branch 4321.")
    expect(page.get_by_role("status")).to_have_text("1 of 5,000 requirements")
    page.get_by_role("searchbox", name="Words").fill("")
    page.get_by_role("combobox", name="Verdict").select_option("failed")
    expect(page.get_by_role("status")).to_have_text("96 of 5,000 requirements")


def test_a_long_file_is_drawn_where_one_looks(
    open_report: Open, written: Callable[[str, Matrix], Path]
) -> None:
    trace = matrix()
    first = trace.files[0]
    lines = "".join(f"line_{at} = {at}\n" for at in range(1, 10_001))
    source = replace(first.source, text=lines, executable=frozenset(range(1, 10_001)))
    file = written("long", replace(trace, files=(replace(first, source=source),)))
    page = open_report(file).go(f"source/{source.path}?line=6543")
    target = page.locator(".code-line.target")
    expect(target).to_be_in_viewport()
    expect(target.locator("code")).to_have_text("line_6543 = 6543")
    assert nodes(page) < NODES
    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator("[data-line='1']")).to_be_in_viewport()
    expect(page.locator("[data-line='6543']")).to_have_count(0)


def test_figures(open_report: Open, large: Path) -> None:
    """Nothing is asserted of these but that they could be taken: a busy machine is no defect."""
    trace = matrix(Size(5_000, scenarios_each=1))
    begin = time.process_time()
    report_page.render(trace)
    figures = {
        "bytes": float(large.stat().st_size),
        "rendered, s of CPU": time.process_time() - begin,
    }
    page = open_report(large).go()
    opened = "performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
    page.wait_for_function(f"() => {opened} > 0")
    figures["opened, s"] = page.evaluate(opened)
    page = open_report(large).go("matrix")
    actions = [("select[name=verdict]", "failed"), ("select[name=verdict]", "")]
    actions += [("select[name=kind]", "SC"), ("select[name=kind]", "")]
    actions += [("input[name=q]", "overdue"), ("input[name=q]", "")]
    filtered = [one for _ in range(ROUNDS) for one in page.evaluate(TIMED, actions)]
    figures |= {"filter, median ms": median(filtered), "filter, slowest ms": max(filtered)}
    searches = [("#search", words) for words in ("overdue", "overdue loan", "raise NotLent")]
    searched = [one for _ in range(ROUNDS) for one in page.evaluate(TIMED, searches)]
    figures |= {"search, median ms": median(searched), "search, slowest ms": max(searched)}
    text = json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "figures.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    assert all(value > 0 for value in figures.values())
