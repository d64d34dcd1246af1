"""The baseline: a server written by hand for speed and nothing else.

The same token check, the same JSON and the same event loop and HTTP parser as the reference server,
but one statement a request, no ORM, no row-level security, no check that the user exists, no
shape of errors, no limits. Three of the six operations; `python -m bench.baseline`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import jwt
import orjson
import uvicorn
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

COLUMNS = "id, user_id, title, description, is_completed, created_at, updated_at"
LIST = f"SELECT {COLUMNS} FROM tasks WHERE user_id = %s ORDER BY created_at DESC, id DESC"  # noqa: S608
GET = f"SELECT {COLUMNS} FROM tasks WHERE user_id = %s AND id = %s"  # noqa: S608
CREATE = f"INSERT INTO tasks (user_id, title, description) VALUES (%s, %s, %s) RETURNING {COLUMNS}"  # noqa: S608
CONNECTIONS = 10

SECRET = os.environ.get("JWT_SECRET", "")
POOL = AsyncConnectionPool[Any](
    os.environ.get("DATABASE_URL", ""),
    min_size=CONNECTIONS,
    max_size=CONNECTIONS,
    open=False,
    # `UTC` so that orjson writes the timestamps as the reference server does, with a `Z`.
    kwargs={"autocommit": True, "row_factory": dict_row, "options": "-c TimeZone=UTC"},
)


def json(content: object, status: int = 200) -> Response:
    """Answer in JSON."""
    body = orjson.dumps(content, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")


def user(request: Request) -> str | None:
    """Return the token's user if the token is valid and the URL has its id."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, SECRET, ["HS256"], options={"require": ["exp", "sub"]})
    except jwt.PyJWTError:
        return None
    found: str = claims["sub"]
    return found if found == request.path_params["user_id"] else None


async def list_tasks(request: Request) -> Response:
    """Answer the user's tasks, newest first."""
    if (user_id := user(request)) is None:
        return json({"detail": "No."}, 401)
    async with POOL.connection() as connection:
        rows = await (await connection.execute(LIST, [user_id])).fetchall()
    return json(rows)


async def get_task(request: Request) -> Response:
    """Answer one task."""
    if (user_id := user(request)) is None:
        return json({"detail": "No."}, 401)
    task_id = UUID(request.path_params["task_id"])
    async with POOL.connection() as connection:
        row = await (await connection.execute(GET, [user_id, task_id])).fetchone()
    return json(row, 200 if row else 404)


async def create_task(request: Request) -> Response:
    """Create a task."""
    if (user_id := user(request)) is None:
        return json({"detail": "No."}, 401)
    given = orjson.loads(await request.body())
    values = [user_id, given["title"], given.get("description")]
    async with POOL.connection() as connection:
        row = await (await connection.execute(CREATE, values)).fetchone()
    return json(row, 201)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Keep the pool open while the server serves."""
    async with POOL:
        yield


app = Starlette(
    routes=[
        Route("/api/{user_id}/tasks", list_tasks, methods=["GET"]),
        Route("/api/{user_id}/tasks", create_task, methods=["POST"]),
        Route("/api/{user_id}/tasks/{task_id}", get_task, methods=["GET"]),
    ],
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(
        app, port=int(os.environ["PORT"]), http="httptools", access_log=False, log_level="warning"
    )
