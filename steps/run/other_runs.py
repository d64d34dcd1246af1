"""Figures of `nox -s endurance`, shown beside a scenario of the requirement they are about.

They are measurements without a limit: what they say changes no verdict, and the Markdown matrix,
which is kept under version control, has no measurements. Only the reference server has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ENDURANCE_FILE = Path("build") / "endurance" / "endurance.json"
"""Where `nox -s endurance` writes, below the project's folder."""
FORMAT = "endurance/1"


@dataclass(frozen=True)
class Figure:
    """A figure of another run, about one requirement."""

    requirement: str
    name: str
    value: float
    source: str
    """Which run it was, and on which day."""


def read_figures(file: Path) -> tuple[Figure, ...]:
    """Return the figures of the last endurance run; none where there is no file of this format."""
    try:
        value = json.loads(file.read_text("utf-8"))
        if value["format"] != FORMAT:
            return ()
        return tuple(_figure(one, value) for one in value["measurements"])
    except (OSError, ValueError, LookupError, TypeError):
        return ()  # whatever it is: a judging does not depend on it


def share_out(figures: Iterable[Figure], items: Iterable[pytest.Item]) -> dict[str, list[Figure]]:
    """Return the figures by the id of the first scenario that is about their requirement."""
    found: dict[str, list[Figure]] = {}
    scenarios = list(items)
    for figure in figures:
        about = (one for one in scenarios if one.get_closest_marker(figure.requirement))
        if first := next(about, None):
            found.setdefault(first.nodeid, []).append(figure)
    return found


def _figure(one: dict[str, Any], run: dict[str, Any]) -> Figure:
    bad = sum(fault["verdict"] == "bad" for fault in run["faults"])
    source = f"nox -s endurance, {run['form']} form, {run['date']}, {run['machine']}: {one['text']}"
    return Figure(
        str(one["requirement"]),
        f"under faults and load: {one['name']}",
        float(one["value"]),
        f"{source}; {bad} of {len(run['faults'])} faults did not end well",
    )
