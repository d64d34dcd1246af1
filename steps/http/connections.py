"""Which connection a request is sent on, and which request is sent a second time.

A server may close a connection whenever it likes (RFC 9112, section 9.5), and common ones close it
behind a 500 without saying so. A request that is on its way at that moment gets no answer, and the
server is not to blame. So:

- A request that may change something has a connection of its own: one that was reset may have been
  carried out, and must not be sent again.
- A request that only reads uses connections again. If such a connection ends before a byte of the
  answer came, the request is sent once more, on a connection of its own (RFC 9112, section 9.3.1).

A connection of its own that ends without an answer is the server's failure.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx2

READING_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
"""The safe methods (RFC 9110, section 9.2.1): sent twice, they do no more than sent once."""
CONNECTION_ERRORS = (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)
"""What a connection that ends raises, a timeout not among them."""


class Transport(httpx2.BaseTransport):
    """Sends each request through one of two pools, safe to use from several threads at once.

    `reusing` keeps connections, `single_use` keeps none. `closed_before_the_answer` says of the
    thread's last request whether no byte of an answer came on a connection that was used again.
    """

    def __init__(
        self,
        reusing: httpx2.BaseTransport,
        single_use: httpx2.BaseTransport,
        closed_before_the_answer: Callable[[], bool],
    ) -> None:
        self._reusing = reusing
        self._single_use = single_use
        self._closed_before_the_answer = closed_before_the_answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer. Raises what `httpx2` raises when there is none."""
        can_be_sent_again = isinstance(request.stream, httpx2.ByteStream)
        if request.method not in READING_METHODS or not can_be_sent_again:
            return self._single_use.handle_request(request)
        try:
            return self._reusing.handle_request(request)
        except CONNECTION_ERRORS:
            if not self._closed_before_the_answer():
                raise
        return self._single_use.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        self._reusing.close()
        self._single_use.close()
