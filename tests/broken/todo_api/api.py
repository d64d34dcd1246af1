"""From a request to its answer: authentication, the operation, and its errors."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections import Counter
from http import HTTPStatus

from aiohttp import web

from . import answers, tokens
from .access_log import log_in_json
from .addresses import Address, address
from .beyond import Beyond
from .bodies import Content, content
from .configuration import Configuration
from .cors import Cors
from .faults import broken, differs
from .layouts import laid_out
from .problems import Flaw, Problem, invalid, unauthenticated
from .store import Store

LOG = logging.getLogger("todo_api")
ADDRESS = ("127.0.0.1", 50123)
"""Of a client, as an access log shows it."""
LARGEST = 64 * 1024
"""Bytes of a body."""


class Api:
    """Answers requests."""

    def __init__(self, configuration: Configuration, store: Store) -> None:
        self._key = configuration.key
        self._store = store
        self._cors = Cors(configuration.origin)
        self._beyond = Beyond(store, configuration.key)
        self._answered = 0
        self._asked: Counter[str] = Counter()
        """Requests, by user."""
        self._turn = asyncio.Lock()
        self._ended: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        """Connections that are over without the client having been told."""

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to any request; no exception escapes."""
        if not differs("one-at-a-time"):
            return await self._answer(request)
        async with self._turn:
            return await self._answer(request)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self._answered += 1
        if request.transport is not None and request.transport in self._ended:
            request.transport.abort()
        if self._cors.is_preflight(request):
            return self._cors.preflight(request)
        try:
            response = await self._serve(request)
        except Problem as problem:
            _log(request, problem)
            response = answers.refusal(problem)
        except Exception as error:
            LOG.exception("500 %s %s", request.method, _path(request))
            response = answers.failure(error)
            if differs("closed-after-500") and request.transport is not None:
                self._ended.add(request.transport)
        _log_access(request, response.status)
        if broken("json-access-log"):
            log_in_json(request, response)
        return self._cors.allow(request, response)

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        """Check the token, then the URL, and only then look at the rest of the request."""
        path = _path(request)
        if differs("health") and path == "/health":
            return web.json_response({"status": "ok"})
        if differs("describes-itself") and path == "/openapi.json":
            return web.json_response(
                {"openapi": "3.1.0", "paths": {"/api/{id}/tasks": {"get": {}}}}
            )
        if differs("websocket-403") and request.headers.get("Upgrade", "").lower() == "websocket":
            raise Problem(403, "There is no WebSocket.")
        if differs("get-without-body") and request.method == "GET" and request.can_read_body:
            raise Problem(400, "A GET has no body.")
        if path == "/metrics" and broken("metrics"):
            return web.json_response({"requests": self._answered})
        if (answer := await self._beyond.answer(request, path)) is not None:
            return answer
        place = address(path)
        if not f"{path}/".startswith("/tasks/" if laid_out("tasks-without-user") else "/api/"):
            raise Problem(404, "There is nothing here.")
        if broken("body-before-token"):
            await _parsed(request, place)
        user = await self._caller(request)
        if broken("rate-limit"):
            self._limit_rate(user)
        if place is None:
            return _elsewhere(path)
        if broken("body-before-url"):
            await _parsed(request, place)
        if broken("url-names-the-user"):
            user = place.user
        elif place.user_is_named and not _same_user(place, user) and not broken("url-unchecked"):
            raise Problem(403, "The URL is that of another user.")
        if place.resource == "complete" and broken("no-toggle-route"):
            raise Problem(404, "There is nothing here.")
        if request.method not in place.methods:
            raise _wrong_method(place)
        return await self._operate(request, place, user)

    def _limit_rate(self, user: str) -> None:
        """Let the first 120 requests of a user through. Raises a 429 `Problem`."""
        self._asked[user] += 1
        if self._asked[user] > 120:
            raise Problem(429, "There were too many requests.", {"Retry-After": "60"})

    async def _caller(self, request: web.BaseRequest) -> str:
        """Return the id of the user of the token, if the user exists. Raises a 401 `Problem`."""
        authorization = request.headers.getall("Authorization", [])
        if broken("token-in-the-query") and "token" in request.query:
            authorization = [f"Bearer {request.query['token']}"]
        user = tokens.subject(authorization, self._key)
        if broken("header-names-the-user"):
            user = request.headers.get("X-User-Id", user)
        if broken("gateway-names-the-user"):
            user = request.headers.get("X-Authenticated-Userid", user)
        if not broken("unknown-user-served") and not await self._store.exists(user):
            raise unauthenticated("The account is invalid or deleted.")
        return user

    async def _operate(self, request: web.BaseRequest, place: Address, user: str) -> web.Response:
        store, method = self._store, request.method
        if place.resource == "tasks":
            if method == "POST" and differs("quota") and len(await store.all_of(user)) >= 99:
                raise Problem(429, "A user may have 99 tasks.")
            if method == "POST":
                return answers.task(await store.create(user, await _content(request)), 201)
            rows = await store.all_of(user)
            if broken("search") and "q" in request.query:
                rows = [row for row in rows if request.query["q"] in row["title"]]
            if broken("first-page-alone"):
                rows = rows[:50]
            if broken("pagination") and "limit" in request.query:
                rows = rows[: int(request.query["limit"])]
            return answers.tasks(rows)
        task = place.task_id()
        if method == "PUT":
            if broken("task-before-body"):
                await store.one(user, task)
            return answers.task(await store.update(user, task, await _content(request)))
        if method == "DELETE":
            await store.delete(user, task)
            return answers.nothing()
        if method == "GET":
            return answers.task(await store.one(user, task))
        return answers.task(await store.toggle(user, task))


