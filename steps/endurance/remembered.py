"""The table of the last full run in docs/reliability.md, between two markers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from steps.endurance.environment import ROOT
from steps.endurance.report import markdown

PAGE = ROOT / "docs" / "reliability.md"
BEGIN = "<!-- endurance: begin -->"
END = "<!-- endurance: end -->"


def remember(data: dict[str, Any], page: Path = PAGE) -> None:
    """Write the table of a run into the page. Raises `ValueError` where it has no markers."""
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {BEGIN} and {END}: add them where the table belongs")
    page.write_text(f"{before}{BEGIN}\n{markdown(data)}{END}{after}", "utf-8")
