"""An identity provider for the tests: `identity_provider.py PORT`.

It keeps users in the database of the server under judgement. The environment has DSN and KEY.
`POST /sign-up` makes a user and signs a token, `DELETE /users/ID` with that token removes the user.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg

DSN, KEY = os.environ["DSN"], os.environ["KEY"]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token_of(user: str) -> str:
    claims = {"sub": user, "exp": int(time.time()) + 900}
    text = f"{encode(json.dumps({'alg': 'HS256'}).encode())}.{encode(json.dumps(claims).encode())}"
    return f"{text}.{encode(hmac.digest(KEY.encode(), text.encode(), hashlib.sha256))}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        person = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/sign-up" or len(person["password"]) < 8:
            self.send(422, {"detail": "no such sign-up"})
            return
        user = uuid.uuid4().hex
        with psycopg.connect(DSN) as connection:
            connection.execute("INSERT INTO users VALUES (%s, %s)", [user, person["email"]])
        self.send(200, {"user": {"id": user}, "session": {"token": token_of(user)}})

    def do_DELETE(self) -> None:
        user = self.path.removeprefix("/users/")
        if not self.headers["Authorization"].startswith("Bearer ey"):
            self.send(401, {"detail": "no token"})
            return
        with psycopg.connect(DSN) as connection:
            connection.execute("DELETE FROM users WHERE id = %s", [user])
        self.send(200, {})

    def send(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
