"""Looks for an operation that the spec excludes, and tells it from an address that nobody has."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Container
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from steps.http.answer import Answer
from steps.scenario.evidence_sample import keep_sample
from steps.scenario.out_of_scope.description import Listed, description_of, listed_operations
from steps.scenario.out_of_scope.names import EXCLUDED, kind_of
from steps.scenario.out_of_scope.samples import credentials, sample
from steps.scenario.scene import Scene
from steps.target.capabilities import cannot
from traceability.evidence.recording.not_run import NotRun

SECONDS = 30.0
"""How long one search takes at most; a server that is slower is not judged by it."""
NOT_THERE = {401, 404, 405, 429, None}
"""Answers that show no operation; with 429 the server has had enough of the search."""
FORM = [("Content-Type", "application/x-www-form-urlencoded")]
WITH_BODY = {"POST", "PUT", "PATCH"}
UNSAFE = {*WITH_BODY, "DELETE"}
REDIRECTS = {301, 302, 307, 308}
UNREADABLE = {400, 415, 422}
"""Answers to a body of another kind than the operation takes."""


@dataclass(frozen=True)
class Found:
    """An operation beyond the six of the spec, by its answer."""

    what: str
    """Key of `EXCLUDED`."""
    answer: Answer
    listed: bool
    """Whether the server's own description has it."""
    takes_password: bool
    """Whether it needs a password: its description says so, or it refuses a body without one."""


