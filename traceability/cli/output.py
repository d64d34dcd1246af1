"""What the commands share when they print: terminal width, encoding, and a path as shown."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def terminal_width() -> int:
    """Return the columns of the terminal; 80 where the output goes elsewhere."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80


def encoding() -> str:
    """Return the encoding of the standard output."""
    return sys.stdout.encoding or "ascii"


def shown_path(path: Path) -> str:
    """Return a path relative to the current folder if it is below it, and as it is otherwise."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
