"""How often the issuer is asked, and who waits for it."""

import asyncio
import http.server
import logging
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server import key_set
from server.access import Access
from server.errors import InvalidCredentialsError
from server.key_set import KeysUnavailableError
from server.tokens import Verifier
from tests.server.issuer import Issuer, publish
from tests.server.serving import answers, connect, lines, serving, until_closed
from tests.server.test_published_keys import ED, OTHER_ED, jwk, token, verifier

KNOWN = {"keys": [jwk(ED, kid="k")]}
VALID, MADE_UP = token(ED, "k", "EdDSA"), token(OTHER_ED, "made-up", "EdDSA")


class Clock:
    """The clock of `key_set` alone; it stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(key_set, "time", clock)
    return clock


def refuse(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_error(503)


def drip(head: bytes, each: bytes) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while True:
            handler.wfile.write(each)
            handler.wfile.flush()
            time.sleep(0.02)

    return answer


async def result(verifying: Verifier, sent: str) -> str:
    try:
        return await verifying.user_id(sent)
    except InvalidCredentialsError as error:
        return error.reason
    except KeysUnavailableError as error:
        return f"{error.status} {error.detail}"


UNAVAILABLE = "500 Internal server error."


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def play(issuer: Issuer, scene: Callable[[Verifier], Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        await scene(verifier(issuer, "EdDSA"))

    with issuer:
        asyncio.run(all_of_it())


def test_the_pause_of_a_failing_issuer_grows_and_a_success_resets_it(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    issuer = Issuer(KNOWN, refuse)

    async def scene(verifying: Verifier) -> None:
        asked = 0
        for pause in (1, 2, 4, 8, 16, 32, 60, 60):
            for sent in (VALID, MADE_UP, VALID):
                assert await result(verifying, sent) == UNAVAILABLE
            asked += 1
            assert issuer.asked == asked
            clock.now += pause - 0.01
            assert await result(verifying, VALID) == UNAVAILABLE
            assert issuer.asked == asked
            clock.now += 0.02
        assert len(caplog.records) == asked
        issuer.answer = None
        assert await result(verifying, VALID) == "ann"
        issuer.answer = refuse
        for pause in (1, 1, 2):  # the first one is that of the success
            clock.now += pause + 0.01
            assert await result(verifying, MADE_UP) == UNAVAILABLE
            asked += 1
            assert await result(verifying, MADE_UP) == UNAVAILABLE
            assert issuer.asked == asked + 1

    with caplog.at_level(logging.INFO, "server.key_set"):
        play(issuer, scene)


def test_made_up_names_make_a_good_issuer_be_asked_ever_more_rarely(clock: Clock) -> None:
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        for asked, pause in enumerate((1, 2, 4, 4, 4), start=1):
            for _ in range(10):
                assert await result(verifying, MADE_UP) == "unknown_key"
            assert issuer.asked == asked
            clock.now += pause - 0.01
            assert await result(verifying, MADE_UP) == "unknown_key"
            assert issuer.asked == asked
            clock.now += 0.02
        issuer.content = {"keys": [jwk(ED, kid="k"), jwk(OTHER_ED, kid="made-up")]}
        assert await result(verifying, MADE_UP) == "ann"
        issuer.content = KNOWN
        clock.now += 301
        assert await result(verifying, MADE_UP) == "ann"  # the fetch begins
        await until(lambda: verifying._keys is not None and verifying._keys._refreshing is None)
        clock.now += 1.01  # the pause has begun anew with the first answer that brought keys
        before = issuer.asked
        assert await result(verifying, MADE_UP) == "unknown_key"
        assert issuer.asked == before + 1

    play(issuer, scene)


@pytest.mark.usefixtures("clock")
def test_many_requests_share_one_fetch() -> None:
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        sent = [VALID, MADE_UP] * 50
        found = await asyncio.gather(*(result(verifying, one) for one in sent))
        assert found == ["ann", "unknown_key"] * 50
        assert issuer.asked == 1

    play(issuer, scene)


def test_known_keys_do_not_wait_for_a_silent_issuer_and_end_after_an_hour(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        assert await result(verifying, VALID) == "ann"
        monkeypatch.setattr(key_set, "FETCH_SECONDS", 30.0)
        issuer.answer = drip(b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n")
        clock.now += 301
        waiting = asyncio.create_task(result(verifying, MADE_UP))
        await until(lambda: issuer.asked == 2)
        async with asyncio.timeout(5):
            for _ in range(20):
                assert await result(verifying, VALID) == "ann"
        assert not waiting.done()
        waiting.cancel()
        clock.now += 3599 - 301
        assert await result(verifying, VALID) == "ann"
        issuer.answer = refuse  # 100 header fields are too many: that fetch has ended by now
        await until(lambda: verifying._keys is not None and verifying._keys._refreshing is None)
        clock.now += 2
        assert await result(verifying, VALID) == UNAVAILABLE

    play(issuer, scene)


def test_a_withdrawn_key_ends_with_the_next_set(clock: Clock) -> None:
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        assert await result(verifying, VALID) == "ann"
        issuer.content = {"keys": [jwk(OTHER_ED, kid="new")]}
        clock.now += 299
        assert await result(verifying, VALID) == "ann"
        assert issuer.asked == 1
        clock.now += 2
        assert await result(verifying, VALID) == "ann"  # at once; the fetch begins
        await until(lambda: verifying._keys is not None and verifying._keys._refreshing is None)
        assert await result(verifying, VALID) == "unknown_key"

    play(issuer, scene)


def test_the_set_is_fetched_again_without_any_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_set, "REFRESH_SECONDS", 1.1)
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        assert await result(verifying, VALID) == "ann"
        issuer.content = {"keys": []}
        await until(lambda: issuer.asked == 2)
        await until(lambda: verifying._keys is not None and verifying._keys._refreshing is None)
        assert await result(verifying, VALID) == "unknown_key"

    play(issuer, scene)


@pytest.mark.parametrize(
    ("head", "each"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
)
def test_a_drip_ends_within_the_limit_and_its_connection_is_cut(
    monkeypatch: pytest.MonkeyPatch, head: bytes, each: bytes
) -> None:
    monkeypatch.setattr(key_set, "FETCH_SECONDS", 0.5)
    issuer = Issuer(answer=drip(head, each))

    async def scene(verifying: Verifier) -> None:
        async with asyncio.timeout(5):
            assert await result(verifying, VALID) == UNAVAILABLE
        assert await asyncio.to_thread(issuer.gone.wait, 5)

    play(issuer, scene)


def test_a_fetch_takes_none_of_the_threads_that_others_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def no_thread(*_: object) -> None:
        raise AssertionError("the default thread pool was used")

    monkeypatch.setattr(asyncio, "to_thread", no_thread)
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "run_in_executor", no_thread)
        assert await result(verifying, VALID) == "ann"

    play(issuer, scene)


@pytest.mark.parametrize(
    "target",
    ["file:///etc/hostname", "ftp://127.0.0.1/keys", "data:application/json,{}", "//", "gopher:x"],
)
def test_no_redirect_leads_away_from_http(target: str) -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    async def scene(verifying: Verifier) -> None:
        assert await result(verifying, VALID) == UNAVAILABLE

    play(Issuer(answer=answer), scene)


def test_a_redirect_within_http_is_followed_and_a_circle_is_not() -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if handler.path == "/moved":
            publish(handler, KNOWN)
            return
        handler.send_response(307)
        handler.send_header("Location", issuer.content if handler.path == "/jwks" else "/moved")  # type: ignore[arg-type]
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    async def follows(verifying: Verifier) -> None:
        assert await result(verifying, VALID) == "ann"

    async def circles(verifying: Verifier) -> None:
        assert await result(verifying, VALID) == UNAVAILABLE
        assert issuer.asked < 20

    issuer = Issuer("/moved", answer)
    play(issuer, follows)
    issuer = Issuer("/jwks", answer)
    play(issuer, circles)


def test_a_token_of_another_algorithm_does_not_ask_the_issuer() -> None:
    issuer = Issuer(KNOWN)

    async def scene(verifying: Verifier) -> None:
        forged = token(ED, "k", "EdDSA").replace(".", "x.", 1)
        assert await result(verifying, forged) == "malformed_token"
        assert issuer.asked == 0

    play(issuer, scene)


@pytest.mark.usefixtures("clock")
def test_an_issuer_that_is_not_there() -> None:
    with Issuer() as gone:
        url = gone.url

    async def scene(_: Verifier) -> None:
        verifying = verifier(SimpleNamespace(url=url), "EdDSA")  # type: ignore[arg-type]
        for sent in [VALID] * 5:
            assert await result(verifying, sent) == UNAVAILABLE

    play(Issuer(), scene)


def test_each_request_that_fails_for_want_of_keys_has_a_line(tmp_path: Path) -> None:
    with Issuer() as gone:
        url = gone.url
    settings = {"JWT_SECRET": "", "JWKS_URL": url, "JWT_ALGORITHM": "EdDSA"}
    request = f"GET /api/ann/tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {VALID}\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with serving(tmp_path, settings) as server:
        with connect(server) as connection:
            connection.sendall(request.encode() * 3 + last)
            statuses = [status for status, _ in answers(until_closed(connection))]
        logged = [line for line in lines(server) if line.get("reason") == "keys_unavailable"]
    assert statuses == [500, 500, 500, 404]
    assert [(line["status"], line["client"], line["path"]) for line in logged] == [
        (500, "127.0.0.1", "/api/ann/tasks")
    ] * 3
    assert len({line["request_id"] for line in logged}) == 3


def test_waiting_for_keys_is_part_of_the_requests_time() -> None:
    left = []

    class Slow:
        async def user_id(self, _: str) -> str:
            await asyncio.sleep(0.5)
            return "ann"

    class Noted:
        seconds = 8.0

        async def transact(self, _: str, __: object, seconds: float) -> list[Any]:
            left.append(seconds)
            return [["ann"]]

    async def application(scope: Any, *_: Any) -> None:
        await scope["state"]["tasks"].check_user()

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/ann/tasks",
        "raw_path": b"/api/ann/tasks",
        "headers": [(b"authorization", b"Bearer x")],
    }
    access = Access(application, Slow(), Noted(), 1000)  # type: ignore[arg-type]
    asyncio.run(access(scope, None, None))  # type: ignore[arg-type]
    assert len(left) == 1
    assert 5 < left[0] <= 7.5
