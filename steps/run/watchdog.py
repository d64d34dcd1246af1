"""Checks before each scenario that the server answers, and restarts one that does not."""

from __future__ import annotations

from steps.errors import TargetError
from steps.http.client import Client
from steps.http.operations import LIST
from steps.http.time_limits import TimeLimits
from steps.target.target import Target
from steps.target.user_accounts import User
from traceability.evidence.recording.not_run import NotRun

ANSWER_SECONDS = 2.0


class Watchdog:
    """Watches one target during a judging; it restarts it at most once in every feature."""

    def __init__(self, target: Target, client: Client, time_limits: TimeLimits, user: User) -> None:
        self._target = target
        self._client = client
        self._time_limits = time_limits
        self._user = user
        self._feature = ""
        self._restarted_features: set[str] = set()
        self._unanswered_since = self._previous_scenario = ""
        self._restart_failed = False
        """Whether a restart has failed: then it tries no other one."""

    def ensure_server_answers(self, feature: str, scenario: str) -> None:
        """Return when the server answers.

        Raises `NotRun` when it does not, even after a restart, or when the time is over.
        `scenario` is about to run: the one before it is named as the likely cause.
        """
        previous, self._previous_scenario = self._previous_scenario, scenario
        if feature != self._feature:
            self._feature = feature
            self._time_limits.allow_retry()
        self._time_limits.check_deadline()
        if not self._client.unanswered and self._target.alive():
            return
        self._client.unanswered = False
        if self._answers():
            self._unanswered_since = ""
            return
        self._unanswered_since = self._unanswered_since or previous
        can_restart = "restart" in self._target.capabilities and not self._restart_failed
        if can_restart and feature not in self._restarted_features:
            self._restarted_features.add(feature)
            self._target.kill()
            try:
                self._target.start()
            except TargetError as error:
                self._client.unanswered, self._restart_failed = True, True
                first_line = str(error).splitlines()[0]
                raise NotRun(
                    f"target cannot answer any more, and not be restarted: {first_line}"
                ) from error
            if self._answers():
                self._unanswered_since = ""
                return
        self._client.unanswered = True
        raise NotRun(f"target cannot answer any more{self._describe_since()}")

    def _answers(self) -> bool:
        if not self._target.alive():
            return False
        if not self._user.own_token:
            return self._client.reachable("/", ANSWER_SECONDS)
        url = LIST.url(self._user.id, "") if self._client.layout.offers(LIST) else "/"
        return self._client.reachable(url, ANSWER_SECONDS, token=self._user.token)

    def _describe_since(self) -> str:
        since = f", since the scenario “{self._unanswered_since}”" if self._unanswered_since else ""
        if "restart" in self._target.capabilities:
            return f"{since}; it has been restarted once in this feature"
        return since
