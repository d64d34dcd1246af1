"""A TCP proxy before PostgreSQL that cuts one connection after a given number of bytes.

The cut comes in one direction: after so many bytes of the client, or so many of PostgreSQL, counted
from `cut_after` on. It is a FIN, a reset (RST), or silence: no byte more, and the connection stays
open.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from dataclasses import dataclass
from typing import Literal

How = Literal["FIN", "RST", "silence"]
Direction = Literal["to PostgreSQL", "to the server"]


@dataclass
class Cut:
    """Where the next connection that transfers bytes is cut."""

    direction: Direction
    after: int
    """Bytes that still pass."""
    how: How


class CuttingProxy:
    """Forwards connections to (host, port) until `close`."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._lock = threading.Lock()
        self._cut: Cut | None = None
        self.passed: dict[Direction, int] = {"to PostgreSQL": 0, "to the server": 0}
        """Bytes forwarded since the last `cut_after` or `count`."""
        self._sockets: list[socket.socket] = []
        self._silent: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def count(self) -> None:
        """Cut nothing, and count bytes from zero."""
        with self._lock:
            self._cut = None
            self.passed = dict.fromkeys(self.passed, 0)

    def cut_after(self, cut: Cut) -> None:
        """Cut the connection that transfers the byte after the next `cut.after` bytes."""
        self.count()
        with self._lock:
            self._cut = cut

    @property
    def has_cut(self) -> bool:
        """Whether the cut has happened."""
        with self._lock:
            return self._cut is None

    def end_silent(self) -> None:
        """Close the connections that are silent: PostgreSQL has a limit for how many there are."""
        while self._silent:
            with contextlib.suppress(OSError):  # closed already
                self._silent.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the listener and every connection."""
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(self._target)
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, server]
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        """Forward both directions in one thread: a close is a reset only if no thread reads."""
        ways: dict[socket.socket, tuple[socket.socket, Direction]] = {
            client: (server, "to PostgreSQL"),
            server: (client, "to the server"),
        }
        with contextlib.suppress(OSError, ValueError):  # closed meanwhile
            while ways:
                for source in select.select(list(ways), [], [])[0]:
                    sink, direction = ways[source]
                    data = source.recv(65536)
                    passing, how = self._until_cut(direction, data)
                    if passing:
                        sink.sendall(passing)
                    if how == "silence":
                        del ways[source]  # both sockets stay open, and this direction is dead
                        self._silent += [client, server]
                    elif how or not data:
                        _end(client, server, how or "FIN")
                        return

    def _until_cut(self, direction: Direction, data: bytes) -> tuple[bytes, How | None]:
        """Return what still passes, and how the connection is then cut, if it is."""
        with self._lock:
            cut = self._cut
            if cut is not None and cut.direction == direction and len(data) > cut.after:
                self._cut = None
                return data[: cut.after], cut.how
            if cut is not None and cut.direction == direction:
                cut.after -= len(data)
            self.passed[direction] += len(data)
            return data, None


def _end(client: socket.socket, server: socket.socket, how: How) -> None:
    if how == "RST":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    server.close()
