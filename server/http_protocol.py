"""HTTP/1.1 on one connection: uvicorn's protocol, with limits of size and time.

uvicorn's own hands everything that arrives to its parser (llhttp, by httptools). This one frames
requests first, so that one is read at a time, its head whole and within the limits; and it refuses
through the application, so that a refusal has the shape, the headers and the log line of others.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import httptools

from server.client_limits import ClientLimits
from server.errors import BadRequestError, UnreadableRequestError
from server.http_connection import HttpConnection
from server.http_head import Head, check_fields, take_head
from server.settings import Settings

FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n")
CR = ord("\r")
LARGE_HEAD = 16 * 1024
"""A longer head is the last of its connection, which would keep all of it until the next one."""
EMPTY_LINES = re.compile(rb"(?:\r\n)+")


class HttpProtocol(HttpConnection):
    """One connection, as its requests are read."""

    def __init__(self, settings: Settings, limits: ClientLimits, **parts: Any) -> None:
        super().__init__(settings, limits, **parts)
        self._searched = 0
        self._left = 0
        """Bytes that the part of the body has which is read now."""
        self._read = self._read_head
        self._read_after_body: Callable[[], bool] = self._read_head
        self._all_parsed = False
        self._keep_alive = True

    def data_received(self, data: bytes) -> None:
        """Take what arrived, and read as much of it as can be read now."""
        if self.phase == "idle":
            self.phase, self.since, self._received = "head", 0.0, 0
        self._buffer += data
        self._go_on()
        if self.phase != "answer":  # it did not arrive whole
            self._count(len(data))

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
        if head.length > LARGE_HEAD:
            self._keep_alive = False
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
