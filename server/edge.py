"""What every answer carries, errors too: request id, CORS headers, the shape of an error.

Outermost of all, so that a 401 and a 500 have the same headers as a 200: without them a browser
shows the frontend "network error" instead of the reason.
"""

import logging
import random

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.errors import ApiError, error_response
from server.logged_path import logged_path
from server.session import MISSING, UnusableDatabaseError

access_log = logging.getLogger("server.access")
error_log = logging.getLogger("server.errors")

PREFLIGHT = {"origin", "access-control-request-method"}
PREFLIGHT_ANSWER = [
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", b"Authorization, Content-Type"),
    (b"access-control-max-age", b"600"),
]


class Edge:
    """Middleware around everything else."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; pass on everything else, and turn exceptions into answers."""
        # Implements: FR-019, FR-020, SC-006
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # It has to be another one, not one that nobody can guess: the system's generator would take
        # six microseconds. A forked worker begins with a seed of its own.
        request_id = f"{random.getrandbits(128):032x}"
        headers = Headers(scope=scope)
        extra = [(b"x-request-id", request_id.encode()), *self._cors(headers.get("origin"))]

        async def send_with_headers(message: Message) -> None:
            # Implements: FR-020
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        if scope["method"] == "OPTIONS" and set(headers.keys()) >= PREFLIGHT:
            if headers["origin"] in self._origins:
                extra += PREFLIGHT_ANSWER
            await Response(status_code=204)(scope, receive, send_with_headers)
            return
        try:
            if "refusal" in scope:  # what the connection's protocol could not read
                raise scope["refusal"]  # noqa: TRY301 - it is answered as any other
            await self._app(scope, receive, send_with_headers)
        except ApiError as error:
            _log_refusal(error, scope, request_id)
            await error.response()(scope, receive, send_with_headers)
        except ClientDisconnect:
            error_log.info(
                "A request was given up by its client.", extra={"request_id": request_id}
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets no detail of it
            # Implements: SR-010, EC-04
            line = {"status": 500, **_request(scope, request_id)}
            if isinstance(error, UnusableDatabaseError):
                line["why"] = str(error)
            elif why := MISSING.get(getattr(error, "sqlstate", None) or ""):
                line["why"] = why
            error_log.exception("A request failed.", extra=line)
            response = error_response(500, "Internal server error.")
            await response(scope, receive, send_with_headers)

    def _cors(self, origin: str | None) -> list[tuple[bytes, bytes]]:
        # Implements: FR-020
        vary = (b"vary", b"Origin")
        if origin not in self._origins:
            return [vary]
        return [
            vary,
            (b"access-control-allow-origin", str(origin).encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", b"X-Request-ID"),
        ]


def _log_refusal(error: ApiError, scope: Scope, request_id: str) -> None:
    """Log a line for security monitoring."""
    # Implements: SR-011
    if error.reason:
        refusal = {"reason": error.reason, "status": error.status}
        access_log.warning(error.detail, extra={**refusal, **_request(scope, request_id)})


def _request(scope: Scope, request_id: str) -> dict[str, str]:
    """Return what a line of the log says of its request."""
    # Implements: SR-011
    return {
        "method": scope["method"],
        "path": logged_path(scope["raw_path"]),
        "client": scope["client"][0] if scope.get("client") else "",
        "request_id": request_id,
    }
