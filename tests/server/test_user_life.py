"""Any life of a user goes as a small model says, and two lives do not touch.

hypothesis chooses the steps of a life; always the same ones (`derandomize`), so that a failure is
a fault and not an accident.
"""

from __future__ import annotations

import http.client
import json
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jwt
import psycopg
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.server.databases import Databases, Schema
from tests.server.serving import serving

pytestmark = pytest.mark.postgresql

BOUNDED = settings(
    derandomize=True, database=None, deadline=None, max_examples=15, stateful_step_count=20
)
# A planted fault has to be found; the shortest way to it is not looked for.
FINDING = settings(BOUNDED, phases=[Phase.generate], report_multiple_bugs=False)
SPACE = " \t\r\n\u00a0\u3000"
TITLES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
    st.sampled_from(
        ["Buy milk", "  Buy milk ", "a" * 200, "a" * 201, "\U0001f600" * 200, "", SPACE]
    ),
)
DESCRIPTIONS = st.sampled_from([None, "", " kept ", "d" * 2000, "d" * 2001, "two\nlines"])
BAD_BODIES = st.sampled_from(
    [b"", b"{", b"[]", b'{"title": null}', b'{"title": "a\\u0000"}', b"\xff"]
)
STRANGE_IDS = [str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1))]

Task = dict[str, Any]


@dataclass
class Api:
    """A running server and its database."""

    port: int
    secret: str
    schema: Schema

    def user(self) -> User:
        name = secrets.token_hex(8)
        with psycopg.connect(self.schema.owner) as connection:
            connection.execute(
                "INSERT INTO users (id, name, email) VALUES (%s, %s, %s)", (name, name, name)
            )
        return User(self.port, name, jwt.encode({"sub": name, "exp": 4_000_000_000}, self.secret))


