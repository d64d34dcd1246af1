"""A report as its reader has it: one file, opened in a browser that may load nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

Scheme = Literal["light", "dark"]

DESK, TABLET, PHONE = (1440, 900), (768, 1024), (375, 812)
SECONDS = 60
"""How long to wait for what has to appear, on a machine that is busy with something else."""

VIEWS = ("", "matrix", "spec", "features", "source", "endpoints", "findings", "search?q=a")


@dataclass
class Reading:
    """A report that is open in a tab, and whatever went wrong in it meanwhile."""

    page: Page
    file: Path
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("console", self._said)
        self.page.on("request", self._asked)
        self.page.on("dialog", self._interrupted)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("about:", self.file.as_uri())):
            self.wrong.append(f"loaded: {request.url}")

    def _interrupted(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def go(self, address: str = "") -> Page:
        """Open a view by its address in a new tab, as from a link that somebody sent."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.file.as_uri()}#/{address}")
        self.page.locator("main h1").wait_for()
        return self.page

    def follow(self, address: str = "") -> Page:
        """Change the address of the tab that is open."""
        self.page.evaluate("address => { location.hash = `#/${address}`; }", address)
        return self.page

    @property
    def address(self) -> str:
        """What stands behind `#/`."""
        return self.page.url.partition("#/")[2]


Open = Callable[..., Reading]
"""`open_report(file, size=DESK, scheme="light")`"""


@contextmanager
def reading(
    browser: Browser, file: Path, size: tuple[int, int] = DESK, scheme: Scheme = "light"
) -> Iterator[Reading]:
    """Open a report; on leaving, nothing may have been loaded, and no script have stumbled."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, offline=True
    )
    context.set_default_timeout(SECONDS * 1000)
    opened = Reading(context.new_page(), file)
    try:
        opened.go()
        yield opened
        assert opened.wrong == []
    except Exception as error:
        error.add_note(f"what went wrong in the page: {opened.wrong}")
        raise
    finally:
        context.close()
