"""Pictures of the report at three widths, in light and dark, for people to look at.

They are kept in build/browser. The one of the README is made in the same way from the report of the
last acceptance run: `nox -s browser -- --readme-picture`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, SCREENSHOTS
from tests.browser.reading import DESK, PHONE, TABLET, Open, Scheme

RUN = ROOT / "build" / "traceability" / "index.html"
README_PICTURE = ROOT / "docs" / "report.png"
PICTURES = {
    "overview": "",
    "matrix": "matrix?sort=verdict",
    "requirement": "requirement/FR-010",
    "spec": "spec?line=38",
    "source": "source/library/branch_3.py",
    "endpoints": "endpoints",
    "search": "search?q=overdue",
}
WIDTHS = {"1440": DESK, "768": TABLET, "375": PHONE}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures(open_report: Open, mixed: Path, width: str, scheme: Scheme) -> None:
    report = open_report(mixed, size=WIDTHS[width], scheme=scheme)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for name, address in PICTURES.items():
        page = report.follow(address)
        expect(page.locator("h1")).to_be_visible()
        content = page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
        assert content.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PICTURES)
def test_printed(open_report: Open, mixed: Path, name: str) -> None:
    page = open_report(mixed).go(PICTURES[name])
    content = page.pdf(path=SCREENSHOTS / f"{name}.pdf", format="A4")
    assert content.startswith(b"%PDF-")


def test_the_picture_of_the_readme(
    open_report: Open, mixed: Path, pytestconfig: pytest.Config
) -> None:
    """A requirement with its sentence, what was sent and answered, and the code that ran."""
    wanted = pytestconfig.getoption("readme_picture")
    assert RUN.is_file() or not wanted, "there is no report: run nox -s acceptance first"
    report = open_report(RUN if RUN.is_file() else mixed, size=(1280, 880))
    page = report.go("requirement/FR-009")
    expect(page.locator(".wire").first).to_be_visible()
    expect(page.locator(".code-line.ran").first).to_be_visible()
    content = page.screenshot(path=SCREENSHOTS / "readme.png")
    if wanted:
        README_PICTURE.write_bytes(content)
    assert len(content) < 200 * 1024
