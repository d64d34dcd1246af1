"""A report as a reader has it: one file in a browser tab that may load nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

ColorScheme = Literal["light", "dark"]

DESKTOP, TABLET, PHONE = (1440, 900), (768, 1024), (375, 812)
TIMEOUT_SECONDS = 60
"""How long to wait for an element, on a machine that may be busy with other work."""

VIEWS = ("", "matrix", "spec", "features", "source", "endpoints", "findings", "search?q=a")


@dataclass
class ReportTab:
    """A report that is open in a tab, and the problems that the tab has had so far."""

    page: Page
    file: Path
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._on_console)
        self.page.on("request", self._on_request)
        self.page.on("dialog", self._on_dialog)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(("about:", self.file.as_uri())):
            self.problems.append(f"loaded: {request.url}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_view(self, address: str = "") -> Page:
        """Open a view by its address in a new tab, as a link does that a reader was sent."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.file.as_uri()}#/{address}")
        self.page.locator("main h1").wait_for()
        return self.page

    def change_address(self, address: str = "") -> Page:
        """Change the address of the tab that is open."""
        self.page.evaluate("address => { location.hash = `#/${address}`; }", address)
        return self.page

    @property
    def address(self) -> str:
        """The address of the view, without `#/`."""
        return self.page.url.partition("#/")[2]


OpenReport = Callable[..., ReportTab]
"""`open_report(file, size=DESKTOP, scheme="light")`"""


@contextmanager
def report_tab(
    browser: Browser, file: Path, size: tuple[int, int] = DESKTOP, scheme: ColorScheme = "light"
) -> Iterator[ReportTab]:
    """Open a report; on leaving, check that nothing was loaded and no script had an error."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, offline=True
    )
    context.set_default_timeout(TIMEOUT_SECONDS * 1000)
    opened = ReportTab(context.new_page(), file)
    try:
        opened.open_view()
        yield opened
        assert opened.problems == []
    except Exception as error:
        error.add_note(f"what went wrong in the page: {opened.problems}")
        raise
    finally:
        context.close()
