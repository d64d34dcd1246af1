"""Source texts of three kinds of small servers that the tests run under the launcher."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from traceability.measure.control_socket import ControlSocket

HANDLERS = '''
def fork():
    """Two paths, so that a test can tell them apart."""
    return b"fork"


def spoon():
    return b"spoon"


def answer(path):
    return {"/fork": fork, "/spoon": spoon}[path]()
'''

THREADING_SERVER = """
import http.server
import handlers


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = handlers.answer(self.path)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""

ASYNCIO_SERVER = """
import asyncio
import handlers


async def handle(reader, writer):
    path = (await reader.readline()).split()[1].decode()
    while (await reader.readline()).strip():
        pass
    body = handlers.answer(path)
    writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n%s" % (len(body), body))
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
"""

GREENLET_SERVER = """
import http.server
import greenlet
import handlers


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        def work():
            greenlet.getcurrent().parent.switch()
            return handlers.answer(self.path)

        inner = greenlet.greenlet(work)
        inner.switch()
        body = inner.switch()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""

SERVER_KINDS = {
    "threads": THREADING_SERVER,
    "asyncio": ASYNCIO_SERVER,
    "greenlets": GREENLET_SERVER,
}
FORK_LINE, SPOON_LINE = 4, 8
"""The lines of the `return` statements in handlers.py."""


def write_server(folder: Path, kind: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "handlers.py").write_text(HANDLERS)
    (folder / "serve.py").write_text(SERVER_KINDS[kind])
    return folder


class LaunchedServer:
    """A running server whose source is in `folder`, started under the launcher."""

    def __init__(self, control: ControlSocket, folder: Path) -> None:
        command = control.launcher_command(sys.executable, sources=[folder], root=folder)
        self.process = subprocess.Popen(
            [*command, "-m", "serve"],
            cwd=folder,
            env={**os.environ, **control.environment()},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            body: bytes = answer.read()
            return body

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def launch(
    control: ControlSocket,
    folder: Path,
    *arguments: str,
    sources: list[Path] | None = None,
    **env: str,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end under the launcher."""
    return subprocess.run(
        [*control.launcher_command(sources=sources or [folder], root=folder), *arguments],
        cwd=folder,
        env={**os.environ, **control.environment(), **env},
        capture_output=True,
        text=True,
        check=False,
    )
