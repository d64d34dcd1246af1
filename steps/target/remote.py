"""A target that runs already, at a URL: HTTP, tokens, and users if a way to make them is known.

It may be a staging system. Nothing of it is touched but the users that were made for the run and
the tasks whose creation it answered to us; users are used again, so that few are made, and all of
them are removed at the end.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2
import psycopg

from steps.errors import TargetError
from steps.http import deadline
from steps.http.answer import as_json
from steps.http.lenient import id_of, task_of, tasks_of
from steps.http.operations import DELETE, LIST
from steps.target.abilities import cannot
from steps.target.accounts import InDatabase, User
from steps.target.description.placeholders import filled
from steps.target.description.tables import Description
from steps.target.journal import Journal
from steps.target.keys import private_key
from steps.target.sign_up import SignUp
from steps.target.target import Target, commit
from steps.target.tokens import Issuer, Secret

SECONDS = 5.0
"""How long it may take to answer a request that cleans up."""
CLOSING = 30.0
"""How long cleaning up at the end may take."""
LONG_ENOUGH = 16
"""Characters from which on an id that a scenario chooses is surely nobody else's."""


class RemoteTarget(Target):
    """A server at a URL."""

    def __init__(self, description: Description, folder: Path) -> None:
        super().__init__(description)
        self._url = description.server.url
        self._journal = Journal(folder, self._url)
        self._issuer = self._make_issuer()
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._http = deadline.client(self._url, SECONDS)
        self._made: list[User] = []
        self._free: list[User] = []
        self._tasks: dict[str, set[str]] = defaultdict(set)
        """User id to the ids of tasks that were created in a path of theirs."""
        self._cleans = True
        """Whether it still answers requests that clean up."""
        users = description.users
        if users.sign_up:
            self.accounts = SignUp(users, self._issuer, lambda: self._url)
        elif description.database.url:
            self.accounts = InDatabase(description, self._issuer, self._execute)

    def _make_issuer(self) -> Issuer | None:
        tokens = self.description.tokens
        claims = filled(tokens.claims, {"issuer": self._url})
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
        found |= {"users"} if self.accounts.known else set()
        return frozenset(found | ({"signing"} if self._issuer else set()))

    @property
    def facts(self) -> dict[str, str]:
        known = commit(self.description.folder) if self.description.server.source else "unknown"
        return {
            "postgresql": "unknown",
            "database": "the target's own",
            "url": self._url,
            "commit": known,
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
    def cors_origin(self) -> str:
        return self.description.server.cors_origin or super().cors_origin

    def open(self) -> None:
        self._journal.report_left()
        try:
            self._http.get(self.description.server.ready)
        except httpx2.HTTPError as error:
            tried = f"GET {self._url}{self.description.server.ready}"
            raise TargetError(f"[server] url: {tried}: {error}. Does the server run?") from error

    def alive(self) -> bool:
        return True

    def make_user(self, name: str, identity: str | None = None) -> User:
        if identity is None and self._free:
            return self._free.pop()
        if identity is not None and len(identity) < LONG_ENOUGH:
            cannot("chosen-ids")
        user = super().make_user(name, identity)
        if user.own_token:
            self._made.append(user)
            self._journal.keep(self._made)
        return user

    def delete_user(self, user: User) -> None:
        super().delete_user(user)
        self._made.remove(user)
        self._journal.keep(self._made)

    def release(self, users: Iterable[User], created: Iterable[tuple[str, bytes]]) -> None:
        """Remove the tasks that were created; whose list is empty then can be used again."""
        for path, answer in created:
            task = task_of(as_json(answer))
            if task is not None and (identity := id_of(task)) is not None:
                self._tasks[unquote(path.split("/")[2])].add(identity)
        for user in users:
            if user in self._made and user not in self._free and self._empty(user):
                self._free.append(user)

    def close(self) -> None:
        """Remove all users and their tasks; say which of them stay."""
        end = time.monotonic() + CLOSING
        try:
            for user in list(self._made):
                if time.monotonic() < end:
                    self._remove(user)
        finally:
            left = [user.id for user in self._made]
            if left:
                words = f"Left at {self._url}, remove by hand: users {', '.join(left)}."
                print(words, file=sys.stderr, flush=True)
            self._http.close()
            if self._connection is not None:
                self._connection.close()

    def _remove(self, user: User) -> None:
        if user not in self._free:
            self._empty(user)
        if self.accounts.deletes:
            try:
                self.delete_user(user)
            except Exception as error:  # noqa: BLE001 - the others must be removed all the same
                print(f"User {user.id} could not be removed: {error}", file=sys.stderr)

    def _empty(self, user: User) -> bool:
        """Delete what was created for a user, and nothing else; whether the list is empty then."""
        headers = {"Authorization": f"Bearer {user.token}"}
        try:
            while self._cleans and self._tasks[user.id]:
                task = self._tasks[user.id].pop()
                self._http.delete(DELETE.url(user.id, task), headers=headers)
            if not self._cleans:
                return False
            answer = self._http.get(LIST.url(user.id, ""), headers=headers)
        except httpx2.TimeoutException:
            self._cleans = False  # each further one would wait as long
            return False
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return False
        tasks = tasks_of(as_json(answer.content))
        return answer.status_code == 200 and tasks is not None and not list(map(id_of, tasks))

    def _execute(
        self, statement: str, values: Mapping[str, Any] | None
    ) -> Sequence[tuple[object, ...]]:
        if self._connection is None or self._connection.closed:
            url = self.description.database.url
            try:
                self._connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
            except psycopg.Error as error:
                said = " ".join(str(error).split())
                raise TargetError(f"[database] url: cannot connect: {said}.") from error
        cursor = self._connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
