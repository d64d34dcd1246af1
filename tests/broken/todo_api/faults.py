"""The ways in which this server is broken, or conforms otherwise; none by default.

The variable BREAK names them all.
"""

from __future__ import annotations

import os

FAULTS = frozenset(os.environ.get("BREAK", "").split(","))


def varies(name: str) -> bool:
    """Return whether the server conforms in the other way of that name (`conforming.toml`)."""
    return name in FAULTS


def broken(name: str) -> bool:
    """Return whether the server is broken in the way of that name (`faults.toml`)."""
    return name in FAULTS
