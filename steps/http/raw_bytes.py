"""Bytes over a plain socket, which need not be a request: no HTTP client would send them."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from steps.http.answer import Answer

LONGEST_ANSWER = 1024 * 1024


def send_bytes(
    base_url: str,
    parts: Sequence[bytes],
    seconds: float,
    answers: int = 1,
    *,
    end: bool = False,
    pause: float = 0.05,
) -> list[Answer]:
    """Send the parts one after the other; return so many answers, which come within `seconds`.

    Behind each part is a `pause`. With `end`, the server is told that nothing more comes (a
    half-closed connection).

    Of an answer that does not come, the status is None, and `error` says whether the server closed
    the connection. No further answer is waited for then.
    """
    url = urlsplit(base_url)
    begun, received, error = time.perf_counter(), b"", ""
    found: list[Answer] = []
    with socket.create_connection((url.hostname or "", url.port or 80), timeout=seconds) as sock:
        try:
            for part in parts:
                sock.sendall(part)
                time.sleep(pause)  # so that the next one arrives by itself
            if end:
                sock.shutdown(socket.SHUT_WR)
        except OSError as problem:  # the server has closed the connection; its answer may be there
            error = f"{type(problem).__name__} while sending"
        while len(found) < answers:
            length = _length(received)
            if length is None:
                try:
                    sock.settimeout(max(0.001, begun + seconds - time.perf_counter()))
                    data = sock.recv(65536)
                except TimeoutError:
                    error, data = error or f"nothing more within {seconds:g} s", b""
                except OSError as problem:
                    error, data = error or type(problem).__name__, b""
                received += data
                if data:
                    continue
                error, length = error or "the server closed the connection", len(received)
            found.append(_answer(parts, received[:length], time.perf_counter() - begun, error))
            received = received[length:]
            if found[-1].status is None:
                break
    return found


def closed_while_unread(base_url: str, sent: bytes, seconds: float) -> bool:
    """Send what the server takes and read nothing; return whether it closes within `seconds`."""
    url = urlsplit(base_url)
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect((url.hostname or "", url.port or 80))
        sock.setblocking(False)
        watch = select.poll()
        watch.register(sock, 0)  # errors and the end are always reported, what can be read is not
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                sent = sent[sock.send(sent) :]
            if watch.poll(20):
                return True
    return False


def _length(received: bytes) -> int | None:
    """Return how long the answer is that the bytes begin with; None if not all of it is there."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator and len(received) <= LONGEST_ANSWER:
        return None
    _, _, after = head.lower().partition(b"\r\ncontent-length:")
    digits = after.partition(b"\r\n")[0].strip()
    length = int(digits) if digits.isdigit() and len(digits) < 9 else 0
    return len(head + separator) + length if len(body) >= length else None


def _answer(parts: Sequence[bytes], received: bytes, seconds: float, error: str) -> Answer:
    line = b"".join(parts)[:4096].partition(b"\r\n")[0].decode("latin-1").split(" ")
    method, path = (line[0], line[1]) if len(line) > 2 else ("", "")
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *fields = head.decode("latin-1").split("\r\n")
    words = status_line.split(" ")
    status = (
        int(words[1]) if len(words) > 1 and words[1].isdecimal() and len(words[1]) == 3 else None
    )
    headers = tuple((name, value.strip()) for name, _, value in (f.partition(":") for f in fields))
    return Answer(method, path, status, headers, body, seconds, "" if status else error)
