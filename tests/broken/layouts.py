"""The foreign server laid out otherwise than the spec has it: `layouts.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("layouts.toml")


@dataclass(frozen=True)
class Layout:
    """One layout of the foreign server."""

    name: str
    """Value of the variable LAYOUT."""
    what: str
    """One sentence of Markdown."""
    server: str = ""
    """Lines for the table `server` of its target file."""
    env: str = ""
    """Lines for both tables of environment variables."""
    without: tuple[str, ...] = ()
    """Environment variables that it is not told."""
    target: str = ""
    """Tables that its target file has besides."""
    red: tuple[str, ...] = ()
    """Exactly the requirements that fail."""
    not_run: tuple[str, ...] = ()
    """Exactly the requirements that are not run; the others are verified."""
    reason: str = ""
    """What one of the scenarios that fail says."""
    quick: bool = False
    """Whether it is judged in every test run."""

    def target_file(self, text: str, port: int) -> str:
        """Return the target file of a foreign server in this layout; `text` is that of the plain
        one, and `port` a free port of this machine.
        """
        for name in self.without:
            text = re.sub(rf"(?m)^{name} = .*\n", "", text)
        if "[users]" in self.target:
            text = text.partition("[users]")[0]
        text = text.replace("[server]\n", f"[server]\n{self.server}\n", 1)
        text = text.replace("env]\n", f'env]\nLAYOUT = "{self.name}"\n{self.env}')
        return f"{text}\n{self.target}".replace("PORT/", f"{port}/")


def read_layouts(path: Path = TABLE) -> tuple[Layout, ...]:
    """Return the layouts, in the order of the file."""
    rows = tomllib.loads(path.read_text("utf-8"))
    return tuple(_layout(name, row) for name, row in rows.items())


def _layout(name: str, row: dict[str, Any]) -> Layout:
    without, red, not_run = (tuple(row.pop(key, ())) for key in ("without", "red", "not_run"))
    return Layout(name, without=without, red=red, not_run=not_run, **row)
