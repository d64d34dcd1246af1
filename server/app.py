"""The application factory: the one place that knows all parts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from server import contract
from server.access import Access
from server.database import Database
from server.edge import Edge
from server.errors import answer_http_error, answer_invalid_input
from server.routes import router
from server.settings import Settings
from server.tokens import Verifier


def create_app(settings: Settings) -> FastAPI:
    """Make the application; it connects to nothing before its first request."""
    database = Database(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    return FastAPI(
        # Set, not included, so that a 405 can list the methods of all routes of a path.
        routes=[Route("/openapi.json", _openapi), *router.routes],
        lifespan=lifespan,
        openapi_url=None,  # the contract says more than the framework can: see `contract`
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the spec has none
        middleware=[
            Middleware(Edge, settings.cors_origin),
            Middleware(Access, Verifier(settings), database, settings.max_body_bytes),
        ],
        exception_handlers={
            HTTPException: answer_http_error,
            RequestValidationError: answer_invalid_input,
        },
    )


async def _openapi(_: Request) -> JSONResponse:
    # Implements: SC-011
    return JSONResponse(contract.document())
