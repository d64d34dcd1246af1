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
from pathlib import Path
from types import FrameType

from uvicorn import Config, Server

if sys.platform != "win32":
    import resource

from server.app import create_app
from server.client_limits import ClientLimits
from server.http_protocol import HttpProtocol
from server.logs import Notices
from server.settings import Settings

LOOK_EVERY = 5
"""Ticks, of a tenth of a second each, between two looks at how long each connection takes."""
PAUSE_SECONDS = 1.0
"""A tick so late means that the whole process stood still."""
FILES_KEPT = 64
"""Files that are left to what is neither there at the start, nor a client, nor the database."""
TELL_FILES_AGAIN = 60.0

log = logging.getLogger("server.workers")


class Files:
    """The limit of open files (`ulimit -n`), raised as far as this process may."""

    def __init__(self, settings: Settings) -> None:
        self._wanted = self._most = settings.max_connections
        self._notices = Notices(log, TELL_FILES_AGAIN)
        # A connection to the database takes two files: see `exchange.Connection`.
        self._kept = FILES_KEPT + 2 * settings.database_pool_size
        if sys.platform != "win32":
            with suppress(OSError):  # a system may be without it
                self._kept += len(list(Path("/dev/fd").iterdir()))
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            with suppress(ValueError, OSError):  # macOS may know no limit, and takes none
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def most_connections(self) -> int:
        """Return how many clients are possible now; say so when these are not as many as wanted."""
        # Implements: SC-006
        if sys.platform == "win32":
            return self._wanted
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = max(1, min(self._wanted, files - self._kept))
        if most != self._most:
            self._most = most
            log.warning(
                "The limit of open files (ulimit -n) is %d: there may be %d clients, of %d in"
                " MAX_CONNECTIONS.",
                files,
                most,
                self._wanted,
            )
        return most

    def run_out(self) -> bool:
        """Return whether no file can be opened; the event loop then resets new connections."""
        # Implements: SC-006
        try:
            os.close(os.open(os.devnull, os.O_RDONLY))
        except OSError as error:
            self._notices.warn("No file can be opened: a connection is closed.", {"error": error})
            return True
        return False


class Worker(Server):
    """Serves until SIGTERM or SIGINT. Requests under way then have `SHUTDOWN_SECONDS` to end."""

    def __init__(self, settings: Settings, supervisor: int | None = None) -> None:
        """`supervisor` is a socket to what watches this process and tells it to end."""
        self._shutdown_seconds = settings.shutdown_seconds
        self._supervisor = supervisor
        self._last_tick = time.monotonic()
        self._files = Files(settings)
        notices = Notices(logging.getLogger("server.http"))
        self._limits = ClientLimits(self._files.most_connections(), notices)
        super().__init__(
            Config(
                create_app(settings),
                # uvicorn calls it as it calls a class.
                http=partial(HttpProtocol, settings, self._limits),  # type: ignore[arg-type]
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                # The client in the log is the peer of the connection: a header can be forged.
                proxy_headers=False,
            )
        )
        self._limits.connections = self.server_state.connections  # type: ignore[assignment]
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
            self._look()
        if self._supervisor is not None:
            try:
                with suppress(BlockingIOError):  # the supervisor stands still
                    os.write(self._supervisor, b".")
                with suppress(BlockingIOError):  # it has not said that this process is to end
                    self.should_exit |= os.read(self._supervisor, 1) == b""
            except ConnectionError:  # it is gone: nothing would ever end this process
                self.should_exit = True
        return await super().on_tick(counter)

    def _look(self) -> None:
        """End what has lasted too long, or is too much."""
        # Implements: SC-006
        now = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            connection.check_time(now)  # type: ignore[union-attr]
        self._limits.looked = now
        self._limits.most = self._files.most_connections()
        if self._files.run_out() or len(self._limits.connections) > self._limits.most:
            self._limits.make_room(now)

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
            self._look()
        if left := list(self.server_state.connections):
            log.warning("Connections were closed with a request under way: %d.", len(left))
            for connection in left:
                connection.transport.abort()
            await asyncio.sleep(0.02)
        await self.lifespan.shutdown()
