"""A server that is not the API: `misbehaving_server.py PORT MANNER`.

It uses no database and checks no token. The manners: `html` answers every request with a page,
`redirect` with a redirection to another site, `unauthorized` with 401, `forbidden` with 403;
`crash` answers creations with 500 and prints why, `elsewhere` everything with 404; `silent`
accepts connections and never answers; `slow` answers after 2 s. From the fourth request
on, `hang` does not answer, `drip` sends a byte every 0.3 s, and `exit` ends the server. Any other
manner answers with `[]`.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, MANNER = int(sys.argv[1]), sys.argv[2]
NORMAL_ANSWERS = 3
"""Requests that `hang`, `drip` and `exit` answer before they misbehave."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = 0

    def answer(self) -> None:
        Handler.requests += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        misbehaves = Handler.requests > NORMAL_ANSWERS
        if MANNER == "hang" and misbehaves:
            time.sleep(3600)
        if MANNER == "exit" and misbehaves:
            os._exit(7)
        if MANNER == "slow":
            time.sleep(2)
        if MANNER == "html":
            self.send(200, "text/html", "<h1>Welcome</h1>")
        elif MANNER == "redirect":
            self.send(308, "text/plain", "", {"Location": "https://www.example.test/"})
        elif MANNER == "forbidden":
            self.send(403, "application/json", json.dumps({"detail": "Not allowed"}))
        elif MANNER == "crash" and self.command == "POST":
            secret = self.headers.get("Authorization", "")
            print(f"{secret}\nOperationalError: no such table: tasks", flush=True)
            self.send(500, "application/json", json.dumps({"detail": "Something broke"}))
        elif MANNER == "elsewhere":
            self.send(404, "application/json", json.dumps({"detail": "Not Found"}))
        elif MANNER == "drip" and misbehaves:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
            for _ in range(10_000):
                self.wfile.write(b" ")
                time.sleep(0.3)
        elif MANNER == "unauthorized":
            self.send(401, "application/json", json.dumps({"detail": "Invalid audience"}))
        else:
            self.send(200, "application/json", "[]")

    def send(
        self, status: int, content_type: str, body: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
    setattr(Handler, f"do_{method}", Handler.answer)
if MANNER == "silent":
    print("listening, without answers", flush=True)
    import socket

    listener = socket.create_server(("127.0.0.1", PORT))
    time.sleep(3600)
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
