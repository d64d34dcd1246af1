"""The state of one scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from steps.http.answer import Answer, Headers
from steps.http.client import Client
from steps.http.operations import EVERY, Operation
from steps.scenario.acting_users import UNKNOWN_ID, Users
from steps.scenario.clock import Clock
from steps.scenario.concurrent_requests import ConcurrentRequests
from steps.scenario.server_log import ServerLog
from steps.scenario.tasks import Tasks
from steps.target.capabilities import cannot
from steps.target.target import Target
from traceability.evidence.recording.recorder import Recorder


class Scene:
    """The state of one scenario, which its steps share; no scenario sees that of another.

    A value that one step leaves to another of the same module is a fixture of pytest-bdd instead
    (`target_fixture`).
    """

    def __init__(self, target: Target, client: Client, recorder: Recorder) -> None:
        self.target = target
        self.client = client
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
        assert self.answers, "no request was sent"
        return self.answers[-1]

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

    def assert_every_answer(self, expectation: str, holds: Callable[[Answer], bool]) -> None:
        """Assert something of every answer, and show those that differ, at most five."""
        assert self.answers, "no request was sent"
        wrong = [answer for answer in self.answers if not holds(answer)]
        shown = "\n  ".join(str(answer) for answer in wrong[:5])
        assert not wrong, (
            f"{len(wrong)} of {len(self.answers)} answers are not {expectation}:\n  {shown}"
        )
