"""A light HTTP/1.1 client over asyncio streams: one kept connection, one request at a time.

Hundreds of clients share one core with the server. So requests are bytes that are built here, and
of an answer only what is needed is read: status, length, body.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from steps.endurance.fault import BROKEN, REFUSED, SILENT, Outcome

PATIENCE = 30.0
"""Seconds for which a client waits for a connection, and then for an answer."""
HEAD_LIMIT = 65_536
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding: *chunked")
CLOSE = re.compile(rb"(?i)\r\nconnection: *close")


@dataclass(frozen=True)
class Reply:
    """What came of one request. Times are those of `time.monotonic`."""

    outcome: Outcome
    """The status, or the word for what came instead."""
    body: bytes
    sent: float
    """When the request was handed to the connection."""
    ended: float

    @property
    def seconds(self) -> float:
        """How long the server kept the request."""
        return self.ended - self.sent

    def json(self) -> Any:
        """Return the body's value; None for a body that is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def request(
    method: str, path: str, token: str | None, body: Mapping[str, Any] | None = None
) -> bytes:
    """Build a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    content = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Client:
    """One kept connection; it is made when it is needed."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self._port = port
        self._patience = patience
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def exchange(self, data: bytes) -> Reply:
        """Send a request, and wait for its whole answer. Raises nothing: an outcome says it."""
        sent = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                reader, writer = await self._connected()
        except (OSError, TimeoutError):
            return Reply(REFUSED, b"", sent, time.monotonic())
        sent = time.monotonic()
        try:
            async with asyncio.timeout(self._patience):
                writer.write(data)
                await writer.drain()
                status, body, kept = await _read_answer(reader)
        except TimeoutError:
            self.close()
            return Reply(SILENT, b"", sent, time.monotonic())
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            self.close()
            return Reply(BROKEN, b"", sent, time.monotonic())
        ended = time.monotonic()
        if not kept:
            self.close()
        return Reply(status, body, sent, ended)

    def close(self) -> None:
        """End the connection at once."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is not None and self._reader.at_eof():
            self.close()  # the server has ended a connection on which nothing was asked
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, limit=HEAD_LIMIT
            )
        return self._reader, self._writer


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Return status and body, and whether the connection can be used again."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    kept = CLOSE.search(head) is None
    length = LENGTH.search(head)
    if length is not None:
        return status, await reader.readexactly(int(length[1])), kept
    if CHUNKED.search(head) is None:
        return status, b"", kept  # 204
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return status, b"".join(parts), kept
