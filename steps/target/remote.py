"""A target that runs already, at a URL: HTTP, tokens, and users if a way to make them is known.

It may be a staging system. Nothing of it is touched but the users that were made for the run and
their tasks; users are used again, so that few are made, and all of them are removed at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpx2
import psycopg

from steps.operations import DELETE, LIST
from steps.reading import identities
from steps.target.accounts import SECONDS, InDatabase, SignedUp, User
from steps.target.description import Description
from steps.target.placeholders import filled
from steps.target.process import TargetError
from steps.target.target import Target, private_key
from steps.target.tokens import Issuer, Secret
from traceability.incapable import NotRun


class RemoteTarget(Target):
    """A server at a URL."""

    def __init__(self, description: Description) -> None:
        super().__init__(description)
        self._url = description.server.url
        self._issuer = self._make_issuer()
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._http = httpx2.Client(base_url=self._url, timeout=SECONDS, trust_env=False)
        self._made: list[User] = []
        self._free: list[User] = []
        self.unmeasured = "a server at a URL cannot be measured"
        users = description.users
        if users.sign_up:
            self.accounts = SignedUp(users, self._issuer, lambda: self._url)
        elif description.database.url:
            self.accounts = InDatabase(description, self._issuer, self._execute)

    def _make_issuer(self) -> Issuer | None:
        tokens = self.description.tokens
        claims = filled(tokens.claims, {"issuer": self._url})
        if tokens.private_key:
            return Issuer(private_key(self.description), claims)
        return Issuer(Secret(tokens.secret), claims) if tokens.secret else None

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
        return {"postgresql": "unknown", "database": "the target's own", "url": self._url}

    @property
    def issuer(self) -> Issuer:
        return self._issuer or super().issuer

    @property
    def cors_origin(self) -> str:
        return self.description.server.cors_origin or super().cors_origin

    def open(self) -> None:
        try:
            self._http.get(self.description.server.ready)
        except httpx2.HTTPError as error:
            tried = f"GET {self._url}{self.description.server.ready}"
            raise TargetError(
                f"{self.description.path}: [server] url: {tried}: {error}. Does the server run?"
            ) from error

    def alive(self) -> bool:
        return True

    def make_user(self, name: str, identity: str | None = None) -> User:
        if identity is None and self._free:
            return self._free.pop()
        user = super().make_user(name, identity)
        if user.own_token:
            self._made.append(user)
        return user

    def delete_user(self, user: User) -> None:
        super().delete_user(user)
        self._made.remove(user)

    def release(self, users: Iterable[User]) -> None:
        """Remove the users' tasks; whose list is empty then can be used again."""
        for user in users:
            if user in self._made and self._empty(user):
                self._free.append(user)

    def close(self) -> None:
        """Remove all users and their tasks; say which of them stay."""
        left = []
        try:
            for user in list(self._made):
                if not self._remove(user):
                    left.append(user.id)
        finally:
            self._http.close()
            self.accounts.close()
            if self._connection is not None:
                self._connection.close()
        if left:
            print(f"Left at {self._url}, remove by hand: users {', '.join(left)}.", file=sys.stderr)

    def _remove(self, user: User) -> bool:
        if user not in self._free:
            self._empty(user)
        if not self.accounts.deletes:
            return False
        try:
            self.delete_user(user)
        except (TargetError, AssertionError, NotRun, psycopg.Error) as error:
            print(f"A user could not be removed: {error}", file=sys.stderr)
            return False
        return True

    def _empty(self, user: User) -> bool:
        """Delete a user's tasks; return whether the list is empty then."""
        headers = {"Authorization": f"Bearer {user.token}"}
        try:
            for task in self._tasks(user, headers):
                self._http.delete(DELETE.url(user.id, task), headers=headers)
            return self._tasks(user, headers) == []
        except (httpx2.HTTPError, AssertionError):
            return False

    def _tasks(self, user: User, headers: dict[str, str]) -> list[str]:
        answer = self._http.get(LIST.url(user.id, ""), headers=headers)
        if answer.status_code != 200:
            raise AssertionError(f"the list is answered {answer.status_code}")
        return identities(answer.content)

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
