"""A TCP proxy before PostgreSQL: it stops for an outage, and leads elsewhere for a failover."""

from __future__ import annotations

import contextlib
import socket
import threading

from steps.errors import TargetError
from steps.process.ports import PORT_ATTEMPTS, free_port


class Proxy:
    """Forwards TCP from a port of 127.0.0.1 to (host, port); `host` may be a Unix socket folder."""

    def __init__(self, host: str, port: int) -> None:
        self._server_address = (host, port)
        self.port = free_port()
        self._started_before = False
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Listen and forward; the port stays the same from the first start on."""
        self._listener = self._listen()
        self._started_before = True
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._listener is not None:
            _shut_down(self._listener)
            self._listener = None
        with self._lock:
            cut, self._connections = self._connections, set()
        for connection in cut:
            _shut_down(connection)

    def lead_to(self, host: str, port: int) -> None:
        """Forward new connections to another server; those that exist stay where they are."""
        self._server_address = (host, port)

    def _listen(self) -> socket.socket:
        for _ in range(1 if self._started_before else PORT_ATTEMPTS):
            with contextlib.suppress(OSError):
                return socket.create_server(("127.0.0.1", self.port))
            if not self._started_before:
                self.port = free_port()
        raise TargetError(f"Port {self.port} of 127.0.0.1 is taken by somebody else: run again.")

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # `stop` has closed the listener
                return
            try:
                server = self._connect_to_server()
            except OSError:
                client.close()
                continue
            with self._lock:
                if self._listener is not listener:
                    _shut_down(client)
                    _shut_down(server)
                    return
                self._connections |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _connect_to_server(self) -> socket.socket:
        host, port = self._server_address
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, port), timeout=10)

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            source.settimeout(None)
            while data := source.recv(65536):
                sink.sendall(data)
        with self._lock:
            self._connections -= {source, sink}
        _shut_down(source)
        _shut_down(sink)


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
