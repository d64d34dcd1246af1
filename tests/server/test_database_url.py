"""DATABASE_URL is read as libpq reads it and tried at the start; what is wrong is named."""

import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from server.database_url import connection_parameters
from steps.process.ports import free_port
from steps.process.server_process import environment
from tests.server.databases import ROOT, Databases, Schema, render
from tests.server.serving import lines, serving


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://h/d", {"host": "h", "dbname": "d"}),
        ("POSTGRES://u:a%20b@h/d", {"password": "a b"}),
        ("postgresql://u:%40%3A%2F%3F%23%25%5B%5D%2B+@h/d", {"password": "@:/?#%[]++"}),
        ("postgresql://%C3%BC:%C3%A4@h/%E2%82%AC", {"user": "ü", "password": "ä", "dbname": "€"}),
        ("postgresql://u@h/d", {"user": "u"}),
        ("postgresql://u:a?b=c@h/d", {"password": "a?b=c", "host": "h"}),
        ("postgresql://h1,h2/d", {"host": "h1,h2"}),
        ("postgresql://h1:1,h2:2/d?target_session_attrs=primary", {"host": "h1,h2", "port": "1,2"}),
        ("postgresql://h1,h2:5433/d", {"host": "h1,h2", "port": ",5433"}),
        ("postgresql://[::1]:5433/d", {"host": "::1", "port": "5433"}),
        ("postgresql://u@/d?host=/var/run/postgresql", {"host": "/var/run/postgresql"}),
        ("postgresql://%2Fvar%2Frun/d", {"host": "/var/run"}),
        ("postgresql://h/d?ssl=true", {"sslmode": "require"}),
        ("postgresql://h/d?sslmode=require&channel_binding=require", {"sslmode": "require"}),
        ("postgresql://h/d?application_name=a%20b", {"application_name": "a b"}),
        ("postgresql+psycopg://h/d?connect_timeout=10", {"host": "h"}),
    ],
)
def test_what_libpq_takes(url: str, expected: dict[str, str]) -> None:
    found = connection_parameters(url)
    assert {name: found.get(name) for name in expected} == expected
    assert "connect_timeout" not in found


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:hidden@h/d", "postgresql://"),
        ("postgresql+asyncpg://u:hidden@h/d", "postgresql://"),
        ("host=h password=hidden", "is not a URL"),
        ("postgresql://u:hid den@h/d", "%20"),
        ("postgresql://u:hidden@h/d\nx", "%0A"),
        ("postgresql://u:a@hidden@h/d", "%40"),
        ("postgresql://u:1/hidden@h/d", "%2F"),
        ("postgresql://u:hidden%zz@h/d", "%25"),
        ("postgresql://u:hidden%00@h/d", "%25"),
        ("postgresql://u:hidden%E4@h/d", "UTF-8"),
        ("postgresql://u:hidden@h:port/d", "port"),
        ("postgresql://u:hidden@h:99999/d", "port"),
        ("postgresql://u:hidden@h:0/d", "port"),
        ("postgresql://u:hidden@/d?host=h1,h2&port=1,2,3", "port"),
        ("postgresql://u:hidden@h/d?pool_size=3", "pool_size"),
        ("postgresql://u:hidden@h/d?sslmode=requir", "sslmode"),
        ("postgresql://u:hidden@h/d?target_session_attrs=master", "target_session_attrs"),
        ("postgresql://u:hidden@h/d?target_session_attrs=read-only", "set it to read-write"),
        ("postgresql://u:hidden@h1,h2/d?target_session_attrs=standby", "set it to read-write"),
        ("postgresql://u:hidden@h/d?channel_binding=x", "channel_binding"),
        ("postgresql://u:hidden@h/d?service=nowhere", "service"),
        ("postgresql://u:hidden@h/d?connect_timeout=ten", "connect_timeout"),
        ("postgresql://u:hidden@h/d?connect_timeout=", "connect_timeout"),
    ],
)
def test_what_it_does_not_take_is_named_without_the_password(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has|holds|must) [^\n]*[^.\n]$") as raised:
        connection_parameters(url)
    assert said in str(raised.value)
    assert "hid" not in str(raised.value)
    assert "den" not in str(raised.value)


@pytest.fixture(scope="module")
def schema(owner_url: str) -> Iterator[Schema]:
    databases = Databases(owner_url)
    yield databases.migrated("ann")
    databases.drop()


@pytest.mark.parametrize("options", ["?connect_timeout=10", "?application_name=x", "\n"])
def test_the_server_connects(schema: Schema, tmp_path: Path, options: str) -> None:
    place = "POSTGRESQL" + schema.api.removeprefix("postgresql")
    with serving(tmp_path, {"DATABASE_URL": place + options}) as server:
        said = [line["message"] for line in lines(server)]
    assert not [message for message in said if "cannot be reached" in message]


def test_the_first_of_two_hosts_is_down(schema: Schema, tmp_path: Path) -> None:
    url = make_url(schema.api)
    two = f"postgresql://{url.username}:{url.password}@127.0.0.1:9,{url.host}:{url.port}/{url.database}"
    with serving(tmp_path, {"DATABASE_URL": two}) as server:
        said = [line["message"] for line in lines(server)]
    assert not [message for message in said if "cannot be reached" in message]


def start(url: str, more: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Return status and last line of a server that does not start."""
    variables = {"DATABASE_URL": url, "JWT_SECRET": secrets.token_urlsafe(48), "PORT": "0"}
    variables |= more or {}
    run = subprocess.run(
        [sys.executable, "-m", "server"],
        cwd=ROOT,
        env=environment({**variables, "CORS_ORIGIN": "http://localhost:3000"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert run.stderr.count("\n") == 1, run.stderr
    return run.returncode, run.stderr.strip()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: url + "?ssl=true", "does not support SSL"),
        (lambda url: render(url, password="a-wrong-word"), "authentication failed"),
        (lambda url: render(url, username="nobody_here"), "nobody_here"),
        (lambda url: render(url, database="nothing_here"), "nothing_here"),
        (lambda url: url + "?sslmode=requir", "sslmode"),
    ],
)
def test_what_cannot_become_right_stops_the_start(
    schema: Schema, change: object, said: str
) -> None:
    with psycopg.connect(schema.owner) as connection:
        row = connection.execute("SHOW ssl").fetchone()
    assert row == ("off",)
    status, sentence = start(change(schema.api))  # type: ignore[operator]
    assert status == 2
    assert sentence.startswith("DATABASE_URL ")
    assert said in sentence
    assert sentence.endswith(".")
    for word in (str(make_url(schema.api).password), "a-wrong-word"):
        assert word not in sentence


def test_a_database_that_is_down_is_named_and_stops_nothing(tmp_path: Path) -> None:
    url = f"postgresql://api:hidden-word@127.0.0.1:{free_port()}/tasks"
    with serving(tmp_path, {"DATABASE_URL": url}) as server:
        (said,) = [line["message"] for line in lines(server) if "DATABASE_URL" in line["message"]]
    assert "Connection refused" in said
    assert "hidden-word" not in said
