"""The number of workers of a judging; each has a server and a database of its own."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from steps.errors import TargetError
from steps.target.description.placeholders import placeholder_names
from steps.target.description.tables import Description

DEFAULT_MAXIMUM = 4
"""Workers without `--workers N`: each runs a server and a PostgreSQL."""
SINGLE_WORKER_OPTIONS = ("-x", "--exitfirst", "--maxfail", "--co", "--pdb", "--trace", "--setup")
"""Options of pytest that stop a run early, look into it or run no scenario."""


def worker_number(text: str) -> int | None:
    """Return the number that the argument of `--workers` names; None: `auto`.

    Raises `ArgumentTypeError` when it is neither.
    """
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is neither auto nor a number above 0")
    return int(text)


def worker_count(requested: int | None, target: Description, pytest_options: Sequence[str]) -> int:
    """Return the number of workers.

    `requested` None means one for each core, and a single one when pytest has options: a few
    scenarios are done before a second server has started. Raises `TargetError` when more than one
    is requested and the target or an option allows only one.
    """
    server, reason = target.server, ""
    if server.url:
        reason = "[server] url: a server that runs already cannot be started once more"
    elif server.port:
        reason = "[server] port: several servers cannot listen on one port"
    elif server.log and "port" not in placeholder_names(server.log):
        reason = "[server] log: several servers cannot write one file, unless it has {port} in it"
    elif target.tokens.jwks_url:
        reason = "[tokens] jwks_url: several key sets cannot be published at one address"
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
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