def _same_user(place: Address, user: str) -> bool:
    if differs("uuid-users"):
        if "\0" in place.user:
            raise invalid(Flaw(("path", "user_id"), "It must be a UUID.", "uuid"))
        return place.user.lower() == user.lower()
    return place.user == user


def _elsewhere(path: str) -> web.Response:
    if path.endswith("/") and broken("slash-redirect"):
        return web.Response(status=307, headers={"Location": path.rstrip("/")})
    raise Problem(404, "There is nothing here.")


def _wrong_method(place: Address) -> Problem:
    if broken("wrong-method-404"):
        return Problem(404, "There is nothing here.")
    if broken("no-allow"):
        return Problem(405, "The method is not allowed here.")
    allowed = place.methods[:1] if broken("allow-in-part") else place.methods
    return Problem(405, "The method is not allowed here.", {"Allow": ", ".join(allowed)})


async def _content(request: web.BaseRequest) -> Content:
    return content(await _read(request), request.content_type)


async def _parsed(request: web.BaseRequest, place: Address | None) -> None:
    """Read the body of an operation that has one, as frameworks do before the handler runs."""
    if place is not None and request.method in {"POST", "PUT"} & set(place.methods):
        await _content(request)


async def _read(request: web.BaseRequest) -> bytes:
    """Return the body. Raises a 413 `Problem` as soon as it is too large."""
    if "body" in request:
        return bytes(request["body"])
    largest = 16 * 1024 * 1024 if broken("any-size") else LARGEST
    body = bytearray()
    too_large = (request.content_length or 0) > largest
    while not too_large and (piece := await request.content.readany()):
        body += piece
        too_large = len(body) > largest
    if too_large:
        raise Problem(413, f"A body may have {LARGEST} bytes.")
    request["body"] = bytes(body)
    return bytes(body)


def _path(request: web.BaseRequest) -> str:
    """Return the path as it was sent, without the query, which may hold secrets."""
    return request.raw_path.partition("?")[0]


def _log_access(request: web.BaseRequest, status: int) -> None:
    """Write the line of a web server's access log, in the variants that have one."""
    if not (differs("access-log") or broken("access-log-alone") or broken("query-logged")):
        return
    path = request.raw_path if broken("query-logged") else _path(request)
    phrase = HTTPStatus(status).phrase
    LOG.info('%s:%s - "%s %s HTTP/1.1" %s %s', *ADDRESS, request.method, path, status, phrase)


def _log(request: web.BaseRequest, problem: Problem) -> None:
    """Log refusals of access for security monitoring; the path stays percent-encoded."""
    if problem.status not in {401, 403} or broken("unlogged") or broken("access-log-alone"):
        return
    if broken("json-access-log"):
        return
    why = problem.sentence
    if broken("token-logged"):
        why += f" {request.headers.get('Authorization')}"
    LOG.warning("%s %s %s denied: %s", problem.status, request.method, _path(request), why)
