"""One document fetched over HTTP, with a limit on all of it.

The limits of `urllib` hold for each wait on the socket: a peer that sends a byte now and then keeps
it for ever, in the head as in the body. So the connection can be cut from outside.
"""

import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from server.published_key import MAXIMUM_BYTES


class Fetch(HTTPHandler, HTTPSHandler):
    """Fetches one http or https URL. No redirect leads to another scheme, or away from TLS."""

    def __init__(self, url: str, seconds: float) -> None:
        """`seconds` limit each wait; who wants a limit on the whole calls `end`."""
        super().__init__()
        self._url = url
        self._seconds = seconds
        self._ended = False
        self._watched: list[socket.socket] = []

    def run(self) -> bytes:
        """Return the document, one byte more than `MAXIMUM_BYTES` at most.

        Raises OSError if it cannot be fetched, ValueError for a peer that does not speak HTTP.
        """
        # Implements: FR-002
        opener = OpenerDirector()
        for handler in (
            ProxyHandler(),
            HTTPDefaultErrorHandler(),
            HTTPRedirectHandler(),
            HTTPErrorProcessor(),
            self,
        ):
            opener.add_handler(handler)
        try:
            with opener.open(self._url, timeout=self._seconds) as response:
                content: bytes = response.read(MAXIMUM_BYTES + 1)
        except HTTPError as error:
            error.close()
            raise
        except HTTPException as error:
            raise ValueError(f"no HTTP came ({type(error).__name__})") from None
        finally:
            self.end()
        return content

    def do_open(self, http_class: Any, req: Request, **named: Any) -> Any:
        """Open the connection as `urllib` does, and keep a duplicate of its socket."""
        # Implements: FR-002
        if self._url.lower().startswith("https:") and req.type != "https":
            raise URLError("a redirect leads away from https")

        def connection(host: str, **more: Any) -> HTTPConnection:
            # Implements: FR-002
            made: HTTPConnection = http_class(host, **more)
            connect = made._create_connection  # type: ignore[attr-defined]

            def connect_watched(*arguments: Any) -> socket.socket:
                # Implements: FR-002
                connected: socket.socket = connect(*arguments)
                # A duplicate: TLS takes the first one over, and can be cut while it begins.
                self._watched.append(connected.dup())
                if self._ended:
                    self.end()
                return connected

            made._create_connection = connect_watched  # type: ignore[attr-defined]
            return made

        return super().do_open(connection, req, **named)

    def end(self) -> None:
        """Cut the connection, so that the thread that reads from it ends."""
        # Implements: FR-002
        self._ended = True
        while self._watched:
            with suppress(OSError, IndexError), self._watched.pop() as watched:
                watched.shutdown(socket.SHUT_RDWR)
