"""The watchdog restarts a frozen server, and gives up one that freezes again and again."""

from __future__ import annotations

from typing import cast

import pytest

from steps.http.client import Client
from steps.http.layout import SPEC
from steps.http.time_limits import MAX_CONSECUTIVE_TIMEOUTS, TimeLimits
from steps.run.watchdog import MAX_RESTARTS_IN_VAIN, MAX_UNANSWERED, Watchdog
from steps.target.target import Target
from steps.target.user_accounts import User
from traceability.evidence.recording.not_run import NotRun


class Server:
    """A server that the test freezes, with the client that the watchdog reads and asks."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = frozenset(capabilities)
        self.frozen = False
        self.starts = 0
        self.unanswered = 0
        self.questions = 0
        self.layout = SPEC

    def alive(self) -> bool:
        return True

    def kill(self) -> None:
        self.frozen = True

    def start(self) -> None:
        self.frozen = False
        self.starts += 1

    def reachable(self, path: str, seconds: float, token: str = "") -> bool:
        del path, seconds, token
        self.questions += 1
        return not self.frozen


def watchdog_of(server: Server, limits: TimeLimits | None = None) -> Watchdog:
    target, client = cast("Target", server), cast("Client", server)
    return Watchdog(target, client, limits or TimeLimits(), User("alice", "Alice", "token"))


def ran(watchdog: Watchdog, feature: str, scenario: str = "1") -> bool:
    """Return whether the watchdog lets the scenario run."""
    try:
        watchdog.ensure_server_answers(feature, scenario)
    except NotRun:
        return False
    return True


def test_a_server_that_answers_is_not_asked() -> None:
    server = Server("restart")
    assert ran(watchdog_of(server), "a.feature")
    assert (server.starts, server.questions) == (0, 0)


def test_a_frozen_server_is_restarted_as_often_as_it_freezes() -> None:
    server = Server("restart")
    watchdog = watchdog_of(server)
    for number in range(1, 10):
        assert ran(watchdog, "a.feature")
        server.frozen, server.unanswered = True, 1
        assert ran(watchdog, "a.feature")
        assert server.starts == number


def test_restarts_that_help_no_scenario_end_until_the_next_feature() -> None:
    server = Server("restart")
    watchdog = watchdog_of(server)
    for _ in range(MAX_RESTARTS_IN_VAIN):
        server.frozen, server.unanswered = True, 1
        assert ran(watchdog, "a.feature")
    server.frozen, server.unanswered = True, 1
    with pytest.raises(NotRun) as refused:
        watchdog.ensure_server_answers("a.feature", "a.feature:7")
    assert "since the scenario “1”; restarts in this feature did not help: 3" in str(refused.value)
    assert not ran(watchdog, "a.feature")
    assert server.starts == MAX_RESTARTS_IN_VAIN
    assert ran(watchdog, "b.feature")
    assert server.starts == MAX_RESTARTS_IN_VAIN + 1


def test_a_server_that_is_frozen_in_part_is_restarted_after_the_third_unanswered_request() -> None:
    server = Server("restart")
    watchdog = watchdog_of(server)
    for unanswered in range(1, MAX_UNANSWERED + 1):
        server.unanswered = 1
        assert ran(watchdog, "a.feature")
        assert server.starts == (unanswered == MAX_UNANSWERED)


def test_a_restart_lets_a_kind_of_request_be_sent_again() -> None:
    server, limits = Server("restart"), TimeLimits()
    watchdog = watchdog_of(server, limits)
    assert ran(watchdog, "a.feature")
    for _ in range(MAX_CONSECUTIVE_TIMEOUTS):
        limits.note_timeout("PUT /", 1)
    server.unanswered = MAX_CONSECUTIVE_TIMEOUTS
    assert ran(watchdog, "a.feature")
    assert limits.answer_timeout("PUT /") > 0


def test_a_server_that_cannot_be_restarted_is_asked_before_each_scenario() -> None:
    server = Server()
    watchdog = watchdog_of(server)
    assert ran(watchdog, "a.feature")
    server.frozen, server.unanswered = True, 5
    assert not ran(watchdog, "a.feature")
    assert not ran(watchdog, "a.feature")
    server.frozen = False
    assert ran(watchdog, "a.feature")
    assert server.questions == 3
