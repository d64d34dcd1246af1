"""Sees to it that the server answers before a scenario begins, and restarts one that does not."""

from __future__ import annotations

from steps.errors import TargetError
from steps.http.client import Client
from steps.http.operations import LIST
from steps.http.time_limits import TimeLimits
from steps.target.accounts import User
from steps.target.target import Target
from traceability.evidence.not_run import NotRun

ANSWER_SECONDS = 2.0


class Watchdog:
    """Watches one target over a run; it may be restarted once in every feature."""

    def __init__(self, target: Target, client: Client, time_limits: TimeLimits, user: User) -> None:
        self._target = target
        self._client = client
        self._time_limits = time_limits
        self._user = user
        self._feature = ""
        self._restarted: set[str] = set()
        self._since = self._last = ""
        self._gone = False
        """Whether a restart has failed: then no other is tried."""

    def check(self, feature: str, scenario: str) -> None:
        """Return when the server answers. Raises `NotRun` when it does not, and stays so.

        `scenario` is about to run: the one before it may be what the server fell over.
        """
        before, self._last = self._last, scenario
        if feature != self._feature:
            self._feature = feature
            self._time_limits.allow_retry()
        self._time_limits.check_deadline()
        if not self._client.unanswered and self._target.alive():
            return
        self._client.unanswered = False
        if self._answers():
            self._since = ""
            return
        self._since = self._since or before
        restarts = "restart" in self._target.capabilities and not self._gone
        if restarts and feature not in self._restarted:
            self._restarted.add(feature)
            self._target.kill()
            try:
                self._target.start()
            except TargetError as error:
                self._client.unanswered, self._gone = True, True
                first = str(error).splitlines()[0]
                raise NotRun(
                    f"target cannot answer any more, and not be restarted: {first}"
                ) from error
            if self._answers():
                self._since = ""
                return
        self._client.unanswered = True
        raise NotRun(f"target cannot answer any more{self._reason()}")

    def _answers(self) -> bool:
        if not self._target.alive():
            return False
        if not self._user.own_token:
            return self._client.reachable("/", ANSWER_SECONDS)
        url = LIST.url(self._user.id, "")
        return self._client.reachable(url, ANSWER_SECONDS, token=self._user.token)

    def _reason(self) -> str:
        since = f", since the scenario “{self._since}”" if self._since else ""
        if "restart" in self._target.capabilities:
            return f"{since}; it has been restarted once in this feature"
        return since
