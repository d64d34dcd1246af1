"""How many workers judge at the same time, each with a server and a database of its own."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from steps.errors import TargetError
from steps.target.description.tables import Description

DEFAULT_MAXIMUM = 4
"""Workers, unless more are asked for: each has a server and a PostgreSQL."""
SINGLE_WORKER_OPTIONS = ("-x", "--exitfirst", "--maxfail", "--co", "--pdb", "--trace", "--setup")
"""Options of pytest for a run that stops early, looks closer or runs nothing."""


def worker_number(text: str) -> int | None:
    """Read a number of workers, for a command line; None is `auto`."""
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is neither auto nor a number above 0")
    return int(text)


def worker_count(requested: int | None, target: Description, pytest_options: Sequence[str]) -> int:
    """Return how many workers judge. Raises `TargetError` when the target allows one only.

    Nobody having asked, it is one for each core, and one for a selection: who looks at a few
    scenarios, or looks closer, is done before a second server has started.
    """
    server, reason = target.server, ""
    if server.url:
        reason = "[server] url: a server that runs already cannot be started once more"
    elif server.port:
        reason = "[server] port: several servers cannot listen on one port"
    if reason and requested is not None and requested > 1:
        raise TargetError(f"{target.path}: {reason}: leave --workers out, or say --workers 1.")
    if requested is not None and requested > 1:
        for option in pytest_options:
            if option.startswith(SINGLE_WORKER_OPTIONS):
                raise TargetError(f"{option} needs a single worker: say --workers 1.")
    if requested is not None:
        return requested
    return 1 if reason or pytest_options else min(cores(), DEFAULT_MAXIMUM)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