@dataclass
class User:
    """A user, and the model of what the user has: the newest task last."""

    port: int
    id: str
    token: str
    tasks: dict[str, Task] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def ask(
        self, method: str, path: str = "", body: object = None, of: User | None = None
    ) -> tuple[int, Any]:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        url = f"/api/{(of or self).id}/tasks{path}"
        self.connection.request(method, url, data, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def refused(self, status: int, answer: tuple[int, Any]) -> None:
        assert answer[0] == status, answer
        assert answer[1]["status_code"] == status

    def create(self, title: str, description: str | None) -> str | None:
        """Create a task, if what is given is a task; return its id."""
        answer = self.ask("POST", body={"title": title, "description": description})
        if not valid(title, description):
            self.refused(422, answer)
            return None
        status, task = answer
        assert status == 201
        assert (task["title"], task["description"]) == (title.strip(), description)
        assert (task["user_id"], task["is_completed"]) == (self.id, False)
        assert task["created_at"] <= task["updated_at"]
        assert task["id"] not in self.tasks
        self.tasks[task["id"]] = task
        return str(task["id"])

    def replace(self, task: str, title: str, description: str | None) -> None:
        answer = self.ask("PUT", f"/{task}", {"title": title, "description": description})
        if not valid(title, description):
            self.refused(422, answer)
        elif task not in self.tasks:
            self.refused(404, answer)
        else:
            self._changed(answer, title=title.strip(), description=description)

    def toggle(self, task: str) -> None:
        answer = self.ask("PATCH", f"/{task}/complete")
        if task not in self.tasks:
            self.refused(404, answer)
        else:
            self._changed(answer, is_completed=not self.tasks[task]["is_completed"])

    def get(self, task: str) -> None:
        answer = self.ask("GET", f"/{task}")
        if task not in self.tasks:
            self.refused(404, answer)
        else:
            assert answer == (200, self.tasks[task])

    def delete(self, task: str) -> None:
        answer = self.ask("DELETE", f"/{task}")
        if self.tasks.pop(task, None) is None:
            self.refused(404, answer)
        else:
            assert answer == (204, None)

    def has_exactly_the_models_tasks(self) -> None:
        assert self.ask("GET") == (200, list(self.tasks.values())[::-1])

    def _changed(self, answer: tuple[int, Any], **changes: object) -> None:
        status, task = answer
        assert status == 200
        before = self.tasks[task["id"]]
        assert task == {**before, **changes, "updated_at": task["updated_at"]}
        assert task["updated_at"] > before["updated_at"]
        self.tasks[task["id"]] = task


def valid(title: str, description: str | None) -> bool:
    return 1 <= len(title.strip()) <= 200 and len(description or "") <= 2000


@pytest.fixture(scope="module")
def api(owner_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    databases = Databases(owner_url)
    schema, secret = databases.migrated(), secrets.token_urlsafe(48)
    variables = {"DATABASE_URL": schema.api, "JWT_SECRET": secret}
    with serving(tmp_path_factory.mktemp("life"), variables) as server:
        yield Api(server.port, secret, schema)
    databases.drop()


class OneLife(RuleBasedStateMachine):
    """What one user does, in any order; removed tasks are asked for again."""

    tasks = Bundle("tasks")

    def __init__(self, api: Api) -> None:
        super().__init__()
        self.ann = api.user()

    @initialize(target=tasks)
    def ids_of_nobody(self) -> Any:
        return multiple(*STRANGE_IDS)

    @rule(target=tasks, title=TITLES, description=DESCRIPTIONS)
    def create(self, title: str, description: str | None) -> Any:
        task = self.ann.create(title, description)
        return multiple(*([task] if task else []))

    @rule(task=tasks, title=TITLES, description=DESCRIPTIONS)
    def replace(self, task: str, title: str, description: str | None) -> None:
        self.ann.replace(task, title, description)

    @rule(task=tasks)
    def toggle(self, task: str) -> None:
        self.ann.toggle(task)

    @rule(task=tasks)
    def get(self, task: str) -> None:
        self.ann.get(task)

    @rule(task=tasks)
    def delete(self, task: str) -> None:
        self.ann.delete(task)

    @rule(task=tasks, body=BAD_BODIES)
    def send_no_task(self, task: str, body: bytes) -> None:
        self.ann.refused(422, self.ann.ask("PUT", f"/{task}", body))
        self.ann.refused(422, self.ann.ask("POST", body=body))

    @invariant()
    def the_list_is_the_models(self) -> None:
        self.ann.has_exactly_the_models_tasks()

    def teardown(self) -> None:
        self.ann.connection.close()


class TwoLives(RuleBasedStateMachine):
    """Two users, each of whom also tries the other's tasks."""

    tasks = Bundle("tasks")

    def __init__(self, api: Api) -> None:
        super().__init__()
        self.users = [api.user(), api.user()]

    def _pair(self, who: int) -> tuple[User, User]:
        return self.users[who], self.users[1 - who]

    @rule(target=tasks, who=st.integers(0, 1), title=TITLES)
    def create(self, who: int, title: str) -> Any:
        task = self.users[who].create(title, None)
        return multiple(*([(who, task)] if task else []))

    @rule(task=tasks, title=TITLES)
    def replace(self, task: tuple[int, str], title: str) -> None:
        self.users[task[0]].replace(task[1], title, None)

    @rule(task=tasks)
    def toggle(self, task: tuple[int, str]) -> None:
        self.users[task[0]].toggle(task[1])

    @rule(task=consumes(tasks))
    def delete(self, task: tuple[int, str]) -> None:
        self.users[task[0]].delete(task[1])

    @rule(
        task=tasks,
        call=st.sampled_from([("GET", ""), ("PUT", ""), ("DELETE", ""), ("PATCH", "/complete")]),
        under_own_url=st.booleans(),
    )
    def try_anothers(
        self, task: tuple[int, str], call: tuple[str, str], under_own_url: bool
    ) -> None:
        owner, stranger = self._pair(task[0])
        (method, end), body = call, {"title": "stolen"}
        url = stranger if under_own_url else owner
        answer = stranger.ask(method, f"/{task[1]}{end}", body if method == "PUT" else None, of=url)
        stranger.refused(403, answer)

    @rule(who=st.integers(0, 1), title=TITLES)
    def try_anothers_list(self, who: int, title: str) -> None:
        user, other = self._pair(who)
        user.refused(403, user.ask("GET", of=other))
        user.refused(403, user.ask("POST", body={"title": title}, of=other))

    @rule(who=st.integers(0, 1))
    def name_the_other_in_a_body(self, who: int) -> None:
        user, other = self._pair(who)
        status, task = user.ask("POST", body={"title": "x", "user_id": other.id})
        assert (status, task["user_id"]) == (201, user.id)
        user.tasks[task["id"]] = task

    @invariant()
    def each_has_their_own(self) -> None:
        for user in self.users:
            user.has_exactly_the_models_tasks()

    def teardown(self) -> None:
        for user in self.users:
            user.connection.close()


def live(life: Callable[[Api], RuleBasedStateMachine], api: Api, chosen: settings) -> None:
    machine: Any = partial(life, api)  # each life begins with users of its own
    run_state_machine_as_test(machine, settings=chosen)


def test_a_life_of_one_user_goes_as_the_model_says(api: Api) -> None:
    live(OneLife, api, BOUNDED)


def test_lives_of_two_users_do_not_touch(api: Api) -> None:
    live(TwoLives, api, BOUNDED)


@contextmanager
def planted(api: Api, fault: str, mend: str) -> Iterator[None]:
    """Change the database as its owner for a while, so that the API has a fault."""
    with psycopg.connect(api.schema.owner, autocommit=True) as owner:
        owner.execute(fault)
        try:
            yield
        finally:
            owner.execute(mend)


@pytest.mark.parametrize(
    ("life", "fault", "mend"),
    [
        (
            OneLife,
            "ALTER TABLE tasks DISABLE TRIGGER tasks_touch",
            "ALTER TABLE tasks ENABLE TRIGGER tasks_touch",
        ),
        (
            TwoLives,
            "ALTER FUNCTION task_belongs_to_another SET app.user_id = ''",
            "ALTER FUNCTION task_belongs_to_another RESET app.user_id",
        ),
    ],
    ids=["updated_at-stands-still", "anothers-task-is-unknown"],
)
def test_a_planted_fault_is_found(api: Api, life: Any, fault: str, mend: str) -> None:
    with planted(api, fault, mend), pytest.raises(AssertionError):
        live(life, api, FINDING)
