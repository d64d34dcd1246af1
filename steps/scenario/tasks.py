"""The tasks that a scenario set up, and what the API says of them now."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from steps.http.answer import LIMITED, Answer, UnansweredError
from steps.http.client import Client
from steps.http.expectations import expect, expect_status, expect_success
from steps.http.lenient import find_id, find_task, own_tasks, task_id
from steps.http.operations import CREATE, DELETE, LIST, READ, TOGGLE, UPDATE, Operation
from steps.scenario.acting_users import Users
from steps.scenario.identities import another_like
from steps.scenario.quota import end_at_quota
from traceability.evidence.recording.not_run import NotRun


@dataclass(frozen=True)
class Task:
    """A task that the scenario set up."""

    id: str
    owner: str
    """Name of the user."""
    title: str


def _no_set_up(what: str, answer: Answer) -> str:
    """Return why a scenario did not run: its first steps failed, with the answer to them."""
    came = "had no answer" if answer.status is None else f"was answered {answer.status}"
    body = " ".join(answer.text.split())[:200]
    return f"target cannot do what this scenario begins with: {what} {came}{body and ': '}{body}"


class Tasks:
    """The tasks that one scenario set up, by title."""

    def __init__(self, users: Users, client: Client) -> None:
        self._users = users
        self._client = client
        self._by_title: dict[str, Task] = {}
        self.last_created: dict[str, Any] = {}
        """The last task that was set up, as the server showed it then; empty: it showed none."""
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
            with suppress(AssertionError, NotRun):
                self.create("Somebody", "To see an id")
        return self._client.sample_task_id or str(uuid.uuid4())

    def add(self, who: str, title: str, **fields: Any) -> Task:
        """Create a task for a user as its owner would; any answer of success is accepted.

        Raises `NotRun` when there is none: what the scenario is about was not tried then.
        """
        self._by_title[title] = Task(self.create(who, title, **fields), who, title)
        return self._by_title[title]

    def create(self, who: str, title: str, **fields: Any) -> str:
        """Create a task that the scenario does not keep account of; return its id.

        Raises `NotRun` as `add` does.
        """
        answer = self._set_up(who, CREATE, json_body={"title": title, **fields})
        self.last_created = find_task(answer.json) or {}
        identity = self._id_of_created(who, title, answer)
        self._client.sample_task_id = identity
        return identity

    def _id_of_created(self, who: str, title: str, answer: Answer) -> str:
        """Return the id of a task that was set up just now, from its answer or from the list."""
        identity = find_id(self.last_created)
        if identity is None:  # the body of a creation is judged by other scenarios
            listed, newest = self._answer(who, LIST), []
            if listed.status != 200:
                raise NotRun(_no_set_up(f"GET {LIST.path}, for the id of a new task,", listed))
            with suppress(AssertionError):  # so is a list, which shows no id either then
                newest = [one for one in self._in_list(who, listed) if one.get("title") == title]
            if not newest:
                raise NotRun(_no_set_up(f"POST {CREATE.path}, for a task with an id,", answer))
            identity = task_id(newest[0])
        return identity

    def complete(self, title: str) -> None:
        """Complete an open task. Raises `NotRun` as `add` does."""
        task = self._by_title[title]
        self._set_up(task.owner, TOGGLE, task.id)

    def update(self, title: str) -> None:
        """Give a task a description by a PUT. Raises `NotRun` as `add` does."""
        task = self._by_title[title]
        body = {"title": title, "description": "updated"}
        self._set_up(task.owner, UPDATE, task.id, json_body=body)

    def delete(self, title: str) -> None:
        """Delete a task. Raises `NotRun` as `add` does."""
        task = self._by_title[title]
        self._set_up(task.owner, DELETE, task.id)

    def _set_up(self, who: str, operation: Operation, *task: str, **request: Any) -> Answer:
        """Return the successful answer to a request that sets something up, or raise `NotRun`.

        A 429 raises `LimitedError` instead: one scenario judges it in its first step, too.
        """
        answer = self._answer(who, operation, *task, **request)
        if operation is CREATE:
            end_at_quota(answer, len(self.owned_by(who)))
        if answer.status == LIMITED:
            expect_success(answer)
        if answer.status is None or not 200 <= answer.status < 300:
            raise NotRun(_no_set_up(f"{operation.method} {operation.path}", answer))
        return answer

    def _answer(self, who: str, operation: Operation, *task: str, **request: Any) -> Answer:
        """Send a request and return what came, also where that is no answer."""
        try:
            return self._users.send(who, operation, *task, **request)
        except UnansweredError as error:
            return error.answer

    def listed(self, who: str) -> list[dict[str, Any]]:
        """Return a user's tasks as the API lists them now.

        Tasks of other users are left out: other scenarios judge that a list holds none.
        """
        return self._in_list(who, self._users.send(who, LIST))

    def _in_list(self, who: str, answer: Answer) -> list[dict[str, Any]]:
        expect_status(answer, 200)
        return own_tasks(answer, self._users.named(who).id)

    def listed_again(self, who: str) -> list[dict[str, Any]]:
        """Return what `listed` does. Raises `NotRun` when the list has no answer at all.

        That something has not changed cannot be seen then, and no more is known.
        """
        answer = self._answer(who, LIST)
        if answer.status is None:
            raise NotRun(
                f"target cannot show that nothing has changed: GET {LIST.path} had no answer"
            )
        return self._in_list(who, answer)

    def read(self, who: str, identity: str) -> dict[str, Any]:
        """Return one task as the API gives it to a user now: alone, or in the list.

        That a single task can be read is judged by other scenarios.
        """
        answer = self._users.send(who, READ, identity)
        task = find_task(answer.json) if answer.status == 200 else None
        if task is None:
            listed = [one for one in self.listed(who) if find_id(one) == identity]
            expect(listed, "the task could not be read", answer=answer)
            task = listed[0]
        return task

    def titled(self, who: str, title: str) -> dict[str, Any]:
        """Return the task of that title as the API lists it now."""
        tasks = self.listed(who)
        titles = [task.get("title") for task in tasks]
        found = [task for task in tasks if task.get("title") == title]
        expect(found, "the list lacks a task", expected=title, actual=titles)
        return found[0]

    def take_snapshot(self, who: str) -> None:
        """Keep a user's tasks as they are now, to compare with later."""
        self._snapshots[who] = self.listed(who)

    def snapshot_of(self, who: str) -> list[dict[str, Any]]:
        """Return the last snapshot of a user's tasks; empty: the scenario set up none."""
        expect(who in self._users.names, f"there is no user {who}")
        return self._snapshots.get(who, [])
