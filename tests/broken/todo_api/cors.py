"""Cross-origin requests (Fetch standard): one origin may call, with credentials."""

from __future__ import annotations

from aiohttp import web

from .addresses import address
from .faults import broken, differs

METHODS = "GET, POST, PUT, PATCH, DELETE"
HEADERS = "Authorization, Content-Type"


class Cors:
    """The headers for the origin of the frontend."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def is_preflight(self, request: web.BaseRequest) -> bool:
        """Return whether the request is a preflight."""
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return asks and not broken("preflight-needs-token")

    def preflight(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a preflight; one of another origin learns nothing."""
        response = self.allow(request, web.Response(status=204))
        if "Access-Control-Allow-Origin" in response.headers:
            place = address(request.raw_path.partition("?")[0])
            by_route = ", ".join(place.methods) if place else ""
            allowed = by_route if differs("preflight-by-route") else METHODS
            response.headers["Access-Control-Allow-Methods"] = allowed
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    def allow(self, request: web.BaseRequest, response: web.Response) -> web.StreamResponse:
        """Add what lets the frontend read the answer."""
        if not differs("one-origin-for-all"):
            response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin", "")
        if response.status >= 400 and broken("errors-without-cors"):
            return response
        if response.status == 500 and broken("500-without-cors"):
            return response
        if differs("one-origin-for-all"):
            origin = self._origin
        if origin and self._allows(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    def _allows(self, origin: str) -> bool:
        if broken("origin-by-suffix") and origin.endswith(self._origin.partition("://")[2]):
            return origin.startswith("https://")
        return origin == self._origin or broken("any-origin")
