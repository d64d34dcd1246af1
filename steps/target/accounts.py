"""How users of the target come to be, and go: in its database, or by requests to their keeper.

Only users that were made here are ever touched.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from steps.errors import TargetError
from steps.target.abilities import cannot
from steps.target.description.tables import Description
from steps.target.tokens import Issuer

EMAIL_DOMAIN = "example.test"  # nobody's: RFC 2606

ExecuteSql = Callable[[str, Mapping[str, Any] | None], Sequence[Any]]


@dataclass(frozen=True)
class User:
    """A user of the target, made for a scenario."""

    id: str
    name: str
    own_token: str = ""

    @property
    def token(self) -> str:
        """A valid token. A user whom the target does not know has none."""
        return self.own_token or cannot("users")


class Accounts(Protocol):
    """Whoever keeps the users."""

    can_create: bool
    """Whether there is a way to make users."""
    can_delete: bool
    """Whether there is a way to delete them."""

    def create(self, name: str, chosen_id: str | None) -> User:
        """Make a user. Raises `TargetError` when the way that the target file names fails."""

    def delete(self, user: User) -> None:
        """Delete a user that was made here."""


class DatabaseAccounts:
    """Users are rows of a table, inserted as the identity provider does it."""

    can_create = can_delete = True

    def __init__(
        self, description: Description, issuer: Issuer | None, execute: ExecuteSql
    ) -> None:
        self._insert = description.insert_user_sql
        self._delete = description.delete_user_sql
        self._uuids = description.users.ids == "uuid"
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
            if chosen_id is not None:  # any other is known to work: it is the id that is refused
                raise AssertionError(
                    f"a user with the id {chosen_id!r} is refused: {reason}"
                ) from error
            raise TargetError(f"[users] insert: {reason}. Correct the statement.") from error
        user_id = str(rows[0][0]) if rows else str(values["id"])
        return User(user_id, name, self._issuer.token(user_id) if self._issuer else "")

    def delete(self, user: User) -> None:
        try:
            self._execute(self._delete, {"id": user.id})
        except psycopg.Error as error:
            reason = error.diag.message_primary or " ".join(str(error).split())
            raise AssertionError(f"the user cannot be deleted: {reason}") from error


class NoAccounts:
    """No way is known to make users: they have ids that nobody has, and no tokens."""

    can_create = can_delete = False

    def create(self, name: str, chosen_id: str | None) -> User:
        return User(chosen_id or secrets.token_hex(16), name)

    def delete(self, user: User) -> None:
        cannot("deletion")


def new_email() -> str:
    """Return an e-mail address that nobody else has."""
    return f"acceptance-{secrets.token_hex(12)}@{EMAIL_DOMAIN}"
