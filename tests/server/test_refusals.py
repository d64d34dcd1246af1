"""The start ends with what only the operator can mend, and goes on with what may pass."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server, socket

import jwt
import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from server.__main__ import _check_database
from server.database_url import connection_parameters
from server.session import UnusableDatabaseError
from server.settings import Settings, SettingsError
from steps.process.ports import free_port
from tests.server.databases import Databases, Schema, render
from tests.server.serving import connect, lines, serving, until_closed
from tests.server.test_database_url import start


@pytest.fixture(scope="module")
def schema(owner_url: str) -> Iterator[Schema]:
    databases = Databases(owner_url)
    yield databases.migrated("ann")
    databases.drop()


@contextmanager
def refusing(state: str, text: str) -> Iterator[int]:
    """Be a PostgreSQL, or a pooler, that answers every login with this error; yield the port."""
    fields = {b"S": "FATAL", b"V": "FATAL", b"C": state, b"M": text}
    body = b"".join(name + value.encode() + b"\0" for name, value in fields.items()) + b"\0"
    answer = b"E" + struct.pack("!i", len(body) + 4) + body

    def serve(listener: socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while True:
                    length, code = struct.unpack("!ii", connection.recv(8))
                    if code not in (80877103, 80877104):  # asks for TLS, or for GSSAPI
                        break
                    connection.sendall(b"N")
                connection.recv(length - 8)
                connection.sendall(answer)

    with create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(2)


def refusal(url: str) -> str:
    """Return the sentence with which the start would end; what the process does is tried above."""
    try:
        settings = Settings(
            database_url=url,
            jwt_secret="s" * 32,
            cors_origin="http://localhost:3000",  # type: ignore[arg-type]
        )
        asyncio.run(_check_database(settings))
    except ValidationError as error:
        return "DATABASE_URL " + error.errors()[0]["msg"].removeprefix("Value error, ")
    except (SettingsError, UnusableDatabaseError) as error:
        return str(error)
    return ""


def test_a_lasting_error_ends_the_process() -> None:
    with refusing("28P01", "Passwort falsch") as port:
        status, sentence = start(f"postgresql://api:hidden-word@127.0.0.1:{port}/tasks")
    assert status == 2
    assert sentence.startswith("DATABASE_URL leads to no connection: ")
    assert sentence.endswith("Passwort falsch: correct it.")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("28P01", "Passwort-Authentifizierung für Benutzer »api« fehlgeschlagen"),
        ("28000", "kein pg_hba-Eintrag"),
        ("3D000", "Datenbank »tasks« existiert nicht"),
        ("42501", "keine Berechtigung, um den Parameter zu setzen"),
        ("42704", "unbekannter Konfigurationsparameter"),
        ("22023", "ungültiger Wert"),
        ("55P02", "kann jetzt nicht geändert werden"),
        ("08P01", "no such database: tasks"),
        ("08P01", "unsupported startup parameter: options"),
    ],
)
def test_a_lasting_error_of_any_language_stops_the_start(state: str, said: str) -> None:
    with refusing(state, said) as port:
        sentence = refusal(f"postgresql://api:hidden-word@127.0.0.1:{port}/tasks")
    assert sentence.startswith("DATABASE_URL leads to no connection: ")
    assert sentence.endswith(": correct it.")
    assert said in sentence
    assert "hidden-word" not in sentence


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("57P03", "das Datenbanksystem startet"),
        ("53300", "zu viele Verbindungen"),
        ("57P01", "Verbindung wird abgebrochen"),
        ("08P01", "pgbouncer cannot connect to server"),
    ],
)
def test_what_may_pass_stops_nothing(
    caplog: pytest.LogCaptureFixture, state: str, said: str
) -> None:
    with refusing(state, said) as port:
        assert refusal(f"postgresql://api:hidden-word@127.0.0.1:{port}/tasks") == ""
    (line,) = caplog.messages
    assert "cannot be reached yet" in line
    assert said in line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("options=-c%20bogus%3D1", "bogus"),
        ("options=--foo", "foo"),
        ("options=-c%20work_mem%3Dabc", "work_mem"),
        ("options=-c%20log_statement%3Dall", "log_statement"),
        ("options=-c%20statement_timeout%3D1", "statement timeout"),
        ("options=-c%20synchronous_commit%3Doff", "synchronous_commit"),
    ],
)
def test_options_that_postgresql_refuses_stop_the_start(
    schema: Schema, options: str, said: str
) -> None:
    sentence = refusal(f"{schema.api}?{options}")
    assert sentence.startswith("DATABASE_URL")
    assert said in sentence
    assert str(make_url(schema.api).password) not in sentence


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PGOPTIONS", "-c bogus=1"),
        ("PGTZ", "bogus"),
        ("PGDATESTYLE", "bogus"),
        ("PGGEQO", "x"),
        ("PGREQUIREAUTH", "none"),
        ("PGSSLMODE", "bogus"),
        ("PGSERVICE", "none"),
        ("PGLOADBALANCEHOSTS", "x"),
        ("PGTARGETSESSIONATTRS", "standby"),
        ("PGTARGETSESSIONATTRS", "read-only"),
    ],
)
def test_a_variable_of_libpq_is_named(
    schema: Schema, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    sentence = refusal(schema.api)
    assert sentence.startswith(f"DATABASE_URL (or {variable} of the environment) ")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("replication=true", "replication"),
        ("replication=database", "replication"),
        ("keepalives=abc", "keepalives"),
        ("tcp_user_timeout=x", "tcp_user_timeout"),
        ("hostaddr=bogus", "hostaddr"),
        ("hostaddr=127.0.0.1,127.0.0.2", "hostaddr"),
    ],
)
def test_an_option_that_libpq_reads_late_is_refused(option: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^has [^\n]*{said}"):
        connection_parameters(f"postgresql://u:p@127.0.0.1/d?{option}")


def two_hosts(url: str, first: str) -> str:
    api = make_url(url)
    name = f"{api.username}:{api.password}"
    return f"postgresql://{name}@{first},{api.host}:{api.port}/{api.database}"


def test_of_two_hosts_both_have_to_refuse(schema: Schema, caplog: pytest.LogCaptureFixture) -> None:
    wrong = render(schema.api, password="a-wrong-word")
    with refusing("28P01", "Passwort falsch") as port:
        sentence = refusal(two_hosts(wrong, f"127.0.0.1:{port}"))
    assert "Passwort falsch" in sentence
    assert "a-wrong-word" not in sentence
    assert refusal(two_hosts(wrong, f"127.0.0.1:{free_port()}")) == ""
    assert "cannot be reached yet" in caplog.messages[-1]


def test_a_role_that_commits_without_waiting_is_named(
    schema: Schema, caplog: pytest.LogCaptureFixture
) -> None:
    role = make_url(schema.api).username
    with psycopg.connect(schema.owner, autocommit=True) as owner:
        owner.execute(f"ALTER ROLE {role} SET synchronous_commit = off".encode())
        try:
            assert refusal(schema.api) == ""
        finally:
            owner.execute(f"ALTER ROLE {role} RESET synchronous_commit".encode())
    (said,) = caplog.messages
    assert said.endswith("may lose what was acknowledged: synchronous_commit is set for the role.")


def test_a_database_without_tables_or_rights_is_named_at_the_start_and_with_each_request(
    owner_url: str, schema: Schema, tmp_path: Path
) -> None:
    databases = Databases(owner_url)
    try:
        bare = databases.login(databases.create(), "")
        for url, remedy in (
            (bare, "alembic upgrade head"),
            (databases.login(schema.owner, ""), "tasks_runtime"),
        ):
            secret = "s" * 32
            with serving(tmp_path, {"DATABASE_URL": url, "JWT_SECRET": secret}) as server:
                (said,) = [one["message"] for one in lines(server) if one["level"] == "warning"]
                assert remedy in said
                claims = {"sub": "ann", "exp": int(time.time()) + 60}
                sent = f"Authorization: Bearer {jwt.encode(claims, secret)}\r\n".encode()
                with connect(server) as connection:
                    connection.sendall(
                        b"GET /api/ann/tasks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + sent
                        + b"\r\n"
                    )
                    assert until_closed(connection)[9:12] == b"500"
                (line,) = [one for one in lines(server) if one.get("status") == 500]
                assert line["why"] == said
    finally:
        databases.drop()
