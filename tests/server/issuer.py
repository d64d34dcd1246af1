"""An issuer on a free port of 127.0.0.1 that publishes whatever a test wants."""

import http.server
import json
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def publish(handler: http.server.BaseHTTPRequestHandler, content: object) -> None:
    """Answer 200 with bytes as they are, and anything else as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class Issuer:
    """Counts how often it is asked; `answer` or, without one, `content` says what it answers."""

    def __init__(self, content: object = None, answer: Answer | None = None) -> None:
        self.content = content
        self.answer = answer
        self.asked = 0
        self.gone = threading.Event()
        """A dripping answer was cut by the one that asked."""
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                issuer.asked += 1
                if issuer.answer is None:
                    publish(self, issuer.content)
                    return
                try:
                    issuer.answer(self)
                except OSError:
                    issuer.gone.set()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
