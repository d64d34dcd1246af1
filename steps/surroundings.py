"""What a judging inherits from the shell and drops, because it is meant for other programs.

A shell is set up for other work: for a database in a cloud (PGSSLMODE, PGSERVICE), for another test
suite (PYTEST_ADDOPTS), for a git hook (GIT_DIR). libpq, pytest and git read such variables by
themselves, so the harness removes them and never has to know what each of them does.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

LIBPQ = re.compile("PG_?[A-Z]+(_[A-Z]+)*")
"""Names of libpq's variables and of PostgreSQL's programs (PGHOST, PGTZ, PGDATA, PG_COLOR)."""
PYTEST = re.compile("PYTEST_(ADDOPTS|PLUGINS|DEBUG|THEME|THEME_MODE)")
"""Names of the variables by which options and plugins reach pytest without the command line."""
GIT = re.compile("GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|NAMESPACE)")
"""Names of the variables that make git look at another repository than that of its folder."""

NEEDED_FILES = 512
"""Open files that a judging allows itself and its children; with 64, servers refuse connections."""

_removed: dict[str, str] = {}


def remove_variables(*names: re.Pattern[str]) -> Mapping[str, str]:
    """Remove the environment variables whose names match; return those of this call.

    `inherited` still has them: a target file may name one of them as `{env:NAME}`.
    """
    found = {
        name: value
        for name, value in os.environ.items()
        if any(pattern.fullmatch(name) for pattern in names)
    }
    for name in found:
        del os.environ[name]
    _removed.update(found)
    return found


def inherited(name: str) -> str | None:
    """Return a variable of the environment that this process began with, None where it has none."""
    return os.environ.get(name, _removed.get(name))


def print_anywhere() -> None:
    """Let output that cannot be shown do no harm: to a closed stream, or of a foreign character."""
    if sys.stdout is None:
        discard_output()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def discard_output() -> None:
    """Send what this process prints from now on nowhere: there is no reader."""
    sys.stdout = _nowhere()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def open_file_limit_refusal() -> str:
    """Allow this process and its children enough open files.

    Return why that cannot be done; empty: it is. A server that cannot accept a connection would be
    blamed for it.
    """
    if sys.platform == "win32":
        return ""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < NEEDED_FILES:
        soft = NEEDED_FILES if hard == unlimited else min(NEEDED_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft != unlimited and soft < NEEDED_FILES:
        return (
            f"A process may open {soft} files here, and a judging needs {NEEDED_FILES}: "
            f"say ulimit -n {NEEDED_FILES}, or have the system's limit raised."
        )
    return ""
