"""What arrives on a connection is limited in size and time, and is one request after the other."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from pytest_bdd import then, when

from steps.http.expectations import came, expect
from steps.http.operations import LIST
from steps.http.raw_bytes import closed_while_unread, send_bytes
from steps.scenario.acting_users import UNKNOWN_ID
from steps.scenario.phrases import phrase
from steps.scenario.scene import Scene
from steps.target.capabilities import offered
from steps.target.target import Target

SECONDS = 6.0
"""Longer than any of the server's limits, which its target file sets to a second."""
HALVES = 100
HALF_BYTES = 250_000
CLIENTS = 60
"""More than the target file allows at a time."""
HOST = b"Host: 127.0.0.1\r\n"
TASK = json.dumps({"title": "Buy milk"}).encode()

BuildParts = Callable[[bytes, bytes], Sequence[bytes]]
"""From a path and an `Authorization` field to the parts of a request."""


def _get(path: bytes, *fields: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + b"".join(fields) + b"\r\n"


def _post(path: bytes, *fields: bytes) -> bytes:
    json_type = b"Content-Type: application/json\r\n"
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"".join((json_type, *fields)) + b"\r\n"


def _chunks(body: bytes, trailer: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailer)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(TASK)
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"

REQUESTS: dict[str, BuildParts] = {
    "a request line of 64 KiB and more": lambda path, auth: [
        _get(path + b"?" + b"a" * 65536, HOST, auth)
    ],
    "201 header fields": lambda path, auth: [_get(path, HOST, auth, *[b"X-Field: 1\r\n"] * 199)],
    "200 header fields": lambda path, auth: [_get(path, HOST, auth, *[b"X-Field: 1\r\n"] * 198)],
    "a head of 256 KiB and more": lambda path, auth: [
        _get(path, HOST, auth, *[b"X-Field: " + b"a" * 30_000 + b"\r\n"] * 10)
    ],
    "a head that goes on for ever": lambda path, auth: [
        b"GET " + path + b" HTTP/1.1\r\n" + HOST + auth + b"X-Field: ",
        *[b"a" * 65536] * 6,
    ],
    "no Host": lambda path, auth: [_get(path, auth)],
    "two Hosts": lambda path, auth: [_get(path, HOST, HOST, auth)],
    "a Host with a space in it": lambda path, auth: [_get(path, b"Host: a b\r\n", auth)],
    "a Host whose port is too high": lambda path, auth: [
        _get(path, b"Host: 127.0.0.1:65536\r\n", auth)
    ],
    "a Host in brackets without address": lambda path, auth: [
        _get(path, b"Host: [:::::]\r\n", auth)
    ],
    "a line that ends without CR": lambda path, auth: [
        b"GET " + path + b" HTTP/1.1\r\nX: 1\n" + HOST + auth + b"\r\n"
    ],
    "the first line of SSH": lambda path, auth: [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "a space before a colon": lambda path, auth: [_get(path, HOST, b"X-Field : 1\r\n", auth)],
    "HTTP/2 without asking": lambda path, auth: [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    "the first bytes of TLS": lambda path, auth: [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    "HTTP/1.0 in chunks": lambda path, auth: [
        b"POST " + path + b" HTTP/1.0\r\n" + auth + CHUNKED + b"\r\n" + _chunks(TASK, b"")
    ],
    "two lengths": lambda path, auth: [_post(path, auth, LENGTH, LENGTH) + TASK],
    "a length and chunks": lambda path, auth: [
        _post(path, auth, LENGTH, CHUNKED) + _chunks(TASK, b"")
    ],
    "a chunk without a size": lambda path, auth: [_post(path, auth, CHUNKED), b"none\r\n\r\n"],
    "a chunk's line that is too long": lambda path, auth: [
        _post(path, auth, CHUNKED), b"1;" + b"a" * 70_000 + b"\r\na\r\n"
    ],
    "a trailer that is too long": lambda path, auth: [
        _post(path, auth, CHUNKED), b"0\r\n" + b"X-Field: 1\r\n" * 25_000 + b"\r\n"
    ],
    "a head that does not end": lambda path, auth: [b"GET " + path + b" HTTP/1.1\r\n" + HOST],
    "a body that does not end": lambda path, auth: [_post(path, auth, LENGTH) + TASK[:-1]],
    "a method that nobody knows": lambda path, auth: [
        b"BREW " + path + b" HTTP/1.1\r\n" + HOST + auth + b"\r\n"
    ],
    "a method in lower case": lambda path, auth: [
        b"get " + path + b" HTTP/1.1\r\n" + HOST + auth + b"\r\n"
    ],
    "the method HEAD": lambda path, auth: [
        b"HEAD " + path + b" HTTP/1.1\r\n" + HOST + auth + b"\r\n"
    ],
    "an offer of h2c": lambda path, auth: [_post(path, auth, LENGTH, H2C) + TASK],
    "an offer of h2c, its body in a segment of its own": lambda path, auth: [
        _post(path, auth, LENGTH, H2C), TASK
    ],
    "a task in chunks": lambda path, auth: [_post(path, auth, CHUNKED), _chunks(TASK, b"")],
    "the token in the trailer": lambda path, auth: [_post(path, CHUNKED) + _chunks(TASK, auth)],
    "another token in the trailer": lambda path, auth: [
        _post(path, auth, CHUNKED) + _chunks(TASK, b"Authorization: Bearer another\r\n")
    ],
    "an empty line before it": lambda path, auth: [b"\r\n", b"\r\n" + _get(path, HOST, auth)],
    "an IPv6 address as Host": lambda path, auth: [_get(path, b"Host: [::1]:80\r\n", auth)],
    "an absolute URL": lambda path, auth: [_get(b"http://127.0.0.1" + path, HOST, auth)],
}  # fmt: skip


class LimitedServer:
    """A second server with short limits; it starts when first needed."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._url = ""

    def url(self, scene: Scene) -> str:
        """Return its base URL."""
        if not self._url:
            env = offered(scene.target.description.offers.limits)
            self._url = self._stack.enter_context(scene.target.second_server(env))
        return self._url

    def close(self) -> None:
        """Stop it."""
        self._stack.close()


@pytest.fixture(scope="session")
def limited_server(target: Target) -> Iterator[LimitedServer]:
    """One such server for the whole run."""
    server = LimitedServer()
    yield server
    server.close()


def _list_path(scene: Scene, user_id: str) -> bytes:
    """Return the path of a user's list, where this server has it."""
    return scene.client.layout.place("GET", LIST.url(user_id, UNKNOWN_ID)).path.encode()


def _limits(scene: Scene, **others: str) -> dict[str, str]:
    """Return the short limits, but with time enough for any request to arrive."""
    patient = {"HEAD_SECONDS": "60", "BODY_SECONDS": "60"}
    return {**offered(scene.target.description.offers.limits), **patient, **others}


def _send(scene: Scene, server: LimitedServer, parts: Sequence[bytes]) -> None:
    scene.answers = send_bytes(server.url(scene), parts, SECONDS)
    scene.client.record(scene.answer)


@when(phrase("{who} sends a server with short limits, with a token, {request}"))
def send_request(scene: Scene, limited_server: LimitedServer, who: str, request: str) -> None:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    path = _list_path(scene, user.id)
    _send(scene, limited_server, REQUESTS[request](path, auth))


@when(phrase("{who} sends a server with short limits, without a token, {request}"))
def send_without_token(scene: Scene, limited_server: LimitedServer, who: str, request: str) -> None:
    path = _list_path(scene, scene.users.named(who).id)
    _send(scene, limited_server, REQUESTS[request](path, b""))


@when(phrase("{who} sends a server with short limits two requests in one segment"))
def send_two(scene: Scene, limited_server: LimitedServer, who: str) -> None:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    path = _list_path(scene, user.id)
    create = _post(path, auth, CHUNKED) + _chunks(TASK, b"")
    parts = [create + _get(path, HOST, auth, b"Connection: close\r\n")]
    scene.answers = send_bytes(limited_server.url(scene), parts, SECONDS, answers=2)
    for answer in scene.answers:
        scene.client.record(answer)


@when(
    phrase("{who} asks a server with short limits for her list 1,000 times and reads no answer"),
    target_fixture="closed_unread",
)
def read_nothing(scene: Scene, limited_server: LimitedServer, who: str) -> bool:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    asked = _get(_list_path(scene, user.id), HOST, auth)
    return closed_while_unread(limited_server.url(scene), asked * 1000, 2 * SECONDS)


@then("the server closes the connection")
def unread_is_closed(closed_unread: bool) -> None:
    expect(closed_unread, "a connection whose answers nobody reads stays open")


@when(phrase("{who} asks a server with short limits for her list while clients are too many"))
def ask_among_many(scene: Scene, limited_server: LimitedServer, who: str) -> None:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    base_url = limited_server.url(scene)
    url = urlsplit(base_url)
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            silent = socket.create_connection((url.hostname or "", url.port or 80), SECONDS)
            stack.enter_context(silent)
        _send(scene, limited_server, [_get(_list_path(scene, user.id), HOST, auth)])


@when(
    phrase("{who} asks a server with short limits for her list while half requests fill its memory")
)
def ask_among_halves(scene: Scene, who: str) -> None:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    path = _list_path(scene, user.id)
    # Of the halves, nothing but their size may be too much.
    with (
        scene.target.second_server(_limits(scene, MAX_CONNECTIONS="1000")) as base_url,
        ExitStack() as stack,
    ):
        url = urlsplit(base_url)
        for number in range(HALVES):
            half = socket.create_connection((url.hostname or "", url.port or 80), SECONDS)
            stack.enter_context(half)
            long = _post(path, auth, LENGTH, b"X-Field: " + b"a" * HALF_BYTES + b"\r\n")
            half.sendall(long[: -2 if number % 2 else None])
        scene.answers = send_bytes(base_url, [_get(path, HOST, auth)], SECONDS)
    scene.client.record(scene.answer)


@when(phrase("{who} sends a server with short limits half a request and no more"))
def send_half_and_end(scene: Scene, limited_server: LimitedServer, who: str) -> None:
    path = _list_path(scene, scene.users.named(who).id)
    sent = _get(path, HOST)[:-2]
    scene.answers = send_bytes(limited_server.url(scene), [sent], SECONDS, end=True)
    scene.client.record(scene.answer)


@when(phrase("{who} asks a server with short limits for her list and sends no more"))
def ask_and_end(scene: Scene, limited_server: LimitedServer, who: str) -> None:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    sent = _get(_list_path(scene, user.id), HOST, auth)
    scene.answers = send_bytes(limited_server.url(scene), [sent], SECONDS, end=True)
    scene.client.record(scene.answer)


@when("a client of a server with short limits sends nothing")
def send_nothing(scene: Scene, limited_server: LimitedServer) -> None:
    _send(scene, limited_server, [])


@then("the connection is closed without an answer")
def closed(scene: Scene) -> None:
    answer = scene.answer
    closed = answer.status is None and "closed" in answer.error
    sentence = "the connection is not closed"
    expect(closed, sentence, expected="closed without an answer", actual=came(answer))


@when(
    phrase("a server with short limits is stopped while {who} has sent half a task"),
    target_fixture="seconds_to_stop",
)
def stop_under_way(scene: Scene, who: str) -> float:
    user = scene.users.named(who)
    path = LIST.url(user.id, UNKNOWN_ID)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    with ExitStack() as stack:
        with scene.target.second_server(_limits(scene)) as base_url:
            url = urlsplit(base_url)
            half = socket.create_connection((url.hostname or "", url.port or 80), SECONDS)
            stack.enter_context(half)
            half.sendall(_post(_list_path(scene, user.id), auth, LENGTH) + TASK[:5])
            client = scene.client.at(base_url)
            scene.answers = [client.send("GET", path, token=user.token)]
            client.close()
            began = time.monotonic()
        return time.monotonic() - began


@when(phrase("a server with short limits is stopped while {who} sends her request for the list"))
def stop_while_sending(scene: Scene, who: str) -> None:
    user = scene.users.named(who)
    auth = b"Authorization: Bearer %s\r\n" % (user.token or "").encode()
    request = _get(LIST.url(user.id, UNKNOWN_ID).encode(), HOST, auth)
    with ThreadPoolExecutor(1) as pool:
        with scene.target.second_server(_limits(scene, SHUTDOWN_SECONDS="10")) as base_url:
            parts = [request[:20], request[20:]]
            sending = pool.submit(send_bytes, base_url, parts, SECONDS, pause=1.0)
            time.sleep(0.3)  # the first part is there, and the second not yet
        scene.answers = sending.result()
    scene.client.record(scene.answer)


@then("it has ended by itself, within the time for that")
def ended_by_itself(seconds_to_stop: float) -> None:
    # The harness kills a server that has not ended after 10 s.
    expect(
        seconds_to_stop < 8,
        "the server had to be killed",
        expected="an end within 8 s",
        actual=f"{seconds_to_stop:.1f} s",
    )
