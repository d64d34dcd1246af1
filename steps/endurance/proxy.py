"""A TCP proxy before PostgreSQL that is a bad network: slow, cutting, or silent."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

CHUNK = 65_536
Direction = Literal["questions", "answers"]


class Proxy:
    """Forwards TCP from a port of 127.0.0.1 to (host, port), as well as its network allows."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._listener: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[object]] = set()
        self._delay = 0.0
        self._cut: Direction | None = None
        self._share = 0.0
        self.port = 0
        self.cuts = 0
        """Connections that were cut so far."""

    async def start(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, cut every connection, and return when all of them have ended."""
        if self._listener is not None:
            self._listener.close()
        self._open.set()
        self.cut_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut_all(self) -> None:
        """Cut every connection, without a word to either side (RST)."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    @asynccontextmanager
    async def delaying(self, seconds: float) -> AsyncIterator[None]:
        """Deliver everything so many seconds later, each way."""
        self._delay = seconds
        try:
            yield
        finally:
            self._delay = 0.0

    @asynccontextmanager
    async def cutting(self, what: Direction, share: float) -> AsyncIterator[None]:
        """Lose this share (0 to 1) of the questions or answers, and with each its connection."""
        self._cut, self._share = what, share
        try:
            yield
        finally:
            self._cut = None

    @asynccontextmanager
    async def silent(self) -> AsyncIterator[None]:
        """Deliver nothing, and tell nobody; what was sent meanwhile arrives afterwards."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        try:
            await self._open.wait()
            there_reader, there_writer = await asyncio.open_connection(*self._address)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(there_writer)
        try:
            # The first of both that ends, ends both.
            pumps = (
                asyncio.ensure_future(self._pump(reader, there_writer, "questions")),
                asyncio.ensure_future(self._pump(there_reader, writer, "answers")),
            )
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            for one in (writer, there_writer):
                self._writers.discard(one)
                one.close()
                with contextlib.suppress(OSError):
                    await one.wait_closed()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: Direction
    ) -> None:
        """Deliver until the sender ends; in order, also when the delay changes."""
        loop = asyncio.get_running_loop()
        due = 0.0
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._open.wait()
                if self._cut == what and random.random() < self._share:  # noqa: S311
                    self.cuts += 1
                    writer.transport.abort()
                    return
                now = loop.time()
                if self._delay or due > now:
                    due = max(now + self._delay, due + 1e-6)
                    loop.call_at(due, _write, writer, data)
                else:
                    writer.write(data)
                    await writer.drain()
            # What is still under way arrives before the end does.
            await asyncio.sleep(max(0.0, due - loop.time()))


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)
