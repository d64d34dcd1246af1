"""The state of one scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from steps.http.answer import Answer, Headers
from steps.http.client import Client
from steps.http.expectations import (
    came,
    expect,
    expect_statuses,
    fail,
    operations_of,
    shown,
    wrong_answers,
)
from steps.http.operations import EVERY, Operation
from steps.scenario.acting_users import UNKNOWN_ID, Users
from steps.scenario.clock import Clock
from steps.scenario.concurrent_requests import ConcurrentRequests
from steps.scenario.server_log import ServerLog
from steps.scenario.tasks import Tasks
from steps.target.capabilities import cannot
from steps.target.target import Target
from traceability.evidence.recording.recorder import Recorder
from traceability.model import Mismatch


class Scene:
    """The state of one scenario, which its steps share; no scenario sees that of another.

    A value that one step leaves to another of the same module is a fixture of pytest-bdd instead
    (`target_fixture`).
    """

    def __init__(self, target: Target, client: Client, recorder: Recorder) -> None:
        self.target = target
        self.client = client
        client.case = ""
        client.limited = []
        self.recorder = recorder
        self.users = Users(target, client)
        self.tasks = Tasks(self.users, client)
        self.concurrent = ConcurrentRequests(target, client)
        self.clock = Clock(target)
        self.log = ServerLog(target)
        self.answers: list[Answer] = []
        """Those of the last action."""
        self.action_interval: tuple[datetime, datetime] | None = None
        """When the last single request was sent and answered, by the scenario's clock."""
        self.task_before: dict[str, Any] = {}
        """The task as it was before the action, where a scenario compares."""
        self.sent_fields: dict[str, Any] = {}
        """The JSON body of the action, where a scenario compares the tasks with it."""
        self.start_result: tuple[int | None, str] | None = None
        """Exit status (None: it serves) and output of the last start of a second server."""

    @property
    def answer(self) -> Answer:
        """The last answer of the last action."""
        expect(self.answers, "no request was sent")
        return self.answers[-1]

    def about(self, case: str) -> None:
        """Say what is special about the requests that follow, as `with a tampered payload`.

        The words follow a sentence such as `200 instead of 401`. Scenarios with the same words
        show the same deviation.
        """
        self.client.case = case

    @property
    def started(self) -> tuple[int | None, str]:
        """Exit status (None: it serves) and output of the last start of a second server."""
        if self.start_result is None:
            fail("no server was started")
        return self.start_result

    def act(self, who: str, operation: Operation, task: str = UNKNOWN_ID, **request: Any) -> Answer:
        """Send one request as the scenario's action, and note when. See `Users.send`."""
        before = self.clock.now()
        self.log.mark_end()
        self.answers = [self.users.send(who, operation, task, **request)]
        self.action_interval = before, self.clock.now()
        return self.answer

    def send_every_operation(
        self,
        who: str,
        *,
        task: str | None = None,
        auth: Headers | None = None,
        **request: Any,
    ) -> list[Answer]:
        """Send all operations for a user, on a task of theirs unless `task` is an id.

        They are six, or those of them that the server offers. `auth` are headers to send instead of
        the user's token.
        """
        every = self.client.layout.offered(EVERY)
        task = self.tasks.first_id_of(who) if task is None else task
        if auth is None:
            return [self.users.send(who, operation, task, **request) for operation in every]
        user_id = request.pop("url_user", None) or self.users.named(who).id
        return [
            self.client.send(
                operation.method,
                operation.url(user_id, task),
                json_body=operation.body(),
                headers=auth,
                **request,
            )
            for operation in every
        ]

    @contextmanager
    def database_stopped(self) -> Iterator[None]:
        """Stop the database for a while."""
        if "outage" not in self.target.capabilities:
            cannot("outage")
        self.target.database.stop()
        try:
            yield
        finally:
            self.target.database.start()

    def fill_path(self, path: str) -> str:
        """Fill a path's `{alice}` and `{task}`: her id, and the id of a task of hers."""
        return path.replace("{alice}", self.users.named("Alice").id).replace(
            "{task}", self.tasks.first_id_of("Alice")
        )

    def expect_every_status(self, *allowed: int, wanted: str = "") -> None:
        """Fail unless every answer has one of these statuses; `wanted` names them all in words."""
        expect(self.answers, "no request was sent")
        expect_statuses(self.answers, allowed, wanted)

    def assert_every_answer(
        self,
        expectation: str,
        holds: Callable[[Answer], bool],
        sentence: str = "",
        show: Callable[[Answer], str] = came,
    ) -> None:
        """Fail unless something holds of every answer.

        `sentence` says what is wrong about an answer, where `expectation` cannot be turned into
        one. Of the first wrong answer, `show` gives what is shown as the actual value.
        """
        expect(self.answers, "no request was sent")
        wrong, error = wrong_answers(self.answers, holds)
        if wrong:
            raise error(
                Mismatch(
                    sentence or f"an answer is not {expectation}",
                    "",
                    expectation,
                    shown(show(wrong[0])),
                    operations_of(wrong),
                )
            )
