"""A door in front of a database that we must not stop: closing it is the outage."""

from __future__ import annotations

import contextlib
import socket
import threading

from steps.errors import TargetError
from steps.process.ports import PORT_ATTEMPTS, free_port


class Proxy:
    """Forward TCP from a port of 127.0.0.1 to (host, port), or to a Unix socket's path."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self.port = free_port()
        self._opened = False
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Open the door; the port stays the same from the first time on."""
        self._listener = self._listen()
        self._opened = True
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Close the door and cut every connection that went through it."""
        if self._listener is not None:
            _close(self._listener)
            self._listener = None
        with self._lock:
            cut, self._open = self._open, set()
        for connection in cut:
            _close(connection)

    def _listen(self) -> socket.socket:
        for _ in range(1 if self._opened else PORT_ATTEMPTS):
            with contextlib.suppress(OSError):
                return socket.create_server(("127.0.0.1", self.port))
            if not self._opened:
                self.port = free_port()
        raise TargetError(f"Port {self.port} of 127.0.0.1 is taken by somebody else: run again.")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # the door was closed
                return
            try:
                far = self._connect()
            except OSError:
                near.close()
                continue
            with self._lock:
                if self._listener is not listener:
                    _close(near)
                    _close(far)
                    return
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = self._to
        if host.startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{host}/.s.PGSQL.{port}")
            return far
        return socket.create_connection((host, port), timeout=10)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            source.settimeout(None)
            while data := source.recv(65536):
                sink.sendall(data)
        with self._lock:
            self._open -= {source, sink}
        _close(source)
        _close(sink)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
