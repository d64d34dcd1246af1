"""What is said of a judging that ended early, and when a single worker is advised."""

from __future__ import annotations

import pytest

from steps.process.child import Terminated
from steps.run.ending import interruption, single_worker_hint


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 98] error while attempting to bind on address: address already in use",
        "Error: listen EADDRINUSE: address already in use :::8000",
        "A server is already running (pid file /run/app.pid)",
        "sqlite3.OperationalError: database is locked",
        "could not acquire lock on .next/dev/lock",
    ],
)
def test_a_port_or_a_lock_is_a_reason_for_a_single_worker(message: str) -> None:
    assert single_worker_hint(message).endswith("say --workers 1.")


@pytest.mark.parametrize(
    "message",
    [
        "ModuleNotFoundError: No module named 'app'",
        "error: uv.lock is not up to date, run poetry.lock or package-lock.json",
        "psycopg.errors.DeadlockDetected: deadlock",
        "the clock is wrong, and blocked by a block",
        "The server creates no task: 500",
    ],
)
def test_no_other_trouble_is_a_reason_for_a_single_worker(message: str) -> None:
    assert single_worker_hint(message) == ""


def test_the_signal_is_named() -> None:
    assert interruption(Terminated()).startswith("Not judged: SIGTERM ended the judging.")
    assert interruption(KeyboardInterrupt()).startswith("Not judged: Ctrl-C ended the judging.")
