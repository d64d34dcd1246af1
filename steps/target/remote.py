"""A target that runs already, at a URL.

It may be a staging system. The harness changes nothing but the users that it has made for the run,
and the tasks whose creation the server has answered to it. It uses users again, so that it makes
few, and removes all of them at the end.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
import psycopg

from steps.errors import TargetError
from steps.http import deadline
from steps.http.answer import as_json
from steps.http.lenient import find_id, find_task, find_tasks
from steps.http.operations import DELETE, LIST, Operation
from steps.target.capabilities import cannot
from steps.target.description.placeholders import fill_all
from steps.target.description.tables import Description
from steps.target.journal import Journal
from steps.target.keys import private_key
from steps.target.sign_up import SignUpAccounts
from steps.target.target import Target, git_commit
from steps.target.tokens import Issuer, Secret
from steps.target.user_accounts import DatabaseAccounts, User

CLEAN_UP_REQUEST_SECONDS = 5.0
"""Timeout of a request that cleans up."""
CLEAN_UP_SECONDS = 30.0
"""How long removing users at the end may take."""
MIN_CHOSEN_ID_LENGTH = 16
"""A shorter id that a scenario chooses may be that of a user who is there already."""


class RemoteTarget(Target):
    """A server at a URL."""

    def __init__(self, description: Description, folder: Path) -> None:
        super().__init__(description)
        self._url = description.server.url
        self._journal = Journal(folder, self._url)
        self._issuer = self._make_issuer()
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._http = deadline.client(self._url, CLEAN_UP_REQUEST_SECONDS)
        self._created_users: list[User] = []
        self._reusable_users: list[User] = []
        self._created_tasks: dict[str, set[str]] = defaultdict(set)
        """User id to the ids of tasks that were created under that user's path."""
        self._answers_clean_up = True
        """Whether the server still answers requests that clean up."""
        users = description.users
        if users.sign_up:
            self.accounts = SignUpAccounts(users, self._issuer, lambda: self._url)
        elif description.database.url:
            self.accounts = DatabaseAccounts(description, self._issuer, self._execute)

    def _make_issuer(self) -> Issuer | None:
        tokens = self.description.tokens
        claims = fill_all(tokens.claims, {"issuer": self._url})
        if tokens.private_key:
            return Issuer(private_key(self.description), claims)
        secret = Secret(tokens.secret, name=tokens.key_id)
        return Issuer(secret, claims) if tokens.secret else None

    @property
    def base_url(self) -> str:
        return self._url

    @property
    def capabilities(self) -> frozenset[str]:
        found = {"source"} if self.description.server.source else set()
        found |= {"users"} if self.accounts.can_create else set()
        return frozenset(found | ({"signing"} if self._issuer else set()))

    @property
    def facts(self) -> dict[str, str]:
        commit = (
            git_commit(self.description.folder) if self.description.server.source else "unknown"
        )
        return {
            "postgresql": "unknown",
            "database": "the target's own",
            "url": self._url,
            "commit": commit,
        }

    @property
    def shared(self) -> bool:
        return True

    @property
    def unmeasured(self) -> str:
        return "a server at a URL cannot be measured"

    @property
    def issuer(self) -> Issuer:
        return self._issuer or super().issuer

    @property
    def secrets(self) -> dict[str, str]:
        password = urlsplit(self.description.database.url).password or ""
        return {
            "the JWT secret": self.description.tokens.secret,
            "the database's password": unquote(password),
        }

    @property
    def cors_origin(self) -> str:
        return self.description.server.cors_origin or super().cors_origin

    def open(self) -> None:
        self._journal.report_leftovers()
        try:
            self._http.get(self.description.server.ready)
        except httpx2.HTTPError as error:
            request = f"GET {self._url}{self.description.server.ready}"
            raise TargetError(f"[server] url: {request}: {error}. Does the server run?") from error

    def alive(self) -> bool:
        return True

    def make_user(self, name: str, chosen_id: str | None = None) -> User:
        if chosen_id is None and self._reusable_users:
            return self._reusable_users.pop()
        if chosen_id is not None and len(chosen_id) < MIN_CHOSEN_ID_LENGTH:
            cannot("chosen-ids")
        user = super().make_user(name, chosen_id)
        if user.own_token:
            self._created_users.append(user)
            self._journal.write(self._created_users)
        return user

    def delete_user(self, user: User) -> None:
        super().delete_user(user)
        self._created_users.remove(user)
        self._journal.write(self._created_users)

    def release(self, users: Iterable[User], created: Iterable[tuple[str, bytes]]) -> None:
        """Remove the tasks that were created; users whose lists are empty then are used again."""
        for path, answer in created:
            task = find_task(self.layout.in_spec_names(as_json(answer)))
            if task is not None and (task_id := find_id(task)) is not None:
                self._created_tasks[unquote(path.split("/")[2])].add(task_id)
        for user in users:
            if (
                user in self._created_users
                and user not in self._reusable_users
                and self._delete_tasks(user)
            ):
                self._reusable_users.append(user)

    def close(self) -> None:
        """Remove all users and their tasks; name on stderr those that stay."""
        deadline_at = time.monotonic() + CLEAN_UP_SECONDS
        try:
            for user in list(self._created_users):
                if time.monotonic() < deadline_at:
                    self._remove_user(user)
        finally:
            left = [user.id for user in self._created_users]
            if left:
                words = f"Left at {self._url}, remove by hand: users {', '.join(left)}."
                print(words, file=sys.stderr, flush=True)
            self._http.close()
            if self._connection is not None:
                self._connection.close()

    def _remove_user(self, user: User) -> None:
        if user not in self._reusable_users:
            self._delete_tasks(user)
        if self.accounts.can_delete:
            try:
                self.delete_user(user)
            except Exception as error:  # noqa: BLE001 - the other users must be removed all the same
                print(f"User {user.id} could not be removed: {error}", file=sys.stderr)

    def _delete_tasks(self, user: User) -> bool:
        """Delete the tasks that were created for a user, and no others.

        Return whether the user's list is empty then.
        """
        if not self.layout.offers(LIST) or not self.layout.offers(DELETE):
            return not self._created_tasks[user.id]
        try:
            while self._answers_clean_up and self._created_tasks[user.id]:
                task = self._created_tasks[user.id].pop()
                self._request(DELETE, user, task)
            if not self._answers_clean_up:
                return False
            answer = self._request(LIST, user)
        except httpx2.TimeoutException:
            self._answers_clean_up = False  # each further request would time out, too
            return False
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return False
        tasks = find_tasks(self.layout.in_spec_names(as_json(answer.content)))
        return answer.status_code == 200 and tasks is not None and not list(map(find_id, tasks))

    def _request(self, operation: Operation, user: User, task: str = "") -> httpx2.Response:
        place = self.layout.place(operation.method, operation.url(user.id, task))
        headers = {"Authorization": f"Bearer {user.token}"}
        return self._http.request(place.method, place.path, headers=headers)

    def _execute(
        self, statement: str, values: Mapping[str, Any] | None
    ) -> Sequence[tuple[object, ...]]:
        if self._connection is None or self._connection.closed:
            url = self.description.database.url
            try:
                self._connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
            except psycopg.Error as error:
                reason = " ".join(str(error).split())
                raise TargetError(f"[database] url: cannot connect: {reason}.") from error
        cursor = self._connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
