"""The head of a request before it is parsed: where it ends, and whether it is refused (RFC 9112).

The parser behind this one (llhttp) knows no limits, refuses methods that it does not know, and
takes a connection for another protocol's as soon as a client offers one. So it gets each head
whole, checked against the limits, with a method that it knows and without `Upgrade`.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple

from server.errors import BadRequestError, HeadTooLargeError, RequestLineTooLongError
from server.settings import Settings

PARSED_METHODS = {b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE"}
METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}) [!-~]+ HTTP/1\.[01]\r\n")
UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
PORT = rb"(?::0*(?:[0-5]?\d{0,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?"
HOST = re.compile(rb"[\w.~!$&'()*+,;=-]*(?:%[0-9A-Fa-f]{2}[\w.~!$&'()*+,;=-]*)*" + PORT)
LITERAL = re.compile(rb"\[(?:([0-9A-Fa-f:.]+)|v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+)\]" + PORT)
"""An IP address in brackets (RFC 3986 section 3.2.2)."""
END = b"\r\n\r\n"


class Head(NamedTuple):
    """A whole head."""

    parsed: bytes
    """What the parser reads instead of it."""
    method: str
    """The method as the client sent it."""
    length: int
    """Bytes of it that arrived, to be taken out of the buffer."""


def take_head(buffer: bytes | bytearray, searched: int, settings: Settings) -> Head | None:
    """Return the head that the buffer begins with; None as long as its end has not arrived.

    The limits are `MAX_LINE_BYTES`, `MAX_HEAD_BYTES` and `MAX_HEADER_FIELDS`. The first `searched`
    bytes are known to hold no end. Raises `RequestLineTooLongError`, `HeadTooLargeError`, or
    `BadRequestError` for what can become no head, whatever follows.
    """
    # Implements: SC-006
    end = buffer.find(END, max(0, searched - len(END) + 1))
    line_end = buffer.find(b"\r\n", 0, settings.max_line_bytes + 2)
    if line_end < 0 and len(buffer) > settings.max_line_bytes + 1:
        raise RequestLineTooLongError(
            f"The request line is longer than {settings.max_line_bytes} bytes.", reason="long_line"
        )
    if (len(buffer) if end < 0 else end + len(END)) > settings.max_head_bytes:
        raise HeadTooLargeError(
            f"The head is longer than {settings.max_head_bytes} bytes.", reason="large_head"
        )
    if end < 0:
        if buffer in (b"", b"\r"):
            return None
        # Not one of these becomes a head by what follows: a client of another protocol (TLS begins
        # with 0x16) or with other line ends would wait until the time for a head is over.
        begin = REQUEST_LINE if line_end >= 0 and searched < line_end + 2 else METHOD
        ends = buffer.count(b"\r\n", max(0, searched - 1))
        if begin.match(buffer) is None or buffer.count(b"\n", searched) != ends:
            raise BadRequestError("The request is not HTTP/1.1.", reason="malformed_request")
        return None
    head = bytes(buffer[: end + len(END)])
    if head.count(b"\r\n") - 2 > settings.max_header_fields:
        raise HeadTooLargeError(
            f"The head has more than {settings.max_header_fields} fields.", reason="many_fields"
        )
    line = REQUEST_LINE.match(head)
    if line is None:
        raise BadRequestError("The request line is not HTTP/1.1.", reason="malformed_request")
    method, parsed = line[1], head
    if method not in PARSED_METHODS:
        parsed = b"POST" + head[len(method) :]
    if b"upgrade" in head.lower():
        # An offer may be ignored (RFC 9110 section 7.8); the request is served as HTTP/1.1.
        parsed = UPGRADE.sub(b"", parsed)
    return Head(parsed, method.decode("latin-1"), len(head))


def check_fields(
    http_version: str, headers: Sequence[tuple[bytes, bytes]]
) -> Mapping[bytes, bytes]:
    """Return the fields by name; of a name that comes several times, the last.

    Raises `BadRequestError` for fields that RFC 9112 has a server refuse, and the parser reads: one
    valid `Host` has to be there (section 3.2); HTTP/1.0 has no `Transfer-Encoding`, and only one
    coding is known here (6.1).
    """
    # Implements: SC-006
    fields = dict(headers)
    repeated = len(fields) < len(headers)
    host = fields.get(b"host")
    if (host is None and http_version == "1.1") or (repeated and _count(b"host", headers) > 1):
        raise BadRequestError("The request needs exactly one Host.", reason="invalid_host")
    if host and not HOST.fullmatch(host.rstrip(b" \t")) and not _is_literal(host.rstrip(b" \t")):
        raise BadRequestError("The request's Host is not valid.", reason="invalid_host")
    coding = fields.get(b"transfer-encoding")
    if coding is not None and (
        http_version == "1.0"
        or coding.rstrip(b" \t").lower() != b"chunked"
        or (repeated and _count(b"transfer-encoding", headers) > 1)
    ):
        raise BadRequestError(
            "The only transfer coding is chunked, of HTTP/1.1.", reason="malformed_request"
        )
    return fields


def _is_literal(host: bytes) -> bool:
    # Implements: SC-006
    found = LITERAL.fullmatch(host)
    try:
        if found and found[1]:
            IPv6Address(found[1].decode())
    except AddressValueError:
        return False
    return found is not None


def _count(name: bytes, headers: Sequence[tuple[bytes, bytes]]) -> int:
    # Implements: SC-006
    return sum(found == name for found, _ in headers)
