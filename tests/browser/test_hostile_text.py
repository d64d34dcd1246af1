"""Text of spec, features, bodies and code is shown, and never run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE
from tests.browser.report_tab import VIEWS, OpenReport, ReportTab
from tests.traceability.report.page.matrices import matrix
from traceability.model import Matrix

PLACES = {
    "the spec": ("spec", ".stated"),
    "a requirement": ("requirement/FR-002", "blockquote"),
    "a feature": ("requirement/FR-002", ".scenario .step"),
    "a body": ("requirement/FR-001", ".wire .body"),
    "a message": ("requirement/FR-010", ".step .message"),
    "code": ("source/library/branch_0.py", ".code-line"),
    "a finding": ("findings", ".finding"),
    "the environment": ("", ".facts.brief"),
}


@pytest.mark.parametrize("place", PLACES)
def test_markup_is_text_in(open_report: OpenReport, hostile: Path, place: str) -> None:
    address, selector = PLACES[place]
    report = open_report(hostile)
    page = report.open_view(address)
    shown = page.locator(selector, has_text="</script><script>window.broken = 2</script>")
    expect(shown.first).to_be_visible()
    expect(shown.first).to_contain_text("<img src=x onerror='window.broken = 3'>")
    assert page.evaluate("window.broken") is None
    assert page.evaluate("document.scripts.length") == 2
    expect(page.locator("img")).to_have_count(0)


def test_no_view_runs_markup(open_report: OpenReport, hostile: Path) -> None:
    report = open_report(hostile)
    for address in (*VIEWS, f"search?q={HOSTILE[:30]}", f"matrix?q={HOSTILE[:30]}&kind=<b>"):
        page = report.change_address(address)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("window.broken") is None
    assert page.evaluate("document.scripts.length") == 2


def test_an_address_is_text_too(report: ReportTab) -> None:
    page = report.open_view("requirement/<img src=x onerror='window.broken = 4'>")
    expect(page.locator("main")).to_contain_text("<img src=x onerror='window.broken = 4'>")
    assert page.evaluate("window.broken") is None


def test_the_policy_stops_an_injected_script_and_image(
    open_report: OpenReport, write_report: Callable[[str, Matrix], Path]
) -> None:
    """A script that got into the file does not run, and an image is not loaded."""
    file = write_report("injected", matrix())
    text = file.read_text("utf-8")
    evil = "<script>window.broken = 5</script><img src='http://127.0.0.1:9/x.png'>"
    file.write_text(text.replace("</body>", f"{evil}</body>"), encoding="utf-8")
    report = open_report(file)
    stopped: list[str | None] = []
    report.page.on("requestfailed", lambda request: stopped.append(request.failure))
    assert report.open_view().evaluate("window.broken") is None
    assert stopped == ["csp"]
    refused = [one for one in report.problems if "Content Security Policy" in one]
    assert len(refused) == 2 * 2  # script and image, each of the two times that the page was opened
    report.problems.clear()


def test_bidirectional_control_characters_do_not_hide_code(
    open_report: OpenReport, write_report: Callable[[str, Matrix], Path]
) -> None:
    traced = matrix()
    first = traced.files[0]
    source = replace(first.source, text="access = '\u202eresu\u202c'\n" + first.source.text)
    file = write_report("turned", replace(traced, files=(replace(first, source=source),)))
    page = open_report(file).open_view(f"source/{first.source.path}")
    code = page.locator(".code-line code").first
    assert code.evaluate("node => getComputedStyle(node).unicodeBidi") == "bidi-override"
