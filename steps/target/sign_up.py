"""Users who sign up by HTTP requests, as the target file describes them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from steps.errors import TargetError
from steps.http import deadline
from steps.http.answer import as_json
from steps.target.capabilities import cannot
from steps.target.description.placeholders import fill, fill_all
from steps.target.description.tables import RequestTable, UsersTable
from steps.target.tokens import Issuer, subject, told
from steps.target.user_accounts import User, new_email

REQUEST_TIMEOUT_SECONDS = 15.0
"""How long the target, or its identity provider, has to answer one request."""


class SignUpAccounts:
    """Users sign up over HTTP, at the target itself or at its identity provider.

    An `issuer` signs their tokens; without one, the answers hold the tokens.
    """

    can_create = True
    takes_any_id = False

    def __init__(
        self, table: UsersTable, issuer: Issuer | None, base_url: Callable[[], str]
    ) -> None:
        assert table.sign_up is not None
        self._table = table
        self._sign_up = table.sign_up
        self._issuer = issuer
        self._base_url = base_url
        self._credentials: dict[str, dict[str, str]] = {}
        self.can_delete = table.remove is not None

    def create(self, name: str, chosen_id: str | None) -> User:
        if chosen_id is not None:
            cannot("chosen-ids")
        credentials = {"name": name, "email": new_email(), "password": secrets.token_urlsafe(24)}
        with self._client() as http:
            answer = self._request(http, "sign_up", self._sign_up, credentials)
            token = self._read_value(answer, "sign_up", self._sign_up, "token")
            user_id = self._read_value(answer, "sign_up", self._sign_up, "id")
            if self._table.sign_in is not None:
                answer = self._request(
                    http, "sign_in", self._table.sign_in, credentials | {"token": token}
                )
                token = self._read_value(answer, "sign_in", self._table.sign_in, "token") or token
                user_id = self._read_value(answer, "sign_in", self._table.sign_in, "id") or user_id
        user_id = user_id or subject(token)
        if not user_id:
            raise TargetError(
                "[users.sign_up] gives no user id: say in id where it stands in the answer."
            )
        if self._issuer is not None:
            token = self._issuer.token(user_id)
        if not token:
            raise TargetError(
                "[users.sign_up] gives no token: say in token where it stands in the answer, or in "
                "[tokens] how to sign one."
            )
        self._credentials[user_id] = credentials | {"token": token}
        return User(user_id, name, told(token))

    def delete(self, user: User) -> None:
        if self._table.remove is None:
            cannot("deletion")
        with self._client() as http:
            self._request(http, "remove", self._table.remove, self._credentials[user.id], user.id)

    def _client(self) -> httpx2.Client:
        return deadline.client(seconds=REQUEST_TIMEOUT_SECONDS)

    def _url(self, url: str, user_id: str) -> str:
        whole = url if not url.startswith("/") else self._base_url() + url
        return fill(whole, {"id": quote(user_id, safe="")})

    def _request(
        self,
        http: httpx2.Client,
        key: str,
        call: RequestTable,
        values: Mapping[str, str],
        user_id: str = "",
    ) -> httpx2.Response:
        url = self._url(call.url, user_id)
        headers = {name: fill(text, {"token": "", **values}) for name, text in call.headers.items()}
        body = fill_all(call.body, values)
        try:
            answer = http.request(call.method, url, headers=headers, json=body or None)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise TargetError(f"[users.{key}] {call.method} {call.url}: {error}.") from error
        if answer.status_code >= 300:
            raise TargetError(
                f"[users.{key}] {call.method} {call.url} was answered {answer.status_code}: "
                f"{' '.join(answer.text.split())[:300] or 'nothing'}"
            )
        return answer

    @staticmethod
    def _read_value(answer: httpx2.Response, key: str, call: RequestTable, field: str) -> str:
        """Return the value at the path that `call` has in its key `field`; empty without a path."""
        path: str = getattr(call, field)
        if not path:
            return ""
        if path.startswith("header:"):
            value: Any = answer.headers.get(path.removeprefix("header:"))
        else:
            value = value_at(as_json(answer.content), path)
        if not isinstance(value, str | int) or value == "":
            asked = f"{call.method} {call.url}"
            found = ", ".join(value_paths(as_json(answer.content))) or "no JSON"
            raise TargetError(
                f"[users.{key}] {field}: there is no {path} in the answer of {asked}, which has: "
                f"{found}."
            )
        return str(value)


def value_at(value: Any, path: str) -> Any:
    """Return the value at a path, such as `data.users.0.id`, of a JSON value; None if none."""
    for part in path.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def value_paths(value: Any, above: str = "") -> list[str]:
    """Return the paths of a JSON value's texts and numbers, without these: they may be secret."""
    if isinstance(value, dict):
        pairs = [(str(key), inner) for key, inner in value.items()]
    elif isinstance(value, list):
        pairs = [(str(key), inner) for key, inner in enumerate(value)]
    else:
        return [above] if above else []
    return [path for key, one in pairs for path in value_paths(one, f"{above}.{key}".lstrip("."))]
