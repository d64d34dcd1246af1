"""What one scenario knows: its users, their tasks, and the answers of its last action."""

from __future__ import annotations

import ast
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from steps.http.answer import Answer, Headers, UnansweredError
from steps.http.client import Client
from steps.http.lenient import own_tasks, task_id, task_in
from steps.http.operations import CREATE, EVERY, LIST, READ, TOGGLE, Operation
from steps.target.abilities import cannot
from steps.target.accounts import User
from steps.target.target import Target
from traceability.evidence.recording_session import Recorder

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
"""A task id and a user id that nobody has."""


@dataclass(frozen=True)
class Task:
    """A task that the scenario set up."""

    id: str
    owner: str
    title: str


@dataclass
class Scene:
    """The stage of one scenario; users are its own, so scenarios never meet."""

    target: Target
    client: Client
    recorder: Recorder
    users: dict[str, User] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    """By title."""
    answers: list[Answer] = field(default_factory=list)
    """Those of the last action."""
    first: dict[str, Any] = field(default_factory=dict)
    """The task as it was before the action, where a scenario compares."""
    snapshots: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sent: tuple[datetime, datetime] | None = None
    """When the last single request was sent and answered, by the database's clock."""
    start_up: tuple[int | None, str] | None = None
    """Exit status (None: it serves) and output of a server that was started on the side."""
    refused: Exception | None = None
    """What the database said to the operator's attempt."""
    found: list[str] = field(default_factory=list)
    """`path:line` of what a search of the source found."""
    searched: int = 0
    """How many source files were searched."""
    _log_position: int = 0

    @property
    def answer(self) -> Answer:
        """The last answer of the last action."""
        assert self.answers, "no request was sent"
        return self.answers[-1]

    # Setting the stage

    def user(self, name: str, identity: str | None = None) -> User:
        """Return the user of that name, made on first mention."""
        if name not in self.users:
            self.users[name] = self.target.new_user(name, identity)
            self.snapshots[name] = []
        return self.users[name]

    def add_task(self, who: str, title: str, **fields: Any) -> Task:
        """Create a task for a user as its owner would; the answer may look as it likes."""
        answer = self.send(who, CREATE, json_body={"title": title, **fields})
        assert answer.status is not None, str(answer)
        assert answer.status < 300, f"a task could not be set up: {answer}"
        identity = task_id(task_in(answer))
        self.client.numeric_ids = identity.isdigit()
        self.tasks[title] = Task(identity, who, title)
        return self.tasks[title]

    def complete(self, title: str) -> None:
        """Complete an open task."""
        task = self.tasks[title]
        answer = self.send(task.owner, TOGGLE, task.id)
        assert answer.status == 200, f"a task could not be completed: {answer}"

    def remember(self, who: str) -> None:
        """Remember a user's tasks as they are now, to compare with later."""
        self.snapshots[who] = self.tasks_of(who)

    def tasks_of(self, who: str) -> list[dict[str, Any]]:
        """Return a user's tasks as the API lists them now.

        That a list holds nobody else's is judged elsewhere: here it must not decide.
        """
        answer = self.send(who, LIST)
        assert answer.status == 200, f"the list of {who} could not be read: {answer}"
        return own_tasks(answer, self.user(who).id)

    def task_of(self, who: str, identity: str) -> dict[str, Any]:
        """Return one task as the API gives it now."""
        answer = self.send(who, READ, identity)
        assert answer.status == 200, f"the task could not be read: {answer}"
        return task_in(answer)

    def some_task(self, who: str) -> str:
        """Return the id of a task of that user, or one that nobody has."""
        return next((task.id for task in self.tasks.values() if task.owner == who), UNKNOWN_ID)

    def unknown_task(self) -> str:
        """Return a task id that nobody has, of the kind that this server gives out."""
        return (
            str(secrets.randbelow(10**6) + 10**9) if self.client.numeric_ids else str(uuid.uuid4())
        )

    # Acting

    def send(
        self,
        who: str,
        operation: Operation,
        task: str = UNKNOWN_ID,
        *,
        url_user: str | None = None,
        token: str | None = None,
        **request: Any,
    ) -> Answer:
        """Let a user request an operation, under the own URL and with the own token."""
        user = self.user(who)
        if operation.has_body and not {"json_body", "body"} & request.keys():
            request["json_body"] = operation.body()
        url = operation.url(user.id if url_user is None else url_user, task)
        url += request.pop("query", "")
        answer = self.client.send(operation.method, url, token=token or user.token, **request)
        return replace(answer, sender=who)

    def act(self, who: str, operation: Operation, task: str = UNKNOWN_ID, **request: Any) -> Answer:
        """Send one request as the scenario's action, and note when."""
        before = self.now()
        self.note_log()
        self.answers = [self.send(who, operation, task, **request)]
        self.sent = before, self.now()
        return self.answer

    def every_operation(
        self,
        who: str,
        *,
        task: str | None = None,
        auth: Headers | None = None,
        **request: Any,
    ) -> list[Answer]:
        """Request all six operations for a user; with `auth` instead of the own token."""
        task = self.some_task(who) if task is None else task
        if auth is None:
            return [self.send(who, operation, task, **request) for operation in EVERY]
        user_id = request.pop("url_user", None) or self.user(who).id
        return [
            self.client.send(
                operation.method,
                operation.url(user_id, task),
                json_body=operation.body(),
                headers=auth,
                **request,
            )
            for operation in EVERY
        ]

    def at_once(
        self, calls: Sequence[Callable[[], Answer]], meanwhile: Callable[[], None] | None = None
    ) -> list[Answer]:
        """Make all calls at the same moment, one thread each; answers in the order of calls."""

        def alone(call: Callable[[], Answer]) -> Callable[[], list[Answer]]:
            return lambda: [call()]

        return self.gather([alone(call) for call in calls], meanwhile)

    def gather(
        self,
        works: Sequence[Callable[[], list[Answer]]],
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Answer]:
        """Let every client work at the same moment, one thread each; all answers, in order.

        The work must not record: the evidence is kept here, in the scenario's own thread.
        """
        barrier = threading.Barrier(len(works) + 1)

        def run(work: Callable[[], list[Answer]]) -> list[Answer]:
            barrier.wait()
            try:
                return work()
            except UnansweredError as error:
                return [error.answer]  # all that the others were answered counts, too

        with ThreadPoolExecutor(len(works)) as pool:
            pending = [pool.submit(run, work) for work in works]
            barrier.wait()
            if meanwhile is not None:
                meanwhile()
            answers = [answer for future in pending for answer in future.result()]
        self.keep(answers)
        return answers

    def wait_for_blocked_sessions(self, count: int = 1, seconds: float = 5) -> None:
        """Wait until so many requests really stand in line for a row that the operator holds."""
        blocked = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
        )
        deadline = time.monotonic() + seconds
        while self.target.database.execute(blocked)[0][0] < count:
            assert time.monotonic() < deadline, f"no {count} requests wait for the locked row"
            time.sleep(0.01)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Stop the database for a while."""
        if "outage" not in self.target.capabilities:
            cannot("outage")
        self.target.database.stop()
        try:
            yield
        finally:
            self.target.database.start()

    def fill(self, path: str) -> str:
        """Fill a path's `{alice}` and `{task}`: her id, and the id of a task of hers."""
        return path.replace("{alice}", self.user("Alice").id).replace(
            "{task}", self.some_task("Alice")
        )

    # Looking behind the scene

    def note_log(self) -> None:
        """Note where the server's log ends now."""
        self._log_position = self.target.log.stat().st_size if self.target.log else 0

    def new_log(self) -> str:
        """Return what the server has logged since."""
        if self.target.log is None:
            cannot("restart")  # what we did not start prints elsewhere
        with self.target.log.open("rb") as log:
            log.seek(self._log_position)
            return log.read().decode("utf-8", "replace")

    def whole_log(self) -> str:
        """Return everything that the server has logged."""
        if self.target.log is None:
            cannot("restart")
        return self.target.log.read_text("utf-8", "replace")

    def new_log_lines(self, wanted: Callable[[str], bool], seconds: float = 2) -> list[str]:
        """Return the new lines that are wanted, waiting a little for the server to write them."""
        deadline = time.monotonic() + seconds
        while True:
            lines = [line for line in self.new_log().splitlines() if wanted(line)]
            if lines or time.monotonic() > deadline:
                return lines
            time.sleep(0.02)

    def search(self, find: Callable[[ast.AST], Iterable[ast.AST]]) -> None:
        """Search every Python file of the server's source."""
        for path in self.target.sources():
            self.searched += 1
            try:
                places = find(ast.parse(path.read_bytes()))
            except SyntaxError:
                cannot("source")  # newer than our Python, or none at all
            self.found += [f"{path}:{getattr(place, 'lineno', 1)}" for place in places]

    def keep(self, answers: Iterable[Answer]) -> None:
        """Keep, of many alike exchanges, the first of each kind and the slowest as evidence."""
        answers = list(answers)
        kept: dict[tuple[str, int | None], Answer] = {}
        for answer in answers:
            kept.setdefault((answer.method, answer.status), answer)
        slowest = max(answers, key=lambda answer: answer.seconds)
        for answer in {id(a): a for a in (*kept.values(), slowest)}.values():
            self.client.record(answer)

    def now(self) -> datetime:
        """Return the time by the database's clock, or ours where it cannot be asked."""
        if "database" in self.target.capabilities and self.target.database.reachable:
            now: datetime = self.target.database.execute("SELECT clock_timestamp()")[0][0]
            return now
        return datetime.now(UTC)

    @property
    def tolerance(self) -> timedelta:
        """How far two clocks may be apart."""
        exact = "database" in self.target.capabilities
        return timedelta(milliseconds=1) if exact else timedelta(seconds=30)


def all_must(scene: Scene, expectation: str, holds: Callable[[Answer], bool]) -> None:
    """Assert something of every answer, and show those that differ, at most five."""
    assert scene.answers, "no request was sent"
    wrong = [answer for answer in scene.answers if not holds(answer)]
    shown = "\n  ".join(str(answer) for answer in wrong[:5])
    assert not wrong, (
        f"{len(wrong)} of {len(scene.answers)} answers are not {expectation}:\n  {shown}"
    )
