"""What variants of this server have beside the six operations: documents, accounts, figures."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from typing import Any

from aiohttp import web

from .faults import broken, differs
from .store import Store
from .tokens import signed

SIX = {
    "/api/{user_id}/tasks": ("get", "post"),
    "/api/{user_id}/tasks/{task_id}": ("get", "put", "delete"),
    "/api/{user_id}/tasks/{task_id}/complete": ("patch",),
}

BY_FRAMEWORK = {"/session", "/auth/jwt/login", "/auth/jwt/create", "/login/access-token"}
"""Where frameworks and their usual extensions take credentials."""


class Beyond:
    """Answers what only a variant answers."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._key = key
        self._passwords: dict[str, tuple[str, str]] = {}
        """E-mail address to user id and password; a variant has them in memory only."""

    async def answer(self, request: web.BaseRequest, path: str) -> web.Response | None:
        """Return the answer; None: the variant has nothing at this path."""
        if path == "/health" and differs("health"):
            return web.json_response({"status": "ok"})
        if path == "/openapi.json" and differs("described"):
            return web.json_response(_document({}))
        if broken("signs-in-by-framework") and path in BY_FRAMEWORK and request.method == "POST":
            if not (await _object(request)).get("password"):
                return _refusal(422, "A name and a password are needed.")
            return _token(uuid.uuid4().hex, self._key)
        if broken("signs-up"):
            return await self._account(request, path)
        if broken("lists-metrics"):
            return self._metrics(request, path)
        if broken("lists-labels"):
            return _labels(request, path)
        return None

    async def _account(self, request: web.BaseRequest, path: str) -> web.Response | None:
        if request.method != "POST" or path not in {"/api/v1/auth/signup", "/api/v1/auth/signin"}:
            return None
        body = await _object(request)
        email, password = str(body.get("email", "")), str(body.get("password", ""))
        if not email or not password:
            return _refusal(422, "An address and a password are needed.")
        if path.endswith("signup"):
            user = uuid.uuid4().hex
            await self._store.add_user(user, email)
            self._passwords[email] = user, password
            return web.json_response({"id": user, "email": email}, status=201)
        user, expected = self._passwords.get(email, ("", ""))
        if not expected or not secrets.compare_digest(password.encode(), expected.encode()):
            return _refusal(401, "The address or the password is wrong.")
        return _token(user, self._key)

    def _metrics(self, request: web.BaseRequest, path: str) -> web.Response | None:
        """Serve a document where no dictionary looks for one, and what it lists."""
        if path == "/docs/json":
            return web.json_response(_document({"/internal/{area}/metrics": {"get": {}}}))
        if request.method == "GET" and path.startswith("/internal/") and "/metrics" in path:
            return web.json_response({"users": 3})
        return None


def _token(user: str, key: bytes) -> web.Response:
    claims = {"sub": user, "exp": int(time.time()) + 900}
    return web.json_response({"access_token": signed(claims, key)})


def _labels(request: web.BaseRequest, path: str) -> web.Response | None:
    """Have an operation that nothing of the spec names."""
    if path == "/swagger.json":
        more = {"/api/{user_id}/labels": {"get": {"summary": "Labels of a user"}}}
        return web.json_response(_document(more))
    if request.method == "GET" and path.startswith("/api/") and path.endswith("/labels"):
        return web.json_response([])
    return None


def _document(more: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document of the six operations, and of more."""
    operation = {"responses": {"200": {"description": "Done", "content": {}}}}
    paths: dict[str, Any] = {path: dict.fromkeys(verbs, operation) for path, verbs in SIX.items()}
    paths["/health"] = {"get": {"summary": "Whether the server runs"}}
    scheme = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Todos", "version": "1"},
        "paths": paths | more,
        "components": {
            "securitySchemes": {"token": scheme},
            "examples": {"task": {"value": {"title": "Buy milk"}}},
        },
    }


async def _object(request: web.BaseRequest) -> dict[str, Any]:
    try:
        value = json.loads(await request.content.read())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"detail": sentence, "status_code": status}, status=status)
