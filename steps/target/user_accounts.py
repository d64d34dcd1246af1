"""Users of the target: how they are made and deleted.

The harness changes and deletes only users that it has made itself.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from steps.errors import TargetError
from steps.http.expectations import fail
from steps.target.capabilities import cannot
from steps.target.description.tables import Description
from steps.target.tokens import Issuer

EMAIL_DOMAIN = "example.test"  # reserved for tests: RFC 2606

ExecuteSql = Callable[[str, Mapping[str, Any] | None], Sequence[Any]]


@dataclass(frozen=True)
class User:
    """A user of the target, made for a scenario."""

    id: str
    name: str
    own_token: str = ""

    @property
    def token(self) -> str:
        """A valid token. Raises `NotRun` for a user without one, of `NoAccounts`."""
        return self.own_token or cannot("users")


class Accounts(Protocol):
    """Makes and deletes users, in the way that the target file describes."""

    can_create: bool
    """Whether there is a way to make users."""
    can_delete: bool
    """Whether there is a way to delete them."""
    takes_any_id: bool
    """Whether a user may get any text as an id."""

    def create(self, name: str, chosen_id: str | None) -> User:
        """Make a user. Raises `TargetError` when the way that the target file describes fails.

        With a `chosen_id`, the user gets that id. Raises `NotRun` when that is impossible, and
        `AssertionError` when the target refuses the id.
        """

    def delete(self, user: User) -> None:
        """Delete a user that was made here. Raises `NotRun` when there is no way to do so."""


class DatabaseAccounts:
    """Users are rows of a table, inserted as an identity provider would insert them."""

    can_create = can_delete = True

    def __init__(
        self, description: Description, issuer: Issuer | None, execute: ExecuteSql
    ) -> None:
        self._insert = description.insert_user_sql
        self._delete = description.delete_user_sql
        self._uuids = description.users.ids == "uuid"
        self.takes_any_id = not self._uuids and "%(id)s" in self._insert
        self._issuer = issuer
        self._execute = execute

    def create(self, name: str, chosen_id: str | None) -> User:
        if chosen_id is not None and "%(id)s" not in self._insert:
            cannot("chosen-ids")
        new = str(uuid.uuid4()) if self._uuids else secrets.token_hex(16)
        values = {"id": chosen_id or new, "name": name, "email": new_email()}
        try:
            rows = self._execute(self._insert, values)
        except psycopg.Error as error:
            reason = error.diag.message_primary or " ".join(str(error).split())
            if chosen_id is not None:  # the statement works with other ids: this one is refused
                fail("the database refuses a user of that id", expected=chosen_id, actual=reason)
            raise TargetError(f"[users] insert: {reason}. Correct the statement.") from error
        user_id = str(rows[0][0]) if rows else str(values["id"])
        return User(user_id, name, self._issuer.token(user_id) if self._issuer else "")

    def delete(self, user: User) -> None:
        try:
            self._execute(self._delete, {"id": user.id})
        except psycopg.Error as error:
            reason = error.diag.message_primary or " ".join(str(error).split())
            fail("the database refuses to delete a user", actual=reason)


class NoAccounts:
    """The target file names no way to make users: they have unused ids and no tokens."""

    can_create = can_delete = takes_any_id = False

    def create(self, name: str, chosen_id: str | None) -> User:
        return User(chosen_id or secrets.token_hex(16), name)

    def delete(self, user: User) -> None:
        cannot("deletion")


def new_email() -> str:
    """Return an e-mail address that no other user has."""
    return f"acceptance-{secrets.token_hex(12)}@{EMAIL_DOMAIN}"
