"""Access control: decided before a byte of the body is read, and before any route is looked for.

Pure ASGI, because a framework's dependencies run after its body parser. The order is fixed: a
valid token (401), of a user who exists (401), whose id is the one in the URL (403), then the rest.
"""

import asyncio
import time
from urllib.parse import quote, unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.database import Database
from server.errors import AccessDeniedError, ApiError, BodyTooLargeError, PathNotFoundError
from server.tasks import Tasks
from server.tokens import Verifier, bearer_token


def _segments(raw_path: bytes) -> list[bytes]:
    """Split, then decode: an encoded slash is part of an id and separates nothing.

    Raises `PathNotFoundError` unless the path is one of the three that the API has.
    """
    # Implements: FR-005, SR-008
    segments = [unquote_to_bytes(segment) for segment in raw_path.split(b"/")][1:]
    match segments:
        case (
            [b"api", _, b"tasks"] | [b"api", _, b"tasks", _] | [b"api", _, b"tasks", _, b"complete"]
        ) if all(segments):
            return segments
    raise PathNotFoundError("Not Found.")


class Access:
    """Middleware that lets only an allowed user through to `/api`; sets `request.state.tasks`."""

    def __init__(self, app: ASGIApp, verifier: Verifier, database: Database, limit: int) -> None:
        self._app = app
        self._verifier = verifier
        self._database = database
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check in the fixed order, then call the application."""
        # Implements: SR-001, SR-004, SC-003, US1-AS1
        if scope["type"] != "http" or scope["path"].strip("/").partition("/")[0] != "api":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        user_id = await self._verifier.user_id(bearer_token(scope["headers"]))
        tasks = Tasks(self._database, user_id, time.monotonic() - started)
        try:
            self._check_path(scope, user_id)
            receive = await self._receive_limited(scope, receive, tasks)
            scope["state"] = {**scope.get("state", {}), "tasks": tasks}
            await self._app(scope, receive, _known_first(tasks, send))
        except ApiError:
            await tasks.check_user()
            raise

    def _check_path(self, scope: Scope, user_id: str) -> None:
        # Implements: FR-005, SR-005, SR-008, SC-004, US2-AS4, EC-02
        segments = _segments(scope["raw_path"])
        if segments[1] != user_id.encode():
            raise AccessDeniedError("This URL belongs to another user.", reason="foreign_user")
        # The router sees each segment encoded, so that it splits the path where it was split here.
        if b"%" in scope["raw_path"]:
            scope["path"] = "".join("/" + quote(segment, safe="") for segment in segments)

    async def _receive_limited(self, scope: Scope, receive: Receive, tasks: Tasks) -> Receive:
        # Implements: SC-006
        headers = Headers(scope=scope)
        length = headers.get("content-length", "").lstrip("0")
        if not length and "transfer-encoding" not in headers:
            return receive
        # More digits than the limit has are refused unparsed: `int` raises an error for very many.
        if len(length) > len(str(self._limit)) or int(length or 0) > self._limit:
            raise self._too_large()
        received = 0

        async def receive_limited() -> Message:
            # Implements: SC-006
            nonlocal received
            message = await _arrived(receive, tasks)
            if "body_refusal" in scope:  # what the connection's protocol could not read
                raise scope["body_refusal"]
            received += len(message.get("body", b""))
            if received > self._limit:
                raise self._too_large()
            return message

        if scope["method"] not in ("POST", "PUT"):
            # No handler reads this body, but the limit holds for it all the same.
            while (await receive_limited()).get("more_body"):
                pass
        return receive_limited

    def _too_large(self) -> BodyTooLargeError:
        # Implements: SC-006
        return BodyTooLargeError(f"The body is longer than {self._limit} bytes.")


async def _arrived(receive: Receive, tasks: Tasks) -> Message:
    """Return the next part of the body; wait for one only if the user of the token exists."""
    # Implements: EC-01
    part = asyncio.ensure_future(receive())
    try:
        await asyncio.sleep(0)
        if not part.done():
            await tasks.check_user()
        return await part
    finally:
        part.cancel()


def _known_first(tasks: Tasks, send: Send) -> Send:
    """Check that the user exists before any error is sent: a missing user gets 401 and no other.

    A request that reaches `Tasks` has its user looked up there, in the same transaction. One that
    was refused before that, for its body, path or method, has not.
    """

    # Implements: EC-01
    async def send_to_the_known(message: Message) -> None:
        # Implements: EC-01
        if message["type"] == "http.response.start" and message["status"] >= 400:
            await tasks.check_user()
        await send(message)

    return send_to_the_known
