"""The users of a scenario, and the requests that they send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from steps.http.answer import Answer, UnansweredError
from steps.http.client import Client
from steps.http.operations import LIST, Operation
from steps.scenario.identities import another_like
from steps.target.target import Target
from steps.target.user_accounts import User

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
"""An id that no task and no user has, for what takes any text; see `Users.unknown_id`."""

FOREIGN_URL = "under another user's URL"
FOREIGN_TASK = "on another user's task"
NO_TASK = "on a task that does not exist"
MALFORMED_ID = "with a malformed task id"
UNKNOWN_USER = "with the token of an unknown user"
"""Cases of requests in words for the report: scenarios of several features have the same ones."""


class Users:
    """The users of one scenario, by name. No other scenario knows them."""

    def __init__(self, target: Target, client: Client) -> None:
        self._target = target
        self._client = client
        self._by_name: dict[str, User] = {}
        self._unknown_id = ""

    @property
    def names(self) -> list[str]:
        """The names of those that were created so far, in that order."""
        return list(self._by_name)

    def all(self) -> list[User]:
        """Return those that were created so far."""
        return list(self._by_name.values())

    def named(self, name: str, identity: str | None = None) -> User:
        """Return the user of that name; it is created when it is first named."""
        if name not in self._by_name:
            self._by_name[name] = self._target.new_user(name, identity)
        return self._by_name[name]

    def unknown_id(self) -> str:
        """Return an id that no user has, of the kind that users have here. It stays the same."""
        if not self._unknown_id:
            known = next(iter(self._by_name.values()), None) or self.named("Alice")
            self._unknown_id = another_like(known.id)
        return self._unknown_id

    def send(
        self,
        who: str,
        operation: Operation,
        task: str = UNKNOWN_ID,
        *,
        url_user: str | None = None,
        token: str | None = None,
        **request: Any,
    ) -> Answer:
        """Send a request of that user, under the user's own URL and with the user's own token.

        `task` is a task's id. `url_user` is another user id for the URL, `token` another token,
        `query` what follows the path; the rest is for `Client.send`.
        """
        user = self.named(who)
        if url_user is not None and url_user != user.id:
            self._client.layout.require_user_in_path([operation])
        if operation.has_body and not {"json_body", "body"} & request.keys():
            request["json_body"] = operation.body()
        url = operation.url(user.id if url_user is None else url_user, task)
        url += request.pop("query", "")
        try:
            answer = self._client.send(operation.method, url, token=token or user.token, **request)
        except UnansweredError as error:
            raise UnansweredError(replace(error.answer, sender=who)) from None
        return replace(answer, sender=who)

    def lists_of_clients(self, count: int) -> list[Callable[[], Answer]]:
        """Return requests for lists, to be sent at the same time by so many clients.

        The users that were created so far take turns.
        """
        names = self.names
        return [
            partial(self.send, names[number % len(names)], LIST, record=False)
            for number in range(count)
        ]
