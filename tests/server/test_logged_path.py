"""No log line shows a token that a client put into the URL, however it is spelled."""

import asyncio
import base64
import logging
import time

import pytest
from starlette.types import Message, Receive, Scope, Send

from server.edge import Edge
from server.errors import InvalidCredentialsError
from server.logged_path import MAXIMUM_LOGGED, MAXIMUM_READ, logged_path


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


HEADER = part(b'{"alg":"HS256"}')
PAYLOAD = part(b'{"sub":"alice","exp":1}')
SIGNATURE = part(bytes(range(32)))
TOKEN = f"{HEADER}.{PAYLOAD}.{SIGNATURE}"
JWE = ".".join([part(b'{"alg":"dir","enc":"A256GCM"}'), "", part(b"i" * 12), part(b"c"), "tag"])


def encoded(text: str) -> str:
    return "".join(f"%{ord(letter):02x}" for letter in text)


SPELLINGS = {
    "plain": TOKEN,
    "%2E": TOKEN.replace(".", "%2E"),
    "%2e": TOKEN.replace(".", "%2e"),
    "one dot of two": TOKEN.replace(".", "%2e", 1),
    "its first letter": "%65" + TOKEN[1:],
    "every character": encoded(TOKEN),
    "twice": encoded(TOKEN).replace("%", "%25"),
    "dots thrice": TOKEN.replace(".", "%25252E"),
    "JWE": JWE,
    "JWE with %2E": JWE.replace(".", "%2E"),
    "header with a space": TOKEN.replace(HEADER, part(b'{ "alg":"HS256"}')),
    "header with line ends": TOKEN.replace(HEADER, part(b'{\r\n"alg":"HS256"}')),
    "empty claims": f"{HEADER}.e30.{SIGNATURE}",
    "without a signature": f"{HEADER}.{PAYLOAD}.",
    "two parts": f"{HEADER}.{PAYLOAD}",
    "padded": f"{HEADER}=.{PAYLOAD}%3D.{SIGNATURE}",
    "no header known": f"{'x' * 20}.{'y' * 20}.{'z' * 20}",
}


@pytest.mark.parametrize("token", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/api/", "/tasks"),
        ("/api/u1/tasks?access_token=", "&page=1"),
        ("/api/Bearer%20", "%20x/tasks"),
        ("/api/u1/(", ")"),
        ("/api/v1.2/", ""),
        ("/api/%25/%/%zz/%2/%25", "/%"),
    ],
)
def test_token_is_replaced_and_the_rest_stays(token: str, before: str, after: str) -> None:
    shown = logged_path(f"{before}{token}{after}".encode())
    assert shown == f"{before}<token>{after}"


@pytest.mark.parametrize("token", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(
    "frame", ["/api/user-{}-tail/tasks", "/a.b.{}.c.d/e", "/{0}/{0}", "/{0}.{0}"]
)
def test_nothing_of_a_glued_or_repeated_token_shows(token: str, frame: str) -> None:
    shown = logged_path(frame.format(token).encode())
    assert "<token>" in shown
    for secret in token.split("."):
        assert len(secret) < 4 or secret not in shown


@pytest.mark.parametrize("token", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("room", [0, 1, 5, 20, 40, 60])
def test_no_cut_leaves_a_part_of_a_token(token: str, room: int) -> None:
    start = "/" + "~" * (MAXIMUM_LOGGED - 1 - room)
    assert logged_path(f"{start}{token}/tasks".encode()) == f"{start}<token>/tasks"[:MAXIMUM_LOGGED]


@pytest.mark.parametrize("token", SPELLINGS.values(), ids=SPELLINGS)
def test_no_end_of_what_is_read_leaves_a_part_of_a_token(token: str) -> None:
    """A token of 3 KB takes no room: what stands behind it is shown, up to where reading ends."""
    first = f"/{HEADER}.{part(b'p' * 2200)}.{SIGNATURE}/"
    for cut in range(1, len(token) + 1):
        middle = "a/" * ((MAXIMUM_READ - len(first) - cut) // 2)
        start = first + middle + "/" * (MAXIMUM_READ - len(first) - len(middle) - cut)
        shown = logged_path(f"{start}{token}/tasks".encode())
        assert shown.startswith("/<token>/")
        end, _, behind = shown.removeprefix("/<token>/").lstrip("a/").partition("<token>")
        assert behind in {"", "%3D<token>"}
        if "<token>".startswith(end):
            continue
        # The beginning of a header may show: a header is no secret, and it has no dot behind it.
        assert token.startswith(end)
        assert "." not in end
        assert "%2e" not in end.lower()


@pytest.mark.parametrize(
    "path",
    ["/api/u1/tasks", "/api/alice.b.c/tasks", "/api/a%2Fb/tasks/x", "/api/%C3%A9.tar.gz", "/", "",
     "/report.2026.01.html", "/api/u1/tasks?page=2&since=2026-01-01T00:00:00.000Z", "/api/e.y.J/%"],
)  # fmt: skip
def test_other_paths_are_logged_as_sent(path: str) -> None:
    assert logged_path(path.encode()) == path


def test_bytes_beyond_ascii_are_logged() -> None:
    assert logged_path(b"/api/\xff\x00/\n") == "/api/\xff\x00/\n"


@pytest.mark.parametrize("letters", ["a", "a.", "a" * 10 + ".", "eyJ", "eyJ.", "%61", "%2E", "%25"])
def test_a_long_path_is_refused_and_logged_at_once(
    letters: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A path of 100 KB; a pattern that reads each letter again takes 25 s for it."""

    async def refuse(*_: Scope | Receive | Send) -> None:
        raise InvalidCredentialsError("No.", reason="missing_token")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answer.append(message)

    answer: list[Message] = []
    path = ("/api/" + letters * (100_000 // len(letters))).encode()
    scope: Scope = {"type": "http", "method": "GET", "raw_path": path, "headers": [], "path": ""}
    start = time.process_time()
    with caplog.at_level(logging.WARNING, "server.access"):
        asyncio.run(Edge(refuse, ())(scope, receive, send))
    assert time.process_time() - start < 3
    assert answer[0]["status"] == 401
    assert len(vars(caplog.records[0])["path"]) <= MAXIMUM_LOGGED
