"""Why a judging ended before there was a verdict, in sentences for the person who started it."""

from __future__ import annotations

import re
import sys

import pytest

from steps.process.child import Terminated

RESOURCE_TROUBLE = re.compile(
    r"already (?:in use|running|listening)|EADDRINUSE|pid ?file|(?<![\w.-])lock(?:ed|s|file)?\b",
    re.IGNORECASE,
)
"""What programs say of a port, a lock or a file that another copy of them holds.

Names of files such as `uv.lock` are no locks, and `deadlock`, `block` and `clock` are other words.
"""


class Ending:
    """A plugin of pytest: keeps the sentence about the end, in place of pytest's banner for it."""

    def __init__(self) -> None:
        self.sentence = ""
        """Why the run ended early; empty: it did not."""

    @pytest.hookimpl(trylast=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note the sentence of `pytest.exit`, or which signal it was."""
        error = excinfo.value
        self.sentence = self.sentence or (
            error.msg if isinstance(error, pytest.exit.Exception) else interruption(error)
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep pytest from printing the error with its class, in a line of exclamation marks."""
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal._report_keyboardinterrupt = lambda: None

    def report(self) -> None:
        """Print the sentence on stderr, if there is one."""
        if self.sentence:
            sys.stdout.flush()
            print(self.sentence, file=sys.stderr, flush=True)


def interruption(error: BaseException) -> str:
    """Return the sentence about Ctrl-C or SIGTERM."""
    cause = "SIGTERM" if isinstance(error, Terminated) else "Ctrl-C"
    return (
        f"Not judged: {cause} ended the judging. What it had started is stopped, and its databases "
        "are removed."
    )


def single_worker_hint(message: str) -> str:
    """Return the advice for several workers, where a port or a lock was the trouble; else empty."""
    if RESOURCE_TROUBLE.search(message):
        return "\nIf two of it cannot run on one machine, say --workers 1."
    return ""
