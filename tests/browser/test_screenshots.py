"""Screenshots of the report at three widths, in light and dark mode, for people to look at.

They are kept in build/browser. That of the README is taken in the same way from the report of the
last acceptance run: `nox -s browser -- --readme-picture`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, SCREENSHOT_FOLDER
from tests.browser.report_tab import DESKTOP, PHONE, TABLET, ColorScheme, OpenReport

ACCEPTANCE_REPORT = ROOT / "build" / "traceability" / "index.html"
README_SCREENSHOT = ROOT / "docs" / "report.png"
SCREENSHOT_ADDRESSES = {
    "overview": "",
    "matrix": "matrix?sort=verdict",
    "requirement": "requirement/FR-010",
    "spec": "spec?line=38",
    "source": "source/library/branch_3.py",
    "endpoints": "endpoints",
    "search": "search?q=overdue",
}
WIDTHS = {"1440": DESKTOP, "768": TABLET, "375": PHONE}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_screenshots(open_report: OpenReport, mixed: Path, width: str, scheme: ColorScheme) -> None:
    report = open_report(mixed, size=WIDTHS[width], scheme=scheme)
    SCREENSHOT_FOLDER.mkdir(parents=True, exist_ok=True)
    for name, address in SCREENSHOT_ADDRESSES.items():
        page = report.change_address(address)
        expect(page.locator("h1")).to_be_visible()
        content = page.screenshot(path=SCREENSHOT_FOLDER / f"{name}-{width}-{scheme}.png")
        assert content.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", SCREENSHOT_ADDRESSES)
def test_pdf(open_report: OpenReport, mixed: Path, name: str) -> None:
    page = open_report(mixed).open_view(SCREENSHOT_ADDRESSES[name])
    content = page.pdf(path=SCREENSHOT_FOLDER / f"{name}.pdf", format="A4")
    assert content.startswith(b"%PDF-")


def test_the_screenshot_of_the_readme(
    open_report: OpenReport, mixed: Path, pytestconfig: pytest.Config
) -> None:
    """A requirement with its sentence, an exchange, and the code that ran."""
    wanted = pytestconfig.getoption("readme_picture")
    assert ACCEPTANCE_REPORT.is_file() or not wanted, (
        "there is no report: run nox -s acceptance first"
    )
    report = open_report(
        ACCEPTANCE_REPORT if ACCEPTANCE_REPORT.is_file() else mixed, size=(1280, 880)
    )
    page = report.open_view("requirement/FR-009")
    expect(page.locator(".wire").first).to_be_visible()
    expect(page.locator(".code-line.ran").first).to_be_visible()
    content = page.screenshot(path=SCREENSHOT_FOLDER / "readme.png")
    if wanted:
        README_SCREENSHOT.write_bytes(content)
    assert len(content) < 200 * 1024
