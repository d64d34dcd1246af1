"""The clock by which a scenario judges timestamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
