"""Checks that the judging can be done: one task of one user is created, read, listed and deleted.

A mistake in the target file, such as the URL of another server, is found here, and so is a server
of which nothing works: one sentence says it in seconds, instead of hundreds of scenarios that all
fail for the same reason. A server that deviates in one place, whatever the place, is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from steps.http import deadline
from steps.http.answer import as_json
from steps.http.lenient import find_id, find_task, find_tasks
from steps.http.operations import CREATE, DELETE, LIST, READ, Operation
from steps.target.target import Target
from steps.target.user_accounts import User

ANSWER_SECONDS = 10.0
HTML_TYPES = {"text/html", "application/xhtml+xml"}
BODY_SHOWN = 200
"""How many characters of an answer's body a sentence has."""
CREATIONS: tuple[dict[str, str], ...] = ({}, {"description": "from the preflight"}, {})
"""Fields of the tasks that are created, until one is: a server may refuse one kind of them, and the
first request after a start may fail."""


@dataclass(frozen=True)
class Preflight:
    """The result of the check."""

    user: User
    """The user that was made for it. The user has no task any more, if the server deletes tasks."""
    problem: str
    """Why the server cannot be judged, as sentences that end with a full stop; empty: it can."""


def preflight(target: Target, redact: Callable[[str], str] = str) -> Preflight:
    """Make a user, and try whether there is a server behind the target that can be judged.

    `redact` takes tokens and secrets out of an answer before it is cut for the sentence. A request
    that is not answered ends the check without a problem: the scenarios judge that. Raises
    `TargetError` when no user can be made.
    """
    user = target.make_user("Preflight")
    with deadline.client(target.base_url, ANSWER_SECONDS) as http:
        try:
            return Preflight(user, _Check(target, user, http, redact).problem())
        except httpx2.HTTPError:
            return Preflight(user, "")


class _Check:
    """The requests of one preflight, and the sentence about the first thing that is wrong."""

    def __init__(
        self, target: Target, user: User, http: httpx2.Client, redact: Callable[[str], str]
    ) -> None:
        self._target = target
        self._user = user
        self._http = http
        self._redact = redact

    def problem(self) -> str:
        """Return why the server cannot be judged; empty: it can.

        Raises `HTTPError` when a request is not answered.
        """
        layout = self._target.layout
        if not (layout.offers(LIST) and layout.offers(CREATE)):
            return ""  # the scenarios judge what there is
        listed = self._send(LIST)
        place = layout.place(LIST.method, LIST.url(self._user.id, ""))
        problem = _not_the_api(listed, place.path)
        if not problem and self._user.own_token and self._token_refused(listed):
            problem = self._token_problem(listed)
        if problem:
            return f"{self._request(LIST)}, asked to begin with, {problem}"
        return self._life(listed) if self._user.own_token else ""

    def _life(self, listed: httpx2.Response) -> str:
        created = self._create()
        if not created.is_success:
            return self._no_creation(listed, created)
        answers = {LIST: self._send(LIST)}
        task_id = _id_in(created) or _id_in(answers[LIST])
        for operation in (READ, DELETE):
            if task_id and self._target.layout.offers(operation):
                answers[operation] = self._send(operation, task_id)
        if any(answer.is_success for answer in answers.values()):
            return ""
        said = ", ".join(
            f"{self._named(operation)} {self._said(answer)}"
            for operation, answer in answers.items()
        )
        return f"The server creates a task, and nothing else works with a valid token: {said}."

    def _create(self) -> httpx2.Response:
        """Return the first answer that creates a task, or else the last one."""
        path, created = CREATE.url(self._user.id, ""), None
        for fields in CREATIONS:
            created = self._send(CREATE, fields=fields)
            if created.is_success:
                self._target.release([], [(path, created.content)])
                break
        assert created is not None
        return created

    def _no_creation(self, listed: httpx2.Response, created: httpx2.Response) -> str:
        if created.status_code == 401:
            return f"{self._request(CREATE)} {self._token_problem(created)}"
        if _nothing_there(created) and _nothing_there(listed):
            return (
                "The server has nothing at the paths of the spec for a valid token: "
                f"{self._named(LIST)} {self._said(listed)}, {self._named(CREATE)} "
                f"{self._said(created)}. Is it the server that was meant? If it has the operations "
                "at other paths, name them in [paths] of the target file."
            )
        return (
            f"{self._request(CREATE)} creates no task, whatever is sent: {self._said(created)}. "
            "Without a task, nearly every scenario would fail for this one reason: mend it first."
        )

    def _send(
        self,
        operation: Operation,
        task_id: str = "",
        *,
        fields: dict[str, str] | None = None,
        token: str | None = None,
    ) -> httpx2.Response:
        token = self._user.own_token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        layout = self._target.layout
        place = layout.place(operation.method, operation.url(self._user.id, task_id))
        body = layout.body(... if fields is None else operation.body(**fields), place)
        return self._http.request(
            place.method,
            self._target.base_url + place.path,
            headers=headers,
            json=None if body is ... else body,
        )

    def _token_refused(self, answer: httpx2.Response) -> bool:
        """Whether a good token is answered like one that is signed with an unknown key."""
        if answer.status_code == 401:
            return True
        if answer.status_code not in {403, 500} or "signing" not in self._target.capabilities:
            return False
        other = self._target.issuer.with_unknown_key().token(self._user.id)
        forged = self._send(LIST, token=other)
        return (forged.status_code, forged.content) == (answer.status_code, answer.content)

    def _token_problem(self, answer: httpx2.Response) -> str:
        return (
            "is refused with a token that is signed as [tokens] says "
            f"({self._said(answer)}). Check algorithm, key or secret, and whether the server "
            "wants more claims."
        )

    def _request(self, operation: Operation) -> str:
        route = self._target.layout.route(operation)
        return f"{route.method} {self._target.base_url}{route.path}"

    def _named(self, operation: Operation) -> str:
        route = self._target.layout.route(operation)
        return f"{route.method} {route.path}"

    def _said(self, answer: httpx2.Response) -> str:
        """Return status and body of an answer, such as `500: Internal Server Error`."""
        body = " ".join(self._redact(answer.text).split())
        return f"{answer.status_code}: {body[:BODY_SHOWN] or 'no body'}"


def _id_in(answer: httpx2.Response) -> str:
    """Return the id of the task in an answer, or of the first one of a list; empty: none."""
    value = as_json(answer.content)
    tasks = [task] if (task := find_task(value)) else find_tasks(value) or []
    return next((found for task in tasks if (found := find_id(task))), "")


def _nothing_there(answer: httpx2.Response) -> bool:
    """Return whether an answer says that the path, or the method on it, is not served."""
    return answer.status_code in {404, 405} or answer.is_redirect


def _not_the_api(answer: httpx2.Response, path: str) -> str:
    """Say why the answer is not the API's, in the words after `GET …`; empty: it is the API's."""
    status = answer.status_code
    if 300 <= status < 400:
        to = answer.headers.get("location", "nowhere")
        # A redirect that adds or removes the last slash is a deviation of the API itself.
        if urlsplit(to).path.rstrip("/") != path and not to.startswith(path):
            return f"is redirected to {to} ({status}). Is the URL that of the API itself?"
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type in HTML_TYPES and (status < 300 or status == 404):
        return f"is answered with HTML ({status}). Is this the API, and not a website before it?"
    return ""
