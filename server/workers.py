"""One process that serves a port, or several. They share nothing, for the server has no state."""

import asyncio
import gc
import logging
import os
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from types import FrameType

from uvicorn import Config, Server

from server.app import create_app
from server.http_protocol import HttpProtocol
from server.logs import Notices
from server.settings import Settings

LOOK_EVERY = 5
"""Ticks, of a tenth of a second each, between two looks at how long each connection takes."""
PAUSE_SECONDS = 1.0
"""A tick so late means that the whole process stood still."""
FILES_KEPT = 64
"""Files that are left to everything but clients and connections to the database."""

log = logging.getLogger("server.workers")


def most_connections(settings: Settings) -> int:
    """Return how many clients one process can have without running out of files."""
    if sys.platform == "win32":
        return settings.max_connections
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A connection to the database takes two files: see `exchange.Connection`.
    left = files - 2 * settings.database_pool_size - FILES_KEPT
    return max(1, min(settings.max_connections, left))


class Worker(Server):
    """Serves until SIGTERM or SIGINT. Requests under way then have `SHUTDOWN_SECONDS` to end."""

    def __init__(self, settings: Settings, supervisor: int | None = None) -> None:
        """`supervisor` is the writing end of a pipe: what watches this process reads it."""
        self._shutdown_seconds = settings.shutdown_seconds
        self._supervisor = supervisor
        self._last_tick = time.monotonic()
        protocol = partial(
            HttpProtocol,
            settings,
            most_connections(settings),
            Notices(logging.getLogger("server.http")),
        )
        super().__init__(
            Config(
                create_app(settings),
                http=protocol,  # type: ignore[arg-type]  # uvicorn calls it as it calls a class
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                # The client in the log is the peer of the connection: a header can be forged.
                proxy_headers=False,
            )
        )
        # All objects that exist now stay: no collection walks through these 100,000 again, which
        # takes 50 ms, while every request waits.
        gc.freeze()
        gc.enable()

    async def on_tick(self, counter: int) -> bool:
        """Look at the connections and report to the supervisor; called ten times a second."""
        # Implements: SC-007
        late, self._last_tick = time.monotonic() - self._last_tick, time.monotonic()
        # After a pause, what the clients have sent meanwhile is read before anybody is late.
        if counter % LOOK_EVERY == 0 and late < PAUSE_SECONDS:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                connection.check_time(now)  # type: ignore[union-attr]
        if self._supervisor is not None:
            try:
                with suppress(BlockingIOError):  # the supervisor stands still
                    os.write(self._supervisor, b".")
            except BrokenPipeError:  # it is gone: nothing would ever end this process
                self.should_exit = True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; a second signal ends at once."""
        # Implements: SC-007
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse new connections, close silent ones, wait for the others, and close those too."""
        # Implements: SC-007
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        end = time.monotonic() + self._shutdown_seconds
        while self.server_state.connections and not self.force_exit and time.monotonic() < end:
            await asyncio.sleep(0.02)
        if left := list(self.server_state.connections):
            log.warning("Connections were closed with a request under way: %d.", len(left))
            for connection in left:
                connection.transport.abort()
            await asyncio.sleep(0.02)
        await self.lifespan.shutdown()
