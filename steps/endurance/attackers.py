"""Connections of clients that attack: what the faults of clients are made of."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import IPPROTO_TCP

from steps.endurance.fault import NotRunError, Stage
from steps.endurance.http_client import request

TCP_INFO = 11
ESTABLISHED = 1
"""State of a connection, the first byte of TCP_INFO, for which neither FIN nor RST has come."""
LIMITS = {
    "HEAD_SECONDS": "4",
    "BODY_SECONDS": "4",
    "ANSWER_SECONDS": "4",
    "IDLE_SECONDS": "4",
}
"""The server's limits for its clients, shorter than by default: a fault sees each of them."""
LIMIT_SECONDS = 4.0
GRACE = 3.0
"""Seconds that the server may need beyond a limit, on a loaded machine."""
SPARE_FILES = 300
"""Files that this process needs beside the connections of an attack."""


@dataclass
class Connection:
    """A connection of an attacker."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def ended(self) -> bool:
        """Whether the server has ended it, also while an answer waits to be read (TCP_INFO)."""
        if self.reader.at_eof() or self.reader.exception() or self.writer.is_closing():
            return True
        try:
            info = self.writer.get_extra_info("socket").getsockopt(IPPROTO_TCP, TCP_INFO, 1)
        except OSError:
            return True
        return bool(info[0] != ESTABLISHED)

    def send(self, data: bytes) -> None:
        """Send without waiting."""
        if not self.writer.is_closing():
            self.writer.write(data)


@asynccontextmanager
async def attackers(
    stage: Stage, count: int, limit: int = 65_536, address: str = "127.0.0.1"
) -> AsyncIterator[list[Connection]]:
    """Open connections from an address of this machine, and drop all of them at the end."""
    _allow_files(count)
    opened: list[Connection] = []
    try:
        for start in range(0, count, 50):  # no more at once than a backlog holds
            some = [
                _connect(stage.server.port, limit, address)
                for _ in range(start, min(start + 50, count))
            ]
            opened += await asyncio.gather(*some)
        yield opened
    finally:
        for one in opened:
            one.writer.transport.abort()


async def count_open_at(connections: Sequence[Connection], seconds: float) -> int:
    """Return how many connections the server has not ended after so many seconds, or sooner: 0."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := sum(not one.ended for one in connections)) and loop.time() < end:
        await asyncio.sleep(0.1)
    return left


def create_head(stage: Stage, length: int) -> bytes:
    """Return the head of a creation by a user without load, with a body of this length."""
    user, token = next(iter(stage.spare.items()))
    head = request("POST", f"/api/{user}/tasks", token)
    return head[:-2] + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length


async def _connect(port: int, limit: int, address: str) -> Connection:
    last: OSError | None = None
    for _ in range(5):
        try:
            return Connection(
                *await asyncio.open_connection(
                    "127.0.0.1", port, limit=limit, local_addr=(address, 0)
                )
            )
        except OSError as error:
            last = error
            await asyncio.sleep(0.1)
    raise last or OSError


def _allow_files(count: int) -> None:
    """Let this process open so many connections more. Raises `NotRunError` where it may not."""
    needed = count + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))
        except (ValueError, OSError) as error:
            raise NotRunError(
                f"this user may open only {hard} files: ulimit -n {needed}"
            ) from error
