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

DOMAIN = "example.test"  # nobody's: RFC 2606

Execute = Callable[[str, Mapping[str, Any] | None], Sequence[Any]]


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

    known: bool
    """Whether there is a way to make users."""
    deletes: bool
    """Whether there is a way to delete them."""

    def create(self, name: str, identity: str | None) -> User:
        """Make a user. Raises `TargetError` when the way that the target file names fails."""

    def delete(self, user: User) -> None:
        """Delete a user that was made here."""


class InDatabase:
    """Users are rows of a table, inserted as the identity provider does it."""

    known = deletes = True

    def __init__(self, description: Description, issuer: Issuer | None, execute: Execute) -> None:
        self._insert = description.insert_user
        self._delete = description.remove_user
        self._uuids = description.users.ids == "uuid"
        self._issuer = issuer
        self._execute = execute

    def create(self, name: str, identity: str | None) -> User:
        if identity is not None and "%(id)s" not in self._insert:
            cannot("chosen-ids")
        new = str(uuid.uuid4()) if self._uuids else secrets.token_hex(16)
        values = {"id": identity or new, "name": name, "email": new_email()}
        try:
            rows = self._execute(self._insert, values)
        except psycopg.Error as error:
            said = error.diag.message_primary or " ".join(str(error).split())
            if identity is not None:  # any other is known to work: it is the id that is refused
                raise AssertionError(
                    f"a user with the id {identity!r} is refused: {said}"
                ) from error
            raise TargetError(f"[users] insert: {said}. Correct the statement.") from error
        known = str(rows[0][0]) if rows else str(values["id"])
        return User(known, name, self._issuer.token(known) if self._issuer else "")

    def delete(self, user: User) -> None:
        try:
            self._execute(self._delete, {"id": user.id})
        except psycopg.Error as error:
            said = error.diag.message_primary or " ".join(str(error).split())
            raise AssertionError(f"the user cannot be deleted: {said}") from error


class NoAccounts:
    """No way is known to make users: they have ids that nobody has, and no tokens."""

    known = deletes = False

    def create(self, name: str, identity: str | None) -> User:
        return User(identity or secrets.token_hex(16), name)

    def delete(self, user: User) -> None:
        cannot("deletion")


def new_email() -> str:
    """Return an e-mail address that nobody else has."""
    return f"acceptance-{secrets.token_hex(12)}@{DOMAIN}"
