"""The errors of the API, each with its status code, and the one shape in which it is answered.

::

    ApiError
    ├── InvalidCredentialsError   401, with an RFC 6750 challenge
    ├── AccessDeniedError         403
    ├── TaskNotFoundError         404
    ├── PathNotFoundError         404
    ├── BodyTooLargeError         413
    └── UnreadableRequestError    the connection is closed behind the answer
        ├── BadRequestError           400
        ├── RequestTimeoutError       408
        ├── RequestLineTooLongError   414
        └── HeadTooLargeError         431
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match


def error_response(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make the body of every error: `detail`, `status_code`, and for a 422 also `errors`."""
    # Implements: FR-019, FR-018, SC-006
    body: dict[str, Any] = {"detail": detail, "status_code": status}
    if errors is not None:
        body["errors"] = errors
    return JSONResponse(body, status, headers)


class ApiError(Exception):
    """A request is refused for a reason that the client may know."""

    status = 500

    def __init__(self, detail: str, *, reason: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason
        """One word for the log; it is never shown to the client."""

    def response(self) -> JSONResponse:
        """Answer in the one shape."""
        return error_response(self.status, self.detail)


class InvalidCredentialsError(ApiError):
    """The request carries no token, or none that can be trusted."""

    status = 401

    def response(self) -> JSONResponse:
        """Challenge as RFC 6750 section 3 has it: no error code when no credentials were given."""
        # Implements: SR-004, FR-019
        challenge = "Bearer"
        if self.reason != "missing_token":
            challenge = f'Bearer error="invalid_token", error_description="{self.detail}"'
        return error_response(self.status, self.detail, headers={"WWW-Authenticate": challenge})


class AccessDeniedError(ApiError):
    """A known user asks for what belongs to another user."""

    status = 403


class TaskNotFoundError(ApiError):
    """No user has a task of this id."""

    status = 404


class PathNotFoundError(ApiError):
    """The API has no such path."""

    status = 404


class BodyTooLargeError(ApiError):
    """The body is longer than `MAX_BODY_BYTES`."""

    status = 413


class UnreadableRequestError(ApiError):
    """What was sent cannot be read to its end, so nothing that follows it can be read either."""


class BadRequestError(UnreadableRequestError):
    """The request is no HTTP/1.1."""

    status = 400


class RequestTimeoutError(UnreadableRequestError):
    """The request did not arrive in time."""

    status = 408


class RequestLineTooLongError(UnreadableRequestError):
    """The request line is longer than `MAX_LINE_BYTES`."""

    status = 414


class HeadTooLargeError(UnreadableRequestError):
    """The head is longer than `MAX_HEAD_BYTES`, or has more than `MAX_HEADER_FIELDS` fields."""

    status = 431


async def answer_http_error(request: Request, error: HTTPException) -> JSONResponse:
    """Answer what the framework itself refuses: unknown paths and wrong methods."""
    # Implements: FR-019, FR-018
    headers = None
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework's own Allow knows only the first route of a path.
        routes = [r for r in request.app.routes if r.matches(request.scope)[0] is not Match.NONE]
        headers = {"Allow": ", ".join(sorted({m for r in routes for m in r.methods}))}
    detail = f"{HTTPStatus(error.status_code).phrase}."
    return error_response(error.status_code, detail, headers=headers)


async def answer_invalid_input(_: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 and say where and why, without echoing a byte of the input."""
    # Implements: SC-010, FR-019, US2-AS3, EC-03, EC-06
    errors = [{name: item[name] for name in ("loc", "msg", "type")} for item in error.errors()]
    place = ".".join(str(part) for part in errors[0]["loc"])
    return error_response(422, f"Invalid input in {place}: {errors[0]['msg']}.", errors=errors)
