"""A request over a plain socket: an HTTP client would not send a head without its body."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from steps.http import deadline
from steps.http.answer import Answer

MAX_LENGTH_DIGITS = 18


def send_head(
    base_url: str, method: str, path: str, headers: Mapping[str, str], seconds: float
) -> Answer:
    """Send a request's head and never its body; return the answer that comes within `seconds`.

    The status is None, and `error` says why, when none comes.
    """
    url = urlsplit(base_url)
    host, tls = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if tls else 80)
    lines = [f"{method} {url.path}{path} HTTP/1.1", f"Host: {url.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    started, received, error = time.perf_counter(), b"", ""
    try:
        with socket.create_connection((host, port), timeout=seconds) as plain:
            context = ssl.create_default_context() if tls else None
            connection = context.wrap_socket(plain, server_hostname=host) if context else plain
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            received = _read_response(connection, started + seconds)
    except OSError as problem:
        error = f"{type(problem).__name__}: {problem}"
    head, _, rest = received.partition(b"\r\n\r\n")
    status_line, *header_lines = head.decode("latin-1").split("\r\n")
    parts = status_line.split(" ")
    return Answer(
        method,
        path,
        int(parts[1]) if len(parts) > 1 and re.fullmatch("[0-9]{3}", parts[1]) else None,
        tuple((k, v.strip()) for k, _, v in (line.partition(":") for line in header_lines)),
        rest,
        time.perf_counter() - started,
        error or ("" if received else f"nothing within {seconds:g} s"),
        tuple(headers.items()),
    )


def _read_response(connection: socket.socket, deadline_at: float) -> bytes:
    """Return what was read until Content-Length was reached, the server closed, or time was over.

    `deadline_at` is a time of `time.perf_counter`.
    """
    received = bytearray()
    end = -1  # of the whole answer, once its head is there
    with contextlib.suppress(TimeoutError):
        while data := connection.recv(65536):
            searched = max(len(received) - 3, 0)
            received += data
            connection.settimeout(max(deadline_at - time.perf_counter(), 0.001))
            # What was searched is not searched again: an answer may come byte by byte.
            if end < 0 and (head_end := received.find(b"\r\n\r\n", searched)) >= 0:
                end = head_end + 4 + _content_length(bytes(received[:head_end]))
            if len(received) > deadline.MAX_ANSWER_BYTES or 0 <= end <= len(received):
                break
    return bytes(received)


def _content_length(head: bytes) -> int:
    """Return the first Content-Length of a head in bytes; 0 without one that is a number.

    RFC 9110, section 8.6: digits only. Longer ones than `MAX_LENGTH_DIGITS` are no length of an
    answer that could be read.
    """
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            digits = line[15:].strip(b" \t")
            return int(digits) if digits.isdigit() and len(digits) <= MAX_LENGTH_DIGITS else 0
    return 0
