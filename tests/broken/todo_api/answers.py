"""What answers look like: tasks, lists and errors."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

import psycopg
from aiohttp import web

from .faults import broken, differs
from .layouts import shown as laid_out_task
from .problems import Problem
from .store import Row


def task(row: Row, status: int = 200) -> web.Response:
    """Return the answer that is one task."""
    shown = _task(row)
    if broken("created-200"):
        status = 200
    return _json({"data": shown} if broken("task-wrapped") else shown, status)


def tasks(rows: list[Row]) -> web.Response:
    """Return the answer that is a list."""
    shown = [_task(row) for row in rows]
    return _json({"tasks": shown, "total": len(shown)} if broken("list-wrapped") else shown)


def nothing() -> web.Response:
    """Return the answer to a deletion."""
    if broken("deleted-200"):
        return _json({"message": "Task deleted"})
    return web.Response(status=204)


def refusal(problem: Problem) -> web.Response:
    """Return an error that the client can do something about."""
    status = problem.status
    if status == 404 and broken("html-404"):
        return web.Response(status=404, text="<h1>Not Found</h1>", content_type="text/html")
    if status == 422 and broken("invalid-400"):
        status = 400
    flaws = [{"loc": list(f.place), "msg": f.text, "type": f.kind} for f in problem.flaws]
    body: dict[str, Any] = {"detail": problem.sentence, "status_code": status}
    if flaws and broken("detail-is-a-list"):
        body["detail"] = flaws
    if flaws:
        body["errors"] = flaws
    headers = dict(problem.headers)
    if broken("no-challenge"):
        headers.pop("WWW-Authenticate", None)
    return _error(body, status, headers)


def failure(error: Exception) -> web.Response:
    """Return the error that the client can do nothing about, without any detail."""
    if broken("plain-500"):
        return web.Response(status=500, text="Internal Server Error")
    detail = "Something went wrong."
    at_work = not isinstance(error, psycopg.OperationalError)
    if broken("driver-message") or (broken("driver-message-at-work") and at_work):
        detail = f"Database error: {error}"
    down = isinstance(error, psycopg.OperationalError)
    status = 503 if down and broken("outage-503") else 500
    return _error({"detail": detail, "status_code": status}, status, {})


def _error(body: dict[str, Any], status: int, headers: dict[str, str]) -> web.Response:
    if broken("no-status-code"):
        del body["status_code"]
    if differs("own-address-in-errors"):
        body["instance"] = f"http://127.0.0.1:{os.environ['TODO_PORT']}/api"
    if broken("error-under-msg"):
        body["msg"] = body.pop("detail")
    if broken("error-under-message"):
        body["message"] = body.pop("detail")
    return _json(body, status, headers)


def _task(row: Row) -> dict[str, Any]:
    shown = {
        "id": row["id"] if differs("integer-ids") else str(row["id"]),
        "user_id": str(row["user_id"]),
        "title": row["title"],
        "description": row["description"],
        "is_completed": row["is_completed"],
        "created_at": _time(row["created_at"]),
        "updated_at": _time(row["updated_at"]),
    }
    if broken("no-description"):
        del shown["description"]
    if differs("more-fields"):
        shown |= {"priority": 0, "tags": []}
    if broken("renamed-field"):
        shown["completed"] = shown.pop("is_completed")
    return laid_out_task(shown)


def _time(when: datetime) -> str:
    """Return RFC 3339 in UTC with `Z`."""
    if differs("shown-in-seconds"):
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    if broken("no-zone"):
        return text
    return text + ("+00:00" if broken("zone-as-offset") else "Z")


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=json.dumps(value).encode(),
        status=status,
        headers=headers,
        content_type="application/json",
    )
