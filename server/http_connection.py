"""One connection to a client: its phases, their limits, what is refused, and its end."""

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.client_limits import ClientLimits
from server.errors import HeadTooLargeError, RequestTimeoutError, UnreadableRequestError
from server.settings import Settings

REQUEST_LINE = re.compile(rb"([!-~]{1,64}) ([!-~]+)")
ORIGIN = re.compile(rb"\r\norigin:[ \t]*([!-~]*)", re.IGNORECASE)
LINGER_SECONDS = 2.0
"""How long a client may go on sending when the answer that closes the connection was written."""
LINGER_BYTES = 16 * 1024 * 1024
"""How much it may send in that time: one on the same machine sends gigabytes."""


class HttpConnection(HttpToolsProtocol):
    """What a connection is, whatever is sent on it; `http_protocol` reads that."""

    _read: Callable[[], bool]
    """Reads what comes next in the buffer; False: more has to arrive."""

    def __init__(self, settings: Settings, limits: ClientLimits, **parts: Any) -> None:
        super().__init__(**parts)
        self._settings = settings
        self._limits = limits
        self._buffer = bytearray()
        self._received = 0
        """Bytes of the request that is read now, if it did not arrive whole."""
        self._discarded = 0
        self.phase = "idle"
        """`idle`, `head`, `body`, `answer` (all was read, not all is answered), `refused` (what was
        read is no request, and that is answered) or `closing`."""
        self.since = 0.0
        """When `check_time` first saw the phase; 0: it has not yet."""
        self._unread_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; with too many clients, another connection is closed.

        Without a limit of ours the process would run out of files, and the event loop would close
        new connections without a word.
        """
        super().connection_made(transport)
        self.transport = _Lingering(transport, self)  # type: ignore[assignment]
        self.since = self.loop.time()
        if len(self.connections) > self._limits.most:
            self._limits.make_room(self.since, self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and let go of what was read: the cycle of transport and protocol lives longer."""
        super().connection_lost(exc)
        # Not cleared: of what that gives back, the allocator cuts off the first bytes, and the next
        # buffer of that size does not fit in there.
        self._buffer = bytearray()
        self._let_go()
        self.cycle = None  # type: ignore[assignment]

    def _let_go(self) -> None:
        """Keep nothing of a request that was answered, until the next or the connection's end."""
        self._received = 0
        self.scope = self.headers = self.url = None  # type: ignore[assignment]
        if self.cycle is not None:
            self.cycle.scope = None  # type: ignore[assignment]
            self.cycle.body = bytearray()

    def _enter(self, phase: str) -> None:
        self.phase, self.since = phase, 0.0

    def _count(self, arrived: int) -> None:
        # Implements: SC-006
        self._received += arrived
        self._limits.count(arrived, self.loop.time())

    def _run(self, *, keep_alive: bool, whole: bool) -> None:
        self.cycle = RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue and not whole,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        if whole:
            self.cycle.more_body = False
            self.cycle.message_event.set()
        self._start_asgi_task(self.cycle, self.app)

    def _refuse(self, error: UnreadableRequestError) -> None:
        """Answer the error and close the connection: where a next request begins is not known."""
        # Implements: SC-006, FR-019
        phase = self.phase
        if phase in ("idle", "head"):
            line = REQUEST_LINE.match(self._buffer)
            origin = ORIGIN.search(self._buffer[: self._settings.max_head_bytes])
            self.on_message_begin()
            self.headers += [(b"origin", origin[1])] if origin else []
            method, target = line.groups() if line else (b"", b"")
            self.scope |= {
                "method": method.decode("ascii"),
                "path": "",
                "raw_path": target.partition(b"?")[0],
                "query_string": b"",
                "refusal": error,
            }  # type: ignore[typeddict-item]
        self._buffer = bytearray()
        self._read = self._discard
        if phase in ("idle", "head"):
            self._enter("refused")
            self._run(keep_alive=False, whole=True)
        elif self.cycle.response_complete:
            self.linger()
        else:
            self.scope["body_refusal"] = error  # type: ignore[typeddict-unknown-key]
            self.cycle.keep_alive = False
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def _discard(self) -> bool:
        self._discarded += len(self._buffer)
        self._buffer = bytearray()
        if self.phase == "closing" and self._discarded > LINGER_BYTES:
            self.transport.abort()
        return False

    def linger(self) -> None:
        """Close when the client has nothing more to send: a reset would take the answer away."""
        # Implements: SC-006
        transport: asyncio.Transport = self.flow._transport
        if self.phase in ("idle", "answer") or not transport.can_write_eof():
            transport.close()
        elif self.phase != "closing":
            self._enter("closing")
            self._let_go()
            self._read = self._discard
            self.flow.resume_reading()
            transport.write_eof()

    def check_time(self, now: float) -> None:
        """End the connection if its phase has lasted too long. Called a few times a second.

        `now` is the event loop's time. The application has limits of its own for the phase in which
        it works.
        """
        # Implements: SC-006
        self.since = self.since or now
        settings, lasted = self._settings, now - self.since
        if self.phase == "idle":
            self._let_go()
        unread = self.transport.get_write_buffer_size() > 0
        self._unread_since = (self._unread_since or now) if unread else 0.0
        if unread and now - self._unread_since > settings.answer_seconds:
            self._limits.warn("A client did not read its answer in time.", self)
            self.transport.abort()
        elif self.phase == "idle" and lasted > settings.idle_seconds:
            self.transport.close()
        elif self.phase == "closing" and lasted > LINGER_SECONDS:
            self.transport.abort()
        elif (self.phase == "head" and lasted > settings.head_seconds) or (
            self.phase == "body" and lasted > settings.body_seconds
        ):
            self._refuse(
                RequestTimeoutError("The request did not arrive in time.", reason="timeout")
            )

    @property
    def address(self) -> str:
        """Where the client's connection comes from."""
        return self.client[0] if self.client else ""

    def may_end(self, now: float) -> bool:
        """Return whether nothing is done for the client, or it does not take what was done."""
        # Implements: SC-006
        unread = self._unread_since and now - self._unread_since > LINGER_SECONDS
        return self.phase != "answer" or bool(unread)

    def end(self) -> None:
        """Close at once."""
        # Implements: SC-006
        self._enter("closing")
        self.transport.abort()

    def unfinished(self, now: float) -> int:
        """Return how many bytes are kept of requests that did not arrive whole."""
        # Implements: SC-006
        if not self.may_end(now):
            return 0
        taken = self.phase == "body" and not self.cycle.response_complete
        return self._received if taken else len(self._buffer)

    def refuse_unfinished(self) -> None:
        """Refuse such a request: all clients together have too many of them."""
        # Implements: SC-006
        said, reason = "Too many requests are on their way; send this one again.", "memory"
        if self.phase == "answer":
            self.end()
        elif self.phase == "head":
            self._refuse(HeadTooLargeError(said, reason=reason))
        else:
            self._refuse(RequestTimeoutError(said, reason=reason))
        self._received = 0


class _Lingering:
    """A transport that is closed by its protocol's `linger`."""

    def __init__(self, transport: asyncio.Transport, protocol: HttpConnection) -> None:
        # Bound once: each of them is called for every answer.
        self.write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size
        self.get_extra_info = transport.get_extra_info
        self._transport = transport
        self._protocol = protocol

    def close(self) -> None:
        self._protocol.linger()

    def abort(self) -> None:
        # Reset: otherwise the kernel would keep what the client does not read for minutes.
        kept = self._transport.get_extra_info("socket")
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._protocol.phase == "closing" or self._transport.is_closing()
