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


def worker_count(asked: int | None, target: Description, selection: Sequence[str]) -> int:
    """Return how many workers judge. Raises `TargetError` when the target allows one only.

    Nobody having asked, it is one for each core, and one for a selection: who looks at a few
    scenarios, or looks closer, is done before a second server has started.
    """
    server, why = target.server, ""
    if server.url:
        why = "[server] url: a server that runs already cannot be started once more"
    elif server.port:
        why = "[server] port: several servers cannot listen on one port"
    if why and asked is not None and asked > 1:
        raise TargetError(f"{target.path}: {why}: leave --workers out, or say --workers 1.")
    if asked is not None and asked > 1:
        for one in selection:
            if one.startswith(SINGLE_WORKER_OPTIONS):
                raise TargetError(f"{one} needs a single worker: say --workers 1.")
    if asked is not None:
        return asked
    return 1 if why or selection else min(cores(), DEFAULT_MAXIMUM)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
