"""The tasks that a scenario set up, and what the API says of them now."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from steps.http.answer import Answer
from steps.http.client import Client
from steps.http.lenient import find_id, find_task, own_tasks, task_id
from steps.http.operations import CREATE, LIST, READ, TOGGLE
from steps.scenario.acting_users import Users
from steps.scenario.identities import another_like
from steps.scenario.quota import end_at_quota


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
        return next((task.id for task in self.owned_by(who)), "") or self.unknown_id()

    def unknown_id(self) -> str:
        """Return an id that no task has, of the kind that this server gives out."""
        return another_like(self.sample_id())

    def sample_id(self) -> str:
        """Return an id that the server gave to some task: it shows of which kind they are.

        Where no scenario has seen one yet, a user of its own creates a task. UUIDs are assumed
        where that is impossible: other scenarios judge it, or there is no way to make users.
        """
        if not self._client.sample_task_id and self._users.named("Somebody").own_token:
            with suppress(AssertionError):
                self.create("Somebody", "To see an id")
        return self._client.sample_task_id or str(uuid.uuid4())

    def add(self, who: str, title: str, **fields: Any) -> Task:
        """Create a task for a user as its owner would; any answer of success is accepted.

        Ends the scenario as not run when the server lets the user have no more tasks.
        """
        self._by_title[title] = Task(self.create(who, title, **fields), who, title)
        return self._by_title[title]

    def create(self, who: str, title: str, **fields: Any) -> str:
        """Create a task that the scenario does not keep account of; return its id."""
        answer = self._users.send(who, CREATE, json_body={"title": title, **fields})
        assert answer.status is not None, str(answer)
        end_at_quota(answer, len(self.owned_by(who)))
        assert answer.status < 300, f"a task could not be set up: {answer}"
        identity = self.id_of_created(who, title, answer)
        self._client.sample_task_id = identity
        return identity

    def id_of_created(self, who: str, title: str, answer: Answer) -> str:
        """Return the id of a task that was just created, from its answer or from the list."""
        identity = find_id(find_task(answer.json) or {})
        if identity is None:  # the body of a creation is judged by other scenarios
            newest = [task for task in self.listed(who) if task.get("title") == title]
            assert newest, f"the answer shows no task, and no list does: {answer}"
            identity = task_id(newest[0])
        return identity

    def complete(self, title: str) -> None:
        """Complete an open task."""
        task = self._by_title[title]
        answer = self._users.send(task.owner, TOGGLE, task.id)
        assert (answer.status or 0) in range(200, 300), f"a task could not be completed: {answer}"

    def listed(self, who: str) -> list[dict[str, Any]]:
        """Return a user's tasks as the API lists them now.

        Tasks of other users are left out: other scenarios judge that a list holds none.
        """
        answer = self._users.send(who, LIST)
        assert answer.status == 200, f"the list of {who} could not be read: {answer}"
        return own_tasks(answer, self._users.named(who).id)

    def read(self, who: str, identity: str) -> dict[str, Any]:
        """Return one task as the API gives it to a user now: alone, or in the list.

        That a single task can be read is judged by other scenarios.
        """
        answer = self._users.send(who, READ, identity)
        task = find_task(answer.json) if answer.status == 200 else None
        if task is None:
            listed = [one for one in self.listed(who) if find_id(one) == identity]
            assert listed, f"the task could not be read: {answer}"
            task = listed[0]
        return task

    def titled(self, who: str, title: str) -> dict[str, Any]:
        """Return the task of that title as the API lists it now."""
        found = [task for task in self.listed(who) if task.get("title") == title]
        assert found, f"{who}'s list has no task {title!r}"
        return found[0]

    def take_snapshot(self, who: str) -> None:
        """Keep a user's tasks as they are now, to compare with later."""
        self._snapshots[who] = self.listed(who)

    def snapshot_of(self, who: str) -> list[dict[str, Any]]:
        """Return the last snapshot of a user's tasks; empty: the scenario set up none."""
        assert who in self._users.names, f"there is no user {who}"
        return self._snapshots.get(who, [])
