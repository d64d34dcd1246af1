"""Where the server listens: an address of this machine, or one sentence that names the variable."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys

import pytest

from server.host import names_host, sent_by_browsers
from server.settings import Settings, SettingsError, load_settings
from steps.process.server_process import environment
from tests.server.databases import ROOT

STRAY = ["%", "127.0.0.1%", "127.0.0.1%25", "127.0.0.1%lo", "::1%", "::1%1", "localhost%", "%25"]
NONE = [" ", " 127.0.0.1", "127.0.0.1 ", "[::1]", "127.0.0.1:80", "http://127.0.0.1", "*", ":::"]
NONE += [
    "1",
    "127.1",
    "127.0.0.256",
    "<broadcast>",
    "a..b",
    ".",
    "-a",
    "a-",
    "ä",
    "\N{KELVIN SIGN}",
]
ADDRESSES = ["127.0.0.1", "0.0.0.0", "::1", "::", "fe80::1%eth0", "::ffff:127.0.0.1"]


@pytest.mark.parametrize("text", [*STRAY, *NONE, "a" * 64, ".".join(["a" * 60] * 5)])
def test_what_is_no_host_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    assert not names_host(text)
    monkeypatch.setenv("DATABASE_URL", "postgresql://api@127.0.0.1:1/tasks")
    monkeypatch.setenv("JWT_SECRET", "s" * 32)
    monkeypatch.setenv("CORS_ORIGIN", "http://localhost:3000")
    monkeypatch.setenv("HOST", text)
    with pytest.raises(SettingsError, match=r"^HOST is no address: set it to .*\.$"):
        load_settings()


@pytest.mark.parametrize("text", [*ADDRESSES, "localhost", "my_host", "api-1.example", "a" * 63])
def test_what_is_a_host(text: str) -> None:
    assert names_host(text)


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("localhost", True),
        ("[::1]", True),
        ("::1", False),
        ("[localhost]", False),
        ("[0:0:0:0:0:0:0:1]", False),
        ("[fe80::1%eth0]", False),
        ("127.0.0.1", True),
        ("127.0.0.256", False),
    ],
)
def test_the_host_of_an_origin(host: str, right: bool) -> None:
    assert sent_by_browsers(host) == right


def origins(value: str) -> tuple[str, ...]:
    secret = secrets.token_urlsafe(48)
    found = Settings(database_url="postgresql://h/d", jwt_secret=secret, cors_origin=value)  # type: ignore[arg-type]
    return found.cors_origin


@pytest.mark.parametrize("port", ["0", "65536", "99999", "080"])
def test_an_origin_of_no_port(port: str) -> None:
    assert origins("http://localhost:65535") == ("http://localhost:65535",)
    with pytest.raises(ValueError, match="must name origins as browsers send them"):
        origins(f"http://localhost:{port}")


def start(host: str, port: int) -> tuple[int, str]:
    """Return status and output of a server that does not start."""
    run = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=environment(
            {
                "DATABASE_URL": "postgresql://api@127.0.0.1:9/tasks",
                "JWT_SECRET": secrets.token_urlsafe(48),
                "CORS_ORIGIN": "http://localhost:3000",
                "HOST": host,
                "PORT": str(port),
            }
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert run.stderr.count("\n") == 1, run.stderr
    return run.returncode, run.stderr.strip()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "nowhere.invalid"])
def test_an_address_of_another_machine(host: str) -> None:
    status, sentence = start(host, 0)
    assert status == 2
    assert sentence == (
        f"HOST is {host}, which is no address of this machine: set it to one, for example"
        " 127.0.0.1."
    )


def test_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        status, sentence = start("127.0.0.1", other.getsockname()[1])
    assert status == 2
    assert sentence.startswith("Port ")
    assert sentence.endswith(" is taken: stop what listens there, or set PORT to another one.")
