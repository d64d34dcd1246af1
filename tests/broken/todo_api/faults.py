"""The ways in which this server is broken, named by the variable BREAK; none by default."""

from __future__ import annotations

import os

FAULTS = frozenset(os.environ.get("BREAK", "").split(","))


def broken(name: str) -> bool:
    """Return whether the server is broken in the way of that name (`faults.toml`)."""
    return name in FAULTS


def varied(name: str) -> bool:
    """Return whether the server differs in that way and conforms (`conforming.toml`)."""
    return name in FAULTS
