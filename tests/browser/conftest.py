"""Fixtures of the tests of the page: a Chromium, axe-core, and reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.report_tab import TIMEOUT_SECONDS, OpenReport, ReportTab, report_tab
from tests.traceability.report.page.matrices import Size, accepted, matrix
from traceability.model import Matrix
from traceability.report.page.render import render_page

ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
AXE = Path(
    os.environ.get("AXE_CORE", ROOT / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js")
)
SCREENSHOT_FOLDER = ROOT / "build" / "browser"
HOSTILE = (
    "<script>window.broken = 1</script></script><script>window.broken = 2</script>"
    "<img src=x onerror='window.broken = 3'><!-- {{script}} ]]>\u202e"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option to renew the screenshot that the README shows."""
    parser.addoption(
        "--readme-picture",
        action="store_true",
        help="write docs/report.png anew, from the report of the last acceptance run",
    )


def pytest_sessionstart() -> None:
    """Exit without a browser or axe-core, because skipped tests would look like passed ones."""
    expect.set_options(timeout=TIMEOUT_SECONDS * 1000)
    if not CHROMIUM.is_file():
        pytest.exit(
            f"there is no Chromium at {CHROMIUM}: install it (apt-get install chromium), "
            "or name another one in the environment variable CHROMIUM",
            returncode=2,
        )
    if not AXE.is_file():
        pytest.exit(
            f"there is no axe-core at {AXE}: run nox -s browser, which takes it from npm, "
            "or name its axe.min.js in the environment variable AXE_CORE",
            returncode=2,
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each test has its own profile in it."""
    with sync_playwright() as driver:
        # Without a sandbox: in a container, and as root, Chromium has no way to make one.
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_report(browser: Browser) -> Iterator[OpenReport]:
    """Return a function that opens a report; see `report_tab`."""
    with ExitStack() as opened:
        yield lambda *args, **options: opened.enter_context(report_tab(browser, *args, **options))


@pytest.fixture(scope="session")
def write_report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Matrix], Path]:
    """Return a function that writes the page of a matrix to a file of that name."""
    folder = tmp_path_factory.mktemp("reports")

    def write(name: str, traced: Matrix) -> Path:
        file = folder / f"{name}.html"
        file.write_text(render_page(traced), encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="session")
def mixed(write_report: Callable[[str, Matrix], Path]) -> Path:
    """A report with every verdict and with findings."""
    return write_report("mixed", matrix())


@pytest.fixture(scope="session")
def healthy(write_report: Callable[[str, Matrix], Path]) -> Path:
    """A report in which nothing falls short."""
    return write_report("healthy", matrix(healthy=True))


@pytest.fixture(scope="session")
def accepted_report(write_report: Callable[[str, Matrix], Path]) -> Path:
    """A report in which the only failure is a known deviation."""
    return write_report("accepted", accepted())


@pytest.fixture(scope="session")
def hostile(write_report: Callable[[str, Matrix], Path]) -> Path:
    """A report with markup in each of its texts."""
    return write_report("hostile", matrix(injected=HOSTILE))


@pytest.fixture(scope="session")
def large(write_report: Callable[[str, Matrix], Path]) -> Path:
    """A report of 5,000 requirements, scenarios and places of code."""
    return write_report("large", matrix(Size(5_000, scenarios_each=1)))


@pytest.fixture
def report(open_report: OpenReport, mixed: Path) -> ReportTab:
    """The mixed report, opened at the size of a desktop."""
    return open_report(mixed)
