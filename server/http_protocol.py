"""HTTP/1.1 on one connection: uvicorn's protocol, with limits of size and time.

uvicorn's own hands everything that arrives to its parser (llhttp, by httptools). This one frames
requests first, so that one is read at a time, its head whole and within the limits; and it refuses
through the application, so that a refusal has the shape, the headers and the log line of others.
"""

import asyncio
import re
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.client_limits import ClientLimits
from server.errors import (
    BadRequestError,
    HeadTooLargeError,
    RequestTimeoutError,
    UnreadableRequestError,
)
from server.http_head import Head, check_fields, take_head
from server.settings import Settings

REQUEST_LINE = re.compile(rb"([!-~]{1,64}) ([!-~]+)")
FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n")
CR = ord("\r")
EMPTY_LINES = re.compile(rb"(?:\r\n)+")
ORIGIN = re.compile(rb"\r\norigin:[ \t]*([!-~]*)", re.IGNORECASE)
LINGER_SECONDS = 2.0
"""How long a client may go on sending when the answer that closes the connection was written."""
LINGER_BYTES = 16 * 1024 * 1024
"""How much it may send in that time: one on the same machine sends gigabytes."""


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, settings: Settings, limits: ClientLimits, **parts: Any) -> None:
        super().__init__(**parts)
        self._settings = settings
        self._limits = limits
        self._buffer = bytearray()
        self._received = 0
        """Bytes of the request that is read now, if it did not arrive whole."""
        self._searched = 0
        self._left = 0
        """Bytes that the part of the body has which is read now."""
        self._discarded = 0
        self._read: Callable[[], bool] = self._read_head
        self._read_after_body: Callable[[], bool] = self._read_head
        self._all_parsed = False
        self._keep_alive = True
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

    def data_received(self, data: bytes) -> None:
        """Take what arrived, and read as much of it as can be read now."""
        if self.phase == "idle":
            self.phase, self.since, self._received = "head", 0.0, 0
        self._buffer += data
        self._go_on()
        if self.phase != "answer":  # it did not arrive whole
            self._count(len(data))

    def _count(self, arrived: int) -> None:
        # Implements: SC-006
        self._received += arrived
        self._limits.count(arrived, self.loop.time())

    def _enter(self, phase: str) -> None:
        self.phase, self.since = phase, 0.0

    def _go_on(self) -> None:
        # Implements: SC-006
        try:
            while self._buffer and self.parser is not None and self._read():
                pass
        except UnreadableRequestError as error:
            self._refuse(error)
        except httptools.HttpParserError:
            self._refuse(BadRequestError("The request is malformed.", reason="malformed_request"))

    def _read_head(self) -> bool:
        if self.phase == "answer":  # of the request before: one is served at a time
            self.flow.pause_reading()
            self._count(len(self._buffer))
            return False
        # Empty lines before a request are ignored (RFC 9112 section 2.2).
        if self._buffer[0] == CR and (empty := EMPTY_LINES.match(self._buffer)):
            del self._buffer[: empty.end()]
        head = take_head(self._buffer, self._searched, self._settings)
        if head is None:
            self._searched = len(self._buffer)
            return False
        self._all_parsed = False
        self.parser.feed_data(head.parsed)
        fields = check_fields(self.scope["http_version"], self.headers)
        target = httptools.parse_url(self.url)
        del self._buffer[: head.length]
        self._searched = 0
        self._enter("body")
        self._choose_reader(fields)
        self._start(head, target)
        self._end_if_all_parsed()
        return True

    def _choose_reader(self, fields: Mapping[bytes, bytes]) -> None:
        """Choose how the body is read: by its length, or in chunks (RFC 9112 section 6.3)."""
        if b"transfer-encoding" in fields:
            self._read = self._read_chunk_line
            self._read_after_body = self._read_chunk_line
        else:
            # The parser has refused what is not a number, or has too many digits, or came twice.
            self._left = int(fields.get(b"content-length", b"0"))
            self._read = self._read_body
            self._read_after_body = self._read_head

    def _read_body(self) -> bool:
        part = self._buffer[: self._left]
        self.parser.feed_data(part)
        del self._buffer[: len(part)]
        self._left -= len(part)
        if not self._left:
            self._read = self._read_after_body
        self._end_if_all_parsed()
        return True

    def _take_line(self) -> bytes:
        """Take one line out of the buffer; nothing as long as its end has not arrived."""
        end = self._buffer.find(b"\n") + 1
        limit = self._settings.max_line_bytes
        if not end and len(self._buffer) <= limit:
            return b""
        if not 0 < end <= limit:
            raise BadRequestError("A line of the body is too long.", reason="malformed_request")
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        return line

    def _read_chunk_line(self) -> bool:
        # Implements: SC-006
        line = self._take_line()
        if line:
            self.parser.feed_data(line)
            # The parser has refused what is not a hexadecimal number, with extensions behind it.
            size = int(line.partition(b";")[0], 16)
            self._left = size + len(b"\r\n") if size else self._settings.max_head_bytes
            self._read = self._read_body if size else self._read_trailer
        return bool(line)

    def _read_trailer(self) -> bool:
        # Implements: SC-006
        # The parser gets none of the fields: it would take a `Connection` here for one of the head.
        line = self._take_line()
        self._left -= len(line)
        if self._left < 0:
            raise BadRequestError("The trailer is too long.", reason="malformed_request")
        if line == b"\r\n":
            self.parser.feed_data(line)
        elif line and not FIELD.fullmatch(line):
            raise BadRequestError("The trailer is malformed.", reason="malformed_request")
        self._end_if_all_parsed()
        return bool(line)

    def _end_if_all_parsed(self) -> None:
        if self._all_parsed:
            self._read = self._read_head
            if not self.cycle.keep_alive:
                self._read = self._discard
            self._enter("idle" if self.cycle.response_complete else "answer")

    def _discard(self) -> bool:
        self._discarded += len(self._buffer)
        self._buffer = bytearray()
        if self.phase == "closing" and self._discarded > LINGER_BYTES:
            self.transport.abort()
        return False

    def on_headers_complete(self) -> None:
        """Note what the parser forgets at the end of the request."""
        self.scope["http_version"] = self.parser.get_http_version()
        self._keep_alive = self.parser.should_keep_alive()

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        self._all_parsed = True
        if self._read != self._read_head:  # else its head is checked before it starts
            super().on_message_complete()

    def _start(self, head: Head, target: Any) -> None:
        """Hand the request to the application."""
        raw_path: bytes = target.path or b"/"
        self.scope["raw_path"] = raw_path
        self.scope["path"] = unquote(raw_path.decode("ascii"))
        self.scope["query_string"] = target.query or b""
        self.scope["method"] = head.method
        self._run(keep_alive=self._keep_alive, whole=self._all_parsed)

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

    def on_response_complete(self) -> None:
        """Go on with the next request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.phase == "answer":
            self._enter("idle")
            if self._buffer:
                self._enter("head")
                self._received = len(self._buffer)
                self.loop.call_soon(self._go_on)
        elif self.phase == "body":
            self._let_go()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection for the answer to a request that arrived whole, or to half a head."""
        if self.phase == "head":
            self._refuse(
                BadRequestError("The request ended in its head.", reason="malformed_request")
            )
            self._enter("answer")  # nothing more comes that could be waited for
        if self.phase != "answer":
            return False
        self.cycle.keep_alive = False
        self._read = self._discard
        return True

    def shutdown(self) -> None:
        """End when the request that is on its way is answered, at once if there is none."""
        # Implements: SC-007
        if self.phase == "head":
            self._read = self._read_last_head
        elif self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def _read_last_head(self) -> bool:
        # Implements: SC-007
        self._read = self._read_head
        taken = self._read_head()
        if taken:
            self.cycle.keep_alive = False
            self._end_if_all_parsed()
        else:
            self._read = self._read_last_head
        return taken

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

    def __init__(self, transport: asyncio.Transport, protocol: HttpProtocol) -> None:
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
