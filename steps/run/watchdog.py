"""Checks before each scenario that the server answers, and restarts one that does not."""

from __future__ import annotations

import time

from steps.errors import TargetError
from steps.http.client import Client
from steps.http.operations import LIST
from steps.http.time_limits import TimeLimits
from steps.target.target import Target
from steps.target.user_accounts import User
from traceability.evidence.recording.not_run import NotRun

ANSWER_SECONDS = 2.0
MAX_UNANSWERED = 3
"""After so many unanswered requests the server is restarted, even if it answers the watchdog.

It may be frozen in part: a row that stays locked, a pool that is used up.
"""
MAX_RESTARTS_IN_VAIN = 3
"""After so many restarts in a row that helped no scenario, the next one is in the next feature."""


class Watchdog:
    """Watches one target during a judging.

    A restart is in vain when the next scenario leaves requests unanswered again.
    """

    def __init__(self, target: Target, client: Client, time_limits: TimeLimits, user: User) -> None:
        self._target = target
        self._client = client
        self._time_limits = time_limits
        self._user = user
        self._feature = ""
        self._unanswered = 0
        """Number of unanswered requests since the last restart."""
        self._restarts_in_vain = 0
        self._unanswered_since = self._previous_scenario = ""
        self._down = False
        """Whether it did not answer before the last scenario, so that this one did not run."""
        self._restart_failed = False
        """Whether a restart has failed: then it tries no other one."""

    def ensure_server_answers(self, feature: str, scenario: str) -> None:
        """Return when the server answers.

        Raises `NotRun` when it does not, even after a restart, or when the time is over.
        `scenario` is about to run: the one before it is named as the likely cause.
        """
        previous, self._previous_scenario = self._previous_scenario, scenario
        if feature != self._feature:
            self._feature, self._restarts_in_vain = feature, 0
            self._time_limits.allow_retry()
        self._time_limits.check_deadline()
        unanswered, self._client.unanswered = self._client.unanswered, 0
        self._unanswered += unanswered
        if not unanswered and not self._down and self._target.alive():
            self._restarts_in_vain = 0
            return
        can_restart = (
            "restart" in self._target.capabilities
            and not self._restart_failed
            and self._restarts_in_vain < MAX_RESTARTS_IN_VAIN
        )
        frozen_in_part = can_restart and self._unanswered >= MAX_UNANSWERED
        if frozen_in_part or not self._answers():
            self._unanswered_since = self._unanswered_since or previous
            self._down = True
            if not can_restart or not self._restart():
                raise NotRun(f"target cannot answer any more{self._describe_since()}")
        self._down, self._unanswered_since = False, ""

    def _restart(self) -> bool:
        """Restart the server, and return whether it answers then."""
        self._unanswered = 0
        self._restarts_in_vain += 1
        self._target.kill()
        try:
            self._target.start()
        except TargetError as error:
            self._restart_failed = True
            first_line = str(error).splitlines()[0]
            raise NotRun(
                f"target cannot answer any more, and not be restarted: {first_line}"
            ) from error
        self._time_limits.allow_retry()
        return self._answers()

    def _answers(self) -> bool:
        if not self._target.alive():
            return False
        began = time.monotonic()
        if not self._user.own_token:
            answers = self._client.reachable("/", ANSWER_SECONDS)
        else:
            url = LIST.url(self._user.id, "") if self._client.layout.offers(LIST) else "/"
            answers = self._client.reachable(url, ANSWER_SECONDS, token=self._user.token)
        if not answers:
            self._time_limits.note_silence(time.monotonic() - began)
        return answers

    def _describe_since(self) -> str:
        since = f", since the scenario “{self._unanswered_since}”" if self._unanswered_since else ""
        if self._restarts_in_vain:
            return f"{since}; restarts in this feature did not help: {self._restarts_in_vain}"
        return since
