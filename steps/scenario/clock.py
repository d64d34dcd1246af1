"""The clock by which a scenario judges timestamps."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from steps.http.lenient import moment, precision
from steps.target.target import Target


class Clock:
    """The database's clock, or ours where the database cannot be queried."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def now(self) -> datetime:
        """Return the time, with a time zone."""
        if "database" in self._target.capabilities and self._target.database.reachable:
            now: datetime = self._target.database.execute("SELECT clock_timestamp()")[0][0]
            return now
        return datetime.now(UTC)

    @property
    def tolerance(self) -> timedelta:
        """How far this clock and the server's timestamps may be apart."""
        exact = "database" in self._target.capabilities
        return timedelta(milliseconds=1) if exact else timedelta(seconds=30)

    @staticmethod
    def let_pass(task: dict[str, Any], name: str) -> None:
        """Wait until what happens next has a later timestamp than a task shows in a field.

        A server that stores or shows whole seconds could not tell both apart before.
        """
        with suppress(AssertionError):  # that it is no timestamp is judged by other scenarios
            if name in task and precision(moment(task, name)) >= timedelta(seconds=1):
                time.sleep(1.1)
