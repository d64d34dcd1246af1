"""The ways in which this server is broken, and in which it differs from others; none by default.

The variables BREAK and VARY name them.
"""

from __future__ import annotations

import os

FAULTS = frozenset(os.environ.get("BREAK", "").split(","))


VARIANTS = frozenset(os.environ.get("VARY", "").split(","))


def differs(name: str) -> bool:
    """Return whether it differs in the way of that name, which keeps the specification."""
    return name in VARIANTS


def broken(name: str) -> bool:
    """Return whether the server is broken in the way of that name (`faults.toml`)."""
    return name in FAULTS