class Search:
    """Searches in the name of one user of a scenario; with `methods`, for these only."""

    def __init__(
        self, scene: Scene, who: str, methods: Container[str] = (*UNSAFE, "GET", "HEAD")
    ) -> None:
        self._scene = scene
        self._methods = methods
        self._token = scene.users.named(who).token
        self._ids = {
            "alice": quote(scene.users.named("Alice").id, safe=""),
            "task": quote(scene.tasks.first_id_of("Alice"), safe=""),
        }
        self._person = credentials()
        self._nothing = f"nothing{secrets.token_hex(4)}"
        self._controls: dict[tuple[str, str], Answer] = {}
        self._end = time.monotonic() + SECONDS

    def search(self, *kinds: str) -> list[Found]:
        """Return what is found of these keys of `EXCLUDED`, or `OTHER`, as the scene's answers.

        What the server lists itself comes first: of that, the request is known that fits. Ends the
        scenario as not run when the server takes too long, or has other users who could be harmed.
        """
        document = description_of(self._scene, self._token)
        answers: list[Answer] = []
        found: list[Found] = []
        own = self._scene.client.layout.routes.values()
        listed = [
            (what, one)
            for one in listed_operations(document)
            if not one.is_one_of(own)
            and (what := kind_of(one.method, one.path, one.names)) in kinds
        ]
        for what, operation in sorted(listed, key=lambda pair: _turn(pair[1])):
            if operation.method in self._methods:
                answer = self._send_listed(operation, document)
                answers.append(answer)
                if answer.status not in NOT_THERE or self._refuses_empty(answer):
                    needs = "password" in str(operation.body.get("properties", ())).lower()
                    found.append(Found(str(what), answer, True, needs))
        known = {(one.answer.method, one.answer.path) for one in found}
        for what in kinds:
            for method, path in EXCLUDED[what].requests() if what in EXCLUDED else ():
                request = self._place(method, path)
                if request is None or method not in self._methods or request in known:
                    continue
                self._check_time(found)
                answer = self._send(*request)
                answers.append(answer)
                if self._shows(answer):
                    answer = self._with_form(answer)
                    found.append(Found(what, answer, False, self._needs_password(answer)))
        shown = [one.answer for one in found]
        if ordinary := [one for one in answers if one not in shown]:
            keep_sample(self._scene.client, ordinary)
        for answer in shown:
            self._scene.client.record(answer)
        self._scene.answers = shown or answers
        return found

    def _place(self, method: str, path: str) -> tuple[str, str] | None:
        """Return where a request of the list goes to; None: the server has no place for it.

        One that names the user stands beside the operations of the spec: at another server it
        stands beside those of this server.
        """
        filled = path.format(**self._ids)
        if "{alice}" not in path:
            return method, filled
        try:
            place = self._scene.client.layout.place(method, filled)
        except NotRun:
            return None
        return place.method, place.path

    def _send(self, method: str, path: str, **body: Any) -> Answer:
        send = partial(self._scene.client.send, own_path=True)
        if method in WITH_BODY and not body:
            # A server that others use gets no data: an operation that misses them is there, too.
            body = {"json_body": {} if self._scene.target.shared else self._person}
        answer = send(method, path, token=self._token, record=False, **body)
        to = (answer.header("location") or "").partition("?")[0]
        moved = re.sub("^https?://[^/]*", "", to) if answer.status in REDIRECTS else ""
        if moved != path and moved in {f"{path}/", path.rstrip("/")}:
            return send(method, moved, token=self._token, record=False, **body)
        return answer

    def _send_listed(self, operation: Listed, document: dict[str, Any]) -> Answer:
        if self._scene.target.shared and operation.method in UNSAFE:
            cannot("harm")
        query = {}
        for one in operation.parameters:
            name = str(one.get("name"))
            if one.get("in") == "query" and one.get("required"):
                query[name] = sample(one.get("schema", one), document, self._person, name)
        path = re.sub(r"\{([^{}]*)\}", lambda part: self._id_for(part[1]), operation.path)
        path += f"?{urlencode(query)}" if query else ""
        if not operation.body:
            return self._send(operation.method, path)
        value = sample(operation.body, document, self._person)
        if not operation.form or not isinstance(value, dict):
            return self._send(operation.method, path, json_body=value)
        answer = self._send_form(operation.method, path, value)
        if answer.status == 401 and "username" in value:  # many servers take the address for it
            value["username"] = self._person["email"]
            answer = self._send_form(operation.method, path, value)
        return answer

    def _send_form(self, method: str, path: str, value: dict[str, Any]) -> Answer:
        return self._send(method, path, body=urlencode(value).encode(), headers=FORM)

    def _with_form(self, answer: Answer) -> Answer:
        """Return the answer to the credentials as a form (RFC 6749, 4.3.2), where JSON is refused.

        Of an operation that takes no form either, the first answer is returned.
        """
        if self._scene.target.shared or answer.status not in UNREADABLE or answer.method != "POST":
            return answer
        for name in ("email", "username"):
            form = {"username": self._person[name], "password": self._person["password"]}
            second = self._send_form("POST", answer.path, {**form, "grant_type": "password"})
            if 200 <= (second.status or 0) < 300:
                return second
        return answer

    def _id_for(self, name: str) -> str:
        """Return the id that a template names: that of the task, or else of the user."""
        return self._ids["task" if "task" in name.lower() or name == "id" else "alice"]

    def _shows(self, answer: Answer) -> bool:
        """Whether the answer is that of an operation: an address that nobody has gets another."""
        if answer.status in NOT_THERE and answer.status != 401:
            return False
        control = self._control(answer)
        if answer.status == 401:
            return control.status != 401 and self._refuses_empty(answer)
        if answer.status != control.status:
            return True
        return (answer.status or 0) < 400 and _body(answer) != _body(control)

    def _refuses_empty(self, answer: Answer) -> bool:
        """Whether a 401 was that of wrong credentials: without any, another fault is found."""
        if answer.status != 401 or answer.method != "POST":
            return False
        return self._send("POST", answer.path, json_body={}).status in UNREADABLE

    def _control(self, answer: Answer) -> Answer:
        """Return the answer to the same request to an address beside it that nobody has."""
        path = f"{answer.path.rstrip('/').rpartition('/')[0]}/{self._nothing}"
        if re.search("/v[0-9]+(/|$)", answer.path):
            path = re.sub("/v[0-9]+(?=/|$)", f"/{self._nothing}", answer.path)
        key = answer.method, path
        if key not in self._controls:
            self._controls[key] = self._send(*key)
        return self._controls[key]

    def _needs_password(self, answer: Answer) -> bool:
        if answer.method not in {"POST", "PUT"} or not 200 <= (answer.status or 0) < 300:
            return False
        body = {name: value for name, value in credentials().items() if name != "password"}
        return (self._send(answer.method, answer.path, json_body=body).status or 0) >= 400

    def _check_time(self, found: list[Found]) -> None:
        if time.monotonic() > self._end and not found:
            raise NotRun(f"target cannot answer the search for it within {SECONDS:g} s")


def _body(answer: Answer) -> str:
    """Return what an answer says, without the path that it repeats and without numbers."""
    return re.sub("[0-9]+", "0", answer.text.replace(answer.path, ""))


def _turn(operation: Listed) -> int:
    """Return when an operation is tried: who signs up can sign in, who is deleted can no more."""
    words = f"{operation.path} {operation.names}".lower()
    if operation.method == "DELETE":
        return 2
    return 0 if re.search("sign.?up|regist", words) else 1
