"""The tasks that a scenario set up, and what the API says of them now."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from steps.http.client import Client
from steps.http.expectations import expect, expect_status
from steps.http.lenient import own_tasks, task_id, task_in
from steps.http.operations import CREATE, LIST, READ, TOGGLE
from steps.scenario.acting_users import UNKNOWN_ID, Users


@dataclass(frozen=True)
class Task:
    """A task that the scenario set up."""

    id: str
    owner: str
    """Name of the user."""
    title: str


class Tasks:
    """The tasks that one scenario set up, by title."""

    def __init__(self, users: Users, client: Client) -> None:
        self._users = users
        self._client = client
        self._by_title: dict[str, Task] = {}
        self._snapshots: dict[str, list[dict[str, Any]]] = {}

    def __getitem__(self, title: str) -> Task:
        return self._by_title[title]

    def __contains__(self, title: str) -> bool:
        return title in self._by_title

    def all(self) -> list[Task]:
        """Return all of them, in the order of their creation."""
        return list(self._by_title.values())

    def owned_by(self, who: str) -> list[Task]:
        """Return those of one user."""
        return [task for task in self._by_title.values() if task.owner == who]

    def first_id_of(self, who: str) -> str:
        """Return the id of the user's first task, or one that no task has."""
        return next((task.id for task in self.owned_by(who)), UNKNOWN_ID)

    def unknown_id(self) -> str:
        """Return an id that no task has, of the kind that this server gives out."""
        if self._client.numeric_ids:
            return str(secrets.randbelow(10**6) + 10**9)
        return str(uuid.uuid4())

    def add(self, who: str, title: str, **fields: Any) -> Task:
        """Create a task for a user as its owner would; any answer of success is accepted."""
        answer = self._users.send(who, CREATE, json_body={"title": title, **fields})
        # Any success will do here: other scenarios judge which one it is.
        if answer.status not in range(200, 300):
            expect_status(answer, 201)
        identity = task_id(task_in(answer))
        self._client.numeric_ids = identity.isdigit()
        self._by_title[title] = Task(identity, who, title)
        return self._by_title[title]

    def complete(self, title: str) -> None:
        """Complete an open task."""
        task = self._by_title[title]
        answer = self._users.send(task.owner, TOGGLE, task.id)
        expect_status(answer, 200)

    def listed(self, who: str) -> list[dict[str, Any]]:
        """Return a user's tasks as the API lists them now.

        Tasks of other users are left out: other scenarios judge that a list holds none.
        """
        answer = self._users.send(who, LIST)
        expect_status(answer, 200)
        return own_tasks(answer, self._users.named(who).id)

    def read(self, who: str, identity: str) -> dict[str, Any]:
        """Return one task as the API gives it to a user now."""
        answer = self._users.send(who, READ, identity)
        expect_status(answer, 200)
        return task_in(answer)

    def take_snapshot(self, who: str) -> None:
        """Keep a user's tasks as they are now, to compare with later."""
        self._snapshots[who] = self.listed(who)

    def snapshot_of(self, who: str) -> list[dict[str, Any]]:
        """Return the last snapshot of a user's tasks; empty: the scenario set up none."""
        expect(who in self._users.names, f"there is no user {who}")
        return self._snapshots.get(who, [])
