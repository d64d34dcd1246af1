"""A reference server without a database: its 400, 401 and 404 need none."""

import json
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from steps.process.ports import free_port
from steps.process.server_process import ServerProcess
from tests.server.databases import ROOT


@contextmanager
def serving(
    folder: Path, settings: Mapping[str, str] | None = None, files: int = 0
) -> Iterator[ServerProcess]:
    """Start the server with these settings; stop it at the end. It can open so many `files`."""
    port = free_port()
    env = {
        "DATABASE_URL": "postgresql://nobody:none@127.0.0.1:9/none",
        "JWT_SECRET": secrets.token_urlsafe(48),
        "CORS_ORIGIN": "http://localhost:3000",
        "PORT": str(port),
        **(settings or {}),
    }
    log = folder / f"server-{port}.log"
    command = [sys.executable, "-m", "server"]
    if files:
        command = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh", *command]
    server = ServerProcess(command, env, ROOT, port, log)
    try:
        server.wait_until_ready("/openapi.json")
        yield server
    finally:
        server.stop()


def connect(server: ServerProcess, seconds: float = 10) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=seconds)


def until_closed(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes the connection."""
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def answers(received: bytes) -> list[tuple[int, dict[str, Any]]]:
    """Return status and JSON body of each answer."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found.append((int(head.split(b" ")[1]), json.loads(rest[:length])))
        received = rest[length:]
    return found


def lines(server: ServerProcess) -> list[dict[str, Any]]:
    """Return the log; every line of it is a JSON object."""
    return [json.loads(line) for line in server.log.read_text().splitlines()]
